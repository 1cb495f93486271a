"""The files of a case: changes, rosters of published days, and pairs of codes that are published."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from merger.testing.campaigns.histories import Pair

CHANGES = ("date", "event_id", "kind", "from_code", "from_name", "to_code", "to_name", "extent", "share")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of changes-csv. A side that is empty has no code."""

    day: date
    event: str
    kind: str
    old: str = ""
    old_name: str = ""
    new: str = ""
    new_name: str = ""
    extent: str = ""
    source: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        sides = (self.old, self.old_name, self.new, self.new_name)
        return (self.day.isoformat(), self.event, self.kind, *sides, self.extent, "", self.source)


Rosters = Mapping[date, Mapping[str, str]]
"""By published day the units in force, their codes and names."""


@dataclass(frozen=True, slots=True)
class Case:
    """All of a country. `left_out`: what is not in it, by reason, and how often."""

    changes: Sequence[Row]
    rosters: Rosters
    pairs: Sequence[Pair]
    left_out: Mapping[str, int]

    def write(self, folder: Path) -> None:
        """Writes the files. The same case gives the same bytes."""
        folder.mkdir(parents=True, exist_ok=True)
        with_source = any(row.source for row in self.changes)
        width = len(CHANGES) + with_source
        rows = [row.cells[:width] for row in self.changes]
        _write(folder / "changes.csv", (*CHANGES, "source")[:width], rows)
        named = {code for row in self.changes for code in (row.old, row.new) if code}
        _write(folder / "days.csv", ("day",), ([day.isoformat()] for day in sorted(self.rosters)))
        _write(folder / "rosters.csv", ("code", "name", "first", "last"), _spans(self.rosters, named))
        pairs = sorted(self.pairs, key=lambda pair: (pair.at, pair.to, pair.old, pair.new))
        _write(
            folder / "expected.csv",
            ("code", "at", "to", "expected"),
            ([pair.old, pair.at.isoformat(), pair.to.isoformat(), pair.new] for pair in pairs),
        )
        _write(folder / "left-out.csv", ("reason", "count"), sorted(self.left_out.items()))


def facts(path: Path) -> Iterator[Row]:
    """Events that people collected, one a line: day, kind, units of before, units of after.

    `merge`: into one that goes on; `form`: together a new one; `release`: parts of one that goes on;
    `divide`: parts of one that does not; other kinds: each unit of before is wholly the one of after.
    """
    with path.open(encoding="utf-8", newline="") as file:
        for number, one in enumerate(csv.DictReader(file), start=1):
            day, event, olds, news = (
                date.fromisoformat(one["date"]),
                f"f{number}",
                one["from"].split(),
                one["to"].split(),
            )
            if one["kind"] in ("release", "divide"):
                yield from divided(day, event, olds[0], news, goes_on=one["kind"] == "release")
            elif one["kind"] in ("merge", "form"):
                yield from merged(day, event, olds, news[0], goes_on=one["kind"] == "merge")
            else:
                yield from (Row(day, event, one["kind"], old, "", news[0], "", "whole") for old in olds)


def merged(day: date, event: str, olds: Iterable[str], new: str, *, goes_on: bool = True) -> Iterator[Row]:
    """Units that become one; `goes_on`: it was there before."""
    for old in (*olds, *([new] if goes_on else [])):
        yield Row(day, event, "merge", old, "", new, "", "whole")


def divided(day: date, event: str, old: str, news: Iterable[str], *, goes_on: bool = True) -> Iterator[Row]:
    """A unit in parts; `goes_on`: one of them is still itself."""
    for new in (*([old] if goes_on else []), *news):
        yield Row(day, event, "split", old, "", new, "", "part")


def _spans(rosters: Rosters, named: set[str]) -> Iterable[Sequence[object]]:
    """Units and names by the first and last of the published days on which they stand without a gap."""
    days = sorted(rosters)
    for code in sorted(named):
        first: date | None = None
        name = ""
        for before, day in zip([None, *days], [*days, None], strict=True):
            now = rosters[day].get(code) if day else None
            if first is not None and now != name and before is not None:
                yield code, name, first.isoformat(), before.isoformat()
                first = None
            if first is None and now is not None:
                first, name = day, now


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode("utf-8"))
