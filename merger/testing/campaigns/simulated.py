"""Histories made up piece by piece: each unit is a set of pieces of land that never change, so who has which
piece on which day is known without any lineage, and every answer can be judged.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from merger.lineage import Lineage, Request, build
from merger.mapping.models import Mapping, UnitKind, UnitsFile

KIND = UnitKind.COMMUNE
FIRST = date(2000, 1, 1)
SPARE = ("91", "92", "93")
"""Codes that nothing bears at first."""

Pieces = frozenset[str]
State = dict[str, Pieces]


@dataclass
class History:
    """The changes as a file tells them, and what every unit consists of from each of the days on."""

    changes: list[dict[str, Any]] = field(default_factory=list)
    states: dict[date, State] = field(default_factory=dict)

    @property
    def mapping(self) -> Mapping:
        """The changes as definitions, in the codes of no country."""
        told = {
            "schema": "merger/units/1",
            "id": "simulated",
            "codes": "other",
            "effective": date(2100, 1, 1),
        }
        return Mapping(units=(UnitsFile.model_validate(told | {"changes": self.changes}),))

    @property
    def codes(self) -> set[str]:
        """The units that a file of changes knows."""
        return {code for change in self.changes for code in (change["from"], change["to"])}


class _Maker:
    """Units merge, into one of them or a new one, change and swap codes, and are given back under their code.

    A unit given back is what it was when its code was last given up. Events of a day happen together, each to
    units of its own, or one after the other, in steps.
    """

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.history = History()
        self.state: State = {
            f"{number:02d}": frozenset([f"{number:02d}"]) for number in range(chance.randint(3, 7))
        }
        self.given_up: State = {}
        self.day = FIRST
        self.seq: int | None = None
        self.free: set[str] = set()
        self.taken: set[str] = set()
        self.after: State = {}

    def run(self) -> History:
        self.history.states[FIRST] = dict(self.state)
        for _ in range(self.chance.randint(2, 7)):
            self.day += timedelta(days=400)
            told = len(self.history.changes)
            in_steps = self.chance.random() < 0.3
            self.free, self.taken, self.after = set(self.state), set(self.state), dict(self.state)
            for number in range(self.chance.choice([1, 1, 2, 3])):
                self.seq = number + 1 if in_steps else None
                if in_steps:
                    self.state = dict(self.after)
                    self.free, self.taken = set(self.state), set(self.state)
                self.chance.choice(
                    [self.merge, self.merge, self.give_back, self.give_back, self.recode, self.swap]
                )()
            self.state = self.after
            if len(self.history.changes) > told:
                self.history.states[self.day] = dict(self.state)
        return self.history

    def tell(self, old: str, new: str, *, part: bool = False) -> None:
        extent = {"land": "part", "people": "some"} if part else {"land": "whole", "people": "all"}
        change = {
            "date": self.day,
            "from": old,
            "to": new,
            "what": "split" if part else "merge",
            "seq": self.seq,
        }
        self.history.changes.append(change | extent)
        self.free -= {old, new}
        self.taken |= {old, new}

    def merge(self) -> None:
        if len(self.free) < 2:
            return
        units = self.chance.sample(sorted(self.free), min(self.chance.choice([2, 2, 3]), len(self.free)))
        new = units[0] if self.chance.random() < 0.8 else self.unused()
        if new:
            pieces = frozenset[str]().union(*(self.state[unit] for unit in units))
            for unit in units:
                self.tell(unit, new)
                self.give_up(unit, new)
            self.after[new] = pieces

    def give_back(self) -> None:
        held = [
            (holder, code)
            for holder in sorted(self.free)
            for code, pieces in sorted(self.given_up.items())
            if code not in self.taken and pieces < self.state[holder]
        ]
        if not held:
            return
        holder, code = self.chance.choice(held)
        back, rest = [code], self.state[holder] - self.given_up[code]
        for other, more in held:
            if other == holder and self.given_up[more] < rest and self.chance.random() < 0.3:
                back.append(more)
                rest -= self.given_up[more]
        for new in (holder, *back):
            self.tell(holder, new, part=True)
            self.after[new] = self.given_up[new] if new in back else rest

    def recode(self) -> None:
        new = self.unused()
        if self.free and new:
            old = self.chance.choice(sorted(self.free))
            pieces = self.state[old]
            self.tell(old, new)
            self.give_up(old, new)
            self.after[new] = pieces

    def swap(self) -> None:
        if len(self.free) > 1:
            one, other = self.chance.sample(sorted(self.free), 2)
            self.tell(one, other)
            self.tell(other, one)
            self.after[one], self.after[other] = self.state[other], self.state[one]

    def give_up(self, old: str, new: str) -> None:
        if old != new:
            self.given_up[old] = self.state[old]
            del self.after[old]

    def unused(self) -> str:
        codes = [code for code in (*SPARE, *sorted(self.given_up)) if code not in self.taken]
        return self.chance.choice(codes) if codes else ""


def history(chance: Random) -> History:
    """A made-up history."""
    return _Maker(chance).run()


def judged(made: History, counts: Counter[str]) -> Iterator[str]:
    """Every unit between any two days on which something happened: what is wrong, in words.

    An answer that is decided is right; one that is not has all the right units among its candidates.
    """
    lineage = build(made.mapping)
    yield from (f"the changes contradict each other: {finding.code}" for finding in lineage.findings)
    for at, before in made.states.items():
        for to, after in made.states.items():
            for code in sorted(before.keys() & made.codes):
                holders = {unit for unit, pieces in after.items() if pieces & before[code]}
                yield from _answer(lineage, Request(code, KIND, at, to), holders, counts)


def _answer(lineage: Lineage, asked: Request, holders: set[str], counts: Counter[str]) -> Iterator[str]:
    found = lineage.resolve(asked)
    got = {one.code for one in found.successors}
    if found.outcome.decided:
        counts["right" if got == holders else "wrong"] += 1
    else:
        counts["undecided, of several" if len(holders) > 1 else "undecided, of one"] += 1
    if got != holders if found.outcome.decided else not holders <= got:
        told = (
            f"{', '.join(sorted(got)) or 'nothing'} ({found.reason}) instead of {', '.join(sorted(holders))}"
        )
        yield f"{asked.code} of {asked.at} on {asked.to} is {told}"


def failures(seeds: Sequence[int], counts: Counter[str]) -> Iterator[str]:
    """What is wrong in the histories of these seeds, with the changes that led to it."""
    for seed in seeds:
        made = history(Random(seed))
        for words in judged(made, counts):
            told = "; ".join(
                f"{one['date']}{'' if one['seq'] is None else '.' + str(one['seq'])} "
                f"{one['from']} -> {one['to']} {one['land']}"
                for one in made.changes
            )
            yield f"simulated history {seed}: {words} [{told}]"
