"""Decades of real countries: changes imported, resolved between published days, and compared.

A case is a folder with `case.toml`, `changes.csv`, and what is published apart from the changes: `days.csv`,
`rosters.csv` (units named in the changes, by the first and last published day on which they stand without
a gap), `expected.csv` (code and day, and the code on another day). See docs/histories.md.
"""

import csv
import tomllib
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from merger.lineage import Lineage, Request, Resolution, build
from merger.mapping import load
from merger.mapping.models import UnitKind
from merger.mapping.tables import read_changes
from merger.testing.campaigns.outcome import Note, Outcome

KIND = UnitKind.COMMUNE
WITHOUT_CANDIDATES = frozenset({"ended", "created", "successor-unknown", "predecessor-unknown"})
"""Reasons that say that nothing, or nothing known, is on the other side."""


@dataclass(frozen=True, slots=True)
class Pair:
    """What is published: the unit `old` of the day `at` is, or is in, the unit `new` of the day `to`."""

    old: str
    at: date
    new: str
    to: date


@dataclass(frozen=True, slots=True)
class Case:
    """One country. `rosters`: codes and names of the units named in the changes, by published day."""

    folder: Path
    title: str
    same_day: str
    rosters: dict[date, dict[str, str]]
    pairs: tuple[Pair, ...]

    @classmethod
    def read(cls, folder: Path) -> "Case":
        told = tomllib.loads((folder / "case.toml").read_text("utf-8"))
        days = [date.fromisoformat(row["day"]) for row in _rows(folder / "days.csv")]
        rosters: dict[date, dict[str, str]] = {day: {} for day in days}
        for row in _rows(folder / "rosters.csv"):
            first, last = date.fromisoformat(row["first"]), date.fromisoformat(row["last"])
            for day in days[bisect_left(days, first) : bisect_right(days, last)]:
                rosters[day][row["code"]] = row["name"]
        pairs = tuple(
            Pair(row["code"], date.fromisoformat(row["at"]), row["expected"], date.fromisoformat(row["to"]))
            for row in _rows(folder / "expected.csv")
        )
        return cls(folder, told["title"], told["same_day"], rosters, pairs)

    def lineage(self) -> Lineage:
        """The changes, through the importer, files of definitions and their reader."""
        with TemporaryDirectory(prefix="merger-history-") as place:
            for draft in read_changes([self.folder / "changes.csv"], "history", KIND, self.same_day).drafts:
                (Path(place) / draft.name).write_text(draft.text, "utf-8")
            return build(load([Path(place)]).mapping)


@dataclass
class Judged:
    """How the answers compare. `counts` by what was compared and how it ended; `wrong`, in words."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def count(self, what: str, ended: str) -> None:
        self.counts[f"{what}: {ended}"] += 1


def cases(folder: Path) -> list[Case]:
    """All countries of a folder, by name."""
    return [Case.read(path.parent) for path in sorted(folder.glob("*/case.toml"))]


def judge(case: Case, lineage: Lineage, days: Sequence[date] | None = None) -> Judged:
    """Compares rosters, pairs, and every code between any two of `days` (default: five published ones)."""
    judged = Judged()
    _rosters(case, lineage, judged)
    compare_pairs(case, lineage, judged)
    _every_code(case, lineage, judged, days if days is not None else spread(sorted(case.rosters)))
    return judged


def compare_pairs(case: Case, lineage: Lineage, judged: Judged) -> None:
    """Compares what is published of codes of two days, asked from either side."""
    _pairs(case, lineage, judged, forward=True)
    _pairs(case, lineage, judged, forward=False)


def spread(days: Sequence[date], most: int = 5) -> list[date]:
    """At most so many of the days, evenly, the first and the last among them."""
    if len(days) <= most:
        return list(days)
    return [days[round(number * (len(days) - 1) / (most - 1))] for number in range(most)]


def run(folder: Path, note: Note) -> Outcome:
    """Every country of a folder: notes with its counts, failures in words."""
    outcome = Outcome("histories")
    for case in cases(folder):
        note(f"histories: {case.title}")
        judged = judge(case, case.lineage())
        outcome.notes += [f"{case.title}: {what} {count:,}" for what, count in sorted(judged.counts.items())]
        outcome.counts[f"{case.title} answers"] += sum(judged.counts.values())
        outcome.failures += [f"{case.title}: {words}" for words in judged.wrong]
    return outcome


def _rosters(case: Case, lineage: Lineage, judged: Judged) -> None:
    for day, listed in case.rosters.items():
        found = {version.code: version.name for version in lineage.roster(KIND, day)}
        for code in sorted(found.keys() | listed.keys()):
            if code not in found:
                judged.wrong.append(f"{code} is listed on {day}, and not in force")
            elif code not in listed:
                judged.wrong.append(f"{code} is in force on {day}, and not listed")
            elif listed[code] and found[code] != listed[code]:
                judged.count("rosters", "other name")
            else:
                judged.count("rosters", "right")


def _pairs(case: Case, lineage: Lineage, judged: Judged, *, forward: bool) -> None:
    """The pairs asked from one side; what is published of the other may be several units."""
    published: dict[tuple[str, date, date], set[str]] = defaultdict(set)
    for pair in case.pairs:
        if forward:
            published[pair.old, pair.at, pair.to].add(pair.new)
        else:
            published[pair.new, pair.to, pair.at].add(pair.old)
    what = "forward" if forward else "backward"
    for (code, at, to), right in sorted(published.items()):
        found = lineage.resolve(Request(code, KIND, at, to))
        got = {successor.code for successor in found.successors}
        words = f"{code} of {at} on {to} is {_written(got)} ({found.reason}), published {_written(right)}"
        if not found.outcome.decided:
            known = right <= got or found.reason in WITHOUT_CANDIDATES
            judged.count(what, f"undecided, {found.reason}")
            if not known:
                judged.wrong.append(words)
        elif got == right or (found.reason == "by-release" and got < right):
            judged.count(what, "right")
        else:
            judged.wrong.append(words)


def _every_code(case: Case, lineage: Lineage, judged: Judged, days: Sequence[date]) -> None:
    """Every answer is one: a unit that is listed on the day asked for, or a reason."""
    for at in days:
        for code in sorted(case.rosters[at]):
            for to in days:
                found = lineage.resolve(Request(code, KIND, at, to))
                judged.count("all codes", str(found.outcome))
                judged.wrong += _unlisted(case.rosters[to], code, at, to, found)


def _unlisted(listed: dict[str, str], code: str, at: date, to: date, found: Resolution) -> Iterator[str]:
    for successor in found.successors:
        if successor.code not in listed:
            yield f"{code} of {at} on {to} is {successor.code}, which is not listed then"
    if not found.reason or found.outcome in ("unknown", "not-valid"):
        yield f"{code} of {at} on {to}: {found.outcome}, {found.reason or 'no reason'}"


def _written(codes: set[str]) -> str:
    return ", ".join(sorted(codes)) or "nothing"


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
