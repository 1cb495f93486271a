"""Single cells changed behind the toolkit's back in platforms of each kind; verification must name each."""

import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from merger.migrate import api
from merger.migrate.campaign import Campaign
from merger.testing.campaigns.lanes import in_lanes
from merger.testing.campaigns.outcome import Note, Outcome
from merger.testing.corrupting import Told, told
from merger.testing.pairs.kinds import MARIADB, POSTGRESQL, SQLITE
from merger.testing.pairs.places import Pair, Servers, running, world_on
from merger.testing.pairs.spoiling import Cell, cells, other, put_back, write
from merger.testing.pairs.tables import PLATFORM
from merger.testing.pairs.trial import PairTrial, entered, quiet

PAIRS: tuple[Pair, ...] = ((POSTGRESQL, POSTGRESQL), (POSTGRESQL, MARIADB), (MARIADB, SQLITE))
"""One pair for every kind of platform."""
LANES = 2
AT_ONCE = 40
"""Cells that are spoilt when a verification is made, each in a row of its own, so that none hides another."""
SHOWN = 5


def run(
    count: int, number: int, note: Note, *, pairs: tuple[Pair, ...] = PAIRS, lanes: int = LANES
) -> Outcome:
    """`count` changed cells for each kind of platform, the columns by turns, 40 for each verification.

    What verification names by system, dataset, key, column and kind must be exactly what was changed.
    """
    outcome = Outcome("corruptions-pairs")
    with running(pairs) as servers, tempfile.TemporaryDirectory(prefix="merger-pairs-") as folder:

        def one(at: int) -> Outcome:
            return _of_pair(servers, Path(folder), pairs[at], count, Random(number + at))

        for found in in_lanes(len(pairs), one, lanes):
            outcome.counts.update(found.counts)
            outcome.failures += found.failures
            for line in (*found.notes, *found.failures):
                note(line)
    return outcome


def _of_pair(servers: Servers, folder: Path, pair: Pair, count: int, chance: Random) -> Outcome:
    name = "-".join(pair)
    outcome = Outcome(name)
    world = world_on(servers, folder / name, pair)
    with entered(world):
        trial = PairTrial.of(world)
        api.apply(trial.plan_file, 1, quiet)
        campaign = Campaign(world.job)
        filled = [
            cell
            for cell in cells(world)
            if cell.column in campaign.source(cell.system).profile.datasets[cell.dataset].columns
        ]
        choice = _Choice(filled, chance)
        left = count
        while left:
            some = choice.next(min(AT_ONCE, left))
            left -= len(some)
            write(world, ((one.cell, one.value, one.new) for one in some))
            try:
                _judge(outcome, {one.told for one in some}, _verified(trial))
            finally:
                put_back(world, [one.cell for one in some])
            outcome.counts["cells"] += len(some)
            outcome.counts["verifications"] += 1
        _judge(outcome, set(), _verified(trial))
        outcome.notes.append(f"{name}: {count} cells of {len(choice.columns)} columns")
    return outcome


def _verified(trial: PairTrial) -> set[Told]:
    return told(api.verify(str(trial.plan_file), False, False, quiet).differences)


def _judge(outcome: Outcome, expected: set[Told], found: set[Told]) -> None:
    outcome.counts["found to the column"] += len(expected & found)
    outcome.counts["false findings"] += len(found - expected)
    for words, wrong in (("not found", expected - found), ("false", found - expected)):
        outcome.failures += [f"{outcome.name}: {words}: {'/'.join(one)}" for one in sorted(wrong)[:SHOWN]]


@dataclass(frozen=True)
class _Spoilt:
    """A cell and what is written into it: a value as programs have it (`new`), or as the driver told it of
    another row."""

    cell: Cell
    value: Any
    new: bool

    @property
    def told(self) -> Told:
        return (self.cell.system, self.cell.dataset, self.cell.key, self.cell.column, "changed")


class _Choice:
    """Chooses cells, the columns by turns, each in a row of its own, and other values for them."""

    def __init__(self, every: Sequence[Cell], chance: Random) -> None:
        self.chance = chance
        self.columns: dict[tuple[str, str], list[Cell]] = defaultdict(list)
        for cell in every:
            self.columns[cell.table, cell.column].append(cell)
        self._turns: list[tuple[str, str]] = []

    def next(self, count: int) -> list[_Spoilt]:
        """So many cells to be spoilt at once."""
        found: list[_Spoilt] = []
        rows: set[tuple[str, Any]] = set()
        while len(found) < count:
            if not self._turns:
                self._turns = sorted(self.columns)
                self.chance.shuffle(self._turns)
            column = self._turns.pop()
            free = [one for one in self.columns[column] if (one.table, one.id) not in rows]
            spoilt = self._spoilt(self.chance.choice(free)) if free else None
            if spoilt is not None:
                rows.add((spoilt.cell.table, spoilt.cell.id))
                found.append(spoilt)
        return found

    def _spoilt(self, cell: Cell) -> _Spoilt | None:
        """Another value: nothing, one that another row has there, or one that differs by little."""
        table = PLATFORM[cell.table]
        alike = [one for one in self.columns[cell.table, cell.column] if _differ(one.value, cell.value)]
        ways: list[tuple[Any, bool]] = []
        if cell.value is not None and cell.column not in table.references:
            ways.append((other(cell), True))
        if cell.value is not None and cell.column not in table.required:
            ways.append((None, False))
        if alike and cell.column not in table.unique:
            ways.append((self.chance.choice(alike).native, False))
        if not ways:
            return None
        return _Spoilt(cell, *self.chance.choice(ways))


def _differ(one: Any, another: Any) -> bool:
    """Whether two values are not the same, also to those who do not tell 1 from true."""
    return bool(one != another) and repr(one) != repr(another)
