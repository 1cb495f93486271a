"""Histories of a land of parcels: what truly happened to each, and what a recorder writes of it.

Each parcel lies in one unit at a time. A step moves parcels: units merge, split, hand over parts, swap codes,
take up codes of former units, are given back. The record says of each pair of units what the law would say:
whole or part, all, some or none of the people. The truth is kept beside it, so that an answer made from the
record can be compared with where the parcels really are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from random import Random

from hypothesis import strategies as st

from merger.mapping.models import Follows, Mapping
from merger.testing.histories import Entry, mapping, units_file

DAYS = (date(2000, 1, 1), date(2004, 3, 1), date(2010, 7, 1), date(2015, 1, 1), date(2020, 12, 1))
"""On these days units may change."""

State = tuple[str, ...]
"""The code of the unit in which each parcel lies."""


@dataclass(slots=True)
class Land:
    """A true history. `people`: how many live on each parcel. `steps`: day, step of the day (from 1), and the
    state right after it; the first state is that of before."""

    people: tuple[int, ...]
    before: State
    steps: list[tuple[date, int, State]] = field(default_factory=list)
    last: dict[str, frozenset[int]] = field(default_factory=dict)

    @property
    def now(self) -> State:
        return self.steps[-1][2] if self.steps else self.before

    def on(self, day: date) -> State:
        """The state on a day, after all of its steps."""
        return next((state for when, _, state in reversed(self.steps) if when <= day), self.before)

    def parcels(self, code: str, state: State, by: Follows | None = None) -> frozenset[int]:
        """The parcels of a unit; by people, only those on which somebody lives."""
        lived = by is Follows.PEOPLE
        return frozenset(
            one for one, unit in enumerate(state) if unit == code and (self.people[one] or not lived)
        )

    def went(self, code: str, at: date, to: date, by: Follows | None) -> frozenset[str]:
        """Where the parcels that were in a unit on one day lie on another one, earlier or later."""
        there = self.on(to)
        return frozenset(there[one] for one in self.parcels(code, self.on(at), by))

    def possible(self, code: str, at: date, to: date, by: Follows | None) -> frozenset[str]:
        """Where they can lie by what is recorded: whatever can be reached over pairs of units that had a
        parcel (or people) go from the one to the other."""
        states = [self.on(at), *self._between(at, to)]
        reached = {code}
        for before, after in pairwise(states):
            pairs = {
                (before[one], after[one])
                for one in range(len(before))
                if self._counts(one, before, after, by, forward=to >= at)
            }
            reached = {new for old, new in pairs if old in reached}
        return frozenset(reached)

    def _counts(self, parcel: int, before: State, after: State, by: Follows | None, *, forward: bool) -> bool:
        if by is not Follows.PEOPLE or self.people[parcel]:
            return True
        old = before if forward else after
        return not any(self.people[one] for one in self.parcels(old[parcel], old))

    def _between(self, at: date, to: date) -> list[State]:
        first, last = sorted((at, to))
        states = [state for day, _, state in self.steps if first < day <= last]
        return states if to >= at else [*reversed(states[:-1]), self.on(to)] if states else []

    def move(self, day: date, step: int, state: State) -> None:
        """Adds a step; remembers what units that are no more consisted of."""
        for code in set(self.now):
            self.last[code] = self.parcels(code, self.now)
        self.steps.append((day, step, state))

    def record(self, chance: Random | None = None) -> Mapping:
        """What a careful recorder writes: one change for each pair of units of every step.

        With `chance` the recorder is tired: now and then an extent is left out, and the order is any.
        """
        changes: list[Entry] = []
        state = self.before
        for day, step, after in self.steps:
            changes += self._changes(day, step, state, after)
            state = after
        if not changes:
            changes = [{"date": DAYS[0], "what": "rename", "from": code, "to": code} for code in set(state)]
        if chance is not None:
            chance.shuffle(changes)
            changes = [_left_out(one, chance) for one in changes]
        return mapping(units_file(DAYS[0], [], codes="other", changes=changes))

    def _changes(self, day: date, step: int, before: State, after: State) -> list[Entry]:
        pairs = sorted(set(zip(before, after, strict=True)))
        stays = {
            old for old, new in pairs if old == new and self.parcels(old, before) == self.parcels(new, after)
        }
        found = [self._change(old, new, before, after) for old, new in pairs if old not in stays]
        return [{"date": day, "seq": step, **one} for one in found]

    def _change(self, old: str, new: str, before: State, after: State) -> Entry:
        of = self.parcels(old, before)
        gone = of & self.parcels(new, after)
        people, moved = sum(self.people[one] for one in of), sum(self.people[one] for one in gone)
        land = "whole" if gone == of else "part"
        if not people:
            amount = "all" if land == "whole" else "some"
        else:
            amount = "all" if moved == people else "some" if moved else "none"
        share = moved / people if people else len(gone) / len(of)
        return {"what": "merge", "from": old, "to": new, "land": land, "people": amount, "share": share}


def _left_out(change: Entry, chance: Random) -> Entry:
    left_out = chance.choice([(), (), (), ("land",), ("people",), ("land", "people")])
    return {**change, **dict.fromkeys(left_out, "unspecified")}


def _merge(land: Land, chance: Random, state: list[str]) -> None:
    units = sorted(set(state))
    joined = chance.sample(units, min(len(units), chance.choice([2, 2, 3])))
    code = chance.choice([*joined, _code(land, chance, state)])
    if code in units and code not in joined:
        return
    state[:] = [code if one in joined else one for one in state]


def _split(land: Land, chance: Random, state: list[str]) -> None:
    unit = chance.choice(sorted(set(state)))
    own = [one for one, code in enumerate(state) if code == unit]
    if len(own) < 2:
        return
    gone = chance.sample(own, chance.randint(1, len(own) - 1))
    code = _code(land, chance, state)
    if _looks_given_back(land, code, own) and frozenset(gone) != land.last[code]:
        return
    for one in gone:
        state[one] = code


def _give_back(land: Land, chance: Random, state: list[str]) -> None:
    for code in chance.sample(sorted(land.last), len(land.last)):
        holders = {state[one] for one in land.last[code]}
        if code not in state and len(holders) == 1:
            for one in land.last[code]:
                state[one] = code
            return


def _hand_over(_: Land, chance: Random, state: list[str]) -> None:
    units = sorted(set(state))
    if len(units) < 2:
        return
    giver, taker = chance.sample(units, 2)
    own = [one for one, code in enumerate(state) if code == giver]
    for one in chance.sample(own, chance.randint(1, len(own))):
        state[one] = taker


def _recode(land: Land, chance: Random, state: list[str]) -> None:
    units = sorted(set(state))
    old = chance.choice(units)
    new = chance.choice([*units, _code(land, chance, state)])
    turned = {old: new, new: old}
    state[:] = [turned.get(one, one) for one in state]


def _code(land: Land, chance: Random, state: Sequence[str]) -> str:
    """A code that is not in use: a former unit's, or a new one."""
    former = sorted(set(land.last) - set(state))
    return chance.choice([f"{chr(ord('A') + len(land.last) + len(set(state)))}", *former[:2]])


def _looks_given_back(land: Land, code: str, own: Sequence[int]) -> bool:
    return code in land.last and land.last[code] <= set(own)


EVENTS: tuple[Callable[[Land, Random, list[str]], None], ...] = (
    _merge,
    _split,
    _hand_over,
    _recode,
    _give_back,
    _give_back,
)


def land_of(chance: Random, parcels: int, steps: int) -> Land:
    """A history of some steps, made by chance; what happens in one step happens together."""
    units = [chr(ord("a") + chance.randrange(parcels)) for _ in range(parcels)]
    land = Land(tuple(chance.choice([0, 1, 3]) for _ in units), tuple(units))
    days = sorted(chance.choice(DAYS) for _ in range(steps))
    for number, day in enumerate(days):
        state = list(land.now)
        for _ in range(chance.choice([1, 1, 2])):
            chance.choice(EVENTS)(land, chance, state)
        step = number + 1 - days.index(day)
        if not _disguised(land, tuple(state)):
            land.move(day, step, tuple(state))
    return land


def _disguised(land: Land, after: State) -> bool:
    """Whether a unit would seem given back that is not: a part of the unit that holds all of a former one,
    under the code of this one, but of other parcels. No record could tell."""
    for code in set(after) - set(land.now):
        holders = {land.now[one] for one in land.parcels(code, after)}
        former = land.last.get(code)
        if not former or len(holders) > 1 or former == land.parcels(code, after):
            continue
        if former <= land.parcels(next(iter(holders)), land.now):
            return True
    return False


def lands(parcels: int = 7, steps: int = 6) -> st.SearchStrategy[Land]:
    """True histories of up to so many parcels and steps."""
    return st.builds(
        land_of, st.randoms(use_true_random=False), st.integers(2, parcels), st.integers(1, steps)
    )
