"""France: codes recoded with their departments, one department since 1943, the whole country since 2019.

The lists of communes are INSEE's as the package `@etalab/decoupage-administratif` publishes them by year;
they also say which former codes became which commune. `facts.csv` holds what no list says: the
days of Eure-et-Loir's changes before 2016, and three more cases.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

from histories.tables import Case, Rosters, Row, divided, facts, merged
from merger.testing.campaigns.histories import Pair

VERSIONS = {
    2019: "0.7.0",
    2021: "1.1.1",
    2022: "2.3.1",
    2023: "3.1.1",
    2024: "4.1.0",
    2025: "5.3.0",
    2026: "6.0.0",
}
"""The package's version by the year whose first day it describes. There is none of 2020."""

RECODED = {
    ("38", "69"): date(1967, 12, 31),
    ("01", "69"): date(1967, 12, 31),
    ("20", "2A"): date(1976, 1, 1),
    ("20", "2B"): date(1976, 1, 1),
} | {(old, new): date(1968, 1, 1) for old in ("75", "78") for new in ("91", "92", "93", "94", "95")}
"""When communes of a part of a department got codes of another one: around Lyon, Corsica, around Paris."""

ASKED = (date(1950, 1, 1), date(1975, 1, 1), date(1985, 1, 1), date(1995, 1, 1), date(2016, 6, 1))
"""Days before the first list on which the units of the facts are asked for."""

DEPARTMENT = "28"
FACTS = Path(__file__).resolve().parents[2] / "fixtures" / "histories" / "france" / "facts.csv"


@dataclass(frozen=True, slots=True)
class Year:
    """One list: names by code, former codes by today's commune, and what is a part of which commune."""

    day: date
    names: dict[str, str]
    became: dict[str, str]
    within: dict[str, str]

    @classmethod
    def read(cls, packages: Path, year: int) -> "Year":
        path = packages / "etalab" / VERSIONS[year] / "package" / "data" / "communes.json"
        told = json.loads(path.read_text("utf-8"))
        communes = [one for one in told if one["type"] == "commune-actuelle"]
        return cls(
            date(year, 1, 1),
            {one["code"]: one["nom"] for one in communes},
            {old: one["code"] for one in communes for old in one.get("anciensCodes", ())},
            {one["code"]: one["chefLieu"] for one in told if one.get("chefLieu", one["code"]) != one["code"]},
        )


def case(packages: Path) -> Case:
    """The case, from the unpacked versions of the package in `etalab/VERSION`."""
    left: Counter[str] = Counter()
    years = [Year.read(packages, year) for year in VERSIONS]
    rows = list(facts(FACTS))
    rows += _by_2019(rows, years)
    for before, after in pairwise(years):
        rows += _between(before, after)
    rows += _earlier_mergers(rows, years)
    rows = list(_recoded(rows, years[-1], left)) + rows
    rows = _named(sorted(rows, key=lambda row: row.day), years)
    rosters: Rosters = {year.day: year.names for year in years}
    return Case(rows, rosters, sorted(set(_pairs(rows, years)), key=str), left)


def _between(before: Year, after: Year) -> Iterator[Row]:
    """What happened between two lists, dated by the second one."""
    name = f"l{after.day.year}"
    gone = sorted(before.names.keys() - after.names.keys())
    into: dict[str, list[str]] = defaultdict(list)
    for code in gone:
        into[after.became[code]].append(code)
    for number, (new, olds) in enumerate(sorted(into.items()), start=1):
        if len(olds) == 1 and new not in before.names:
            yield Row(after.day, f"{name}-{number}", "recode", olds[0], "", new, "", "whole")
        else:
            yield from merged(after.day, f"{name}-{number}", olds, new, goes_on=new in before.names)
    released: dict[str, list[str]] = defaultdict(list)
    for code in sorted(after.names.keys() - before.names.keys() - into.keys()):
        released[before.within[code]].append(code)
    for number, (old, news) in enumerate(sorted(released.items()), start=1):
        yield from divided(after.day, f"{name}-r{number}", old, news)


def _by_2019(rows: Iterable[Row], years: list[Year]) -> Iterator[Row]:
    """Mergers of the department that no fact dates: by the first list, on which the unit is missing."""
    told = {row.old for row in rows if row.old != row.new}
    first, last = years[0], years[-1]
    into: dict[str, list[str]] = defaultdict(list)
    for old in sorted(last.became):
        if old.startswith(DEPARTMENT) and old not in told and old not in first.names:
            into[years[1].became[old]].append(old)
    for number, (new, olds) in enumerate(sorted(into.items()), start=1):
        yield from merged(first.day, f"l2019-{number}", olds, new)


def _earlier_mergers(rows: Iterable[Row], years: list[Year]) -> Iterator[Row]:
    """The mergers of units released after 2019, which the first list has as parts of another one."""
    first = years[0]
    into: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row.kind == "split" and row.day > first.day and row.old != row.new and row.new in first.within:
            into[first.within[row.new]].append(row.new)
    for number, (new, olds) in enumerate(sorted(into.items()), start=1):
        yield from merged(first.day, f"l2019-p{number}", sorted(olds), new)


def _recoded(rows: Iterable[Row], last: Year, left: Counter[str]) -> Iterator[Row]:
    """New codes with the old digits, or where nothing bears these, the code that nothing else got."""
    followed = {row.old for row in rows} | last.names.keys()
    pairs = [
        (day, old, after + old[2:], today)
        for old, today in sorted(last.became.items())
        for (before, after), day in RECODED.items()
        if old[:2] == before and today[:2] == after
    ]
    taken = Counter(today for _, _, _, today in pairs)
    for day, old, new, today in pairs:
        if new not in followed and new not in last.became and taken[today] == 1:
            yield Row(day, f"d{old}", "recode", old, "", today, "", "whole")
        elif new in followed and last.became.get(new, new) == today:
            yield Row(day, f"d{old}", "recode", old, "", new, "", "whole")
        else:
            left["recoded with their department, merged before 2019"] += 1


def _named(rows: Iterable[Row], years: list[Year]) -> list[Row]:
    """The rows with the names of the lists, where the unit is on the last list before, or the first after."""
    done = []
    for row in rows:
        old = next((y.names[row.old] for y in reversed(years) if y.day < row.day and row.old in y.names), "")
        new = next((y.names[row.new] for y in years if y.day >= row.day and row.new in y.names), "")
        sides = (row.old, old, row.new, new)
        done.append(Row(row.day, row.event, row.kind, *sides, row.extent))
    return done


def _pairs(rows: list[Row], years: list[Year]) -> Iterator[Pair]:
    """Codes of earlier days and what the last list says of them."""
    last = years[-1]
    for day in (*ASKED, *(year.day for year in years[:-1])):
        for code in sorted(_in_force(rows, day)):
            today = code if code in last.names else last.became.get(code)
            if today is not None:
                yield Pair(code, day, today, last.day)


def _in_force(rows: list[Row], day: date) -> set[str]:
    """The units of the rows on a day, by nothing but who comes and who goes."""
    seen: set[str] = set()
    now: set[str] = set()
    for row in rows:
        if row.day <= day:
            now = now - {row.old} | ({row.new} if row.new else set())
    for row in rows:
        for code, is_old in ((row.old, True), (row.new, False)):
            if code and code not in seen:
                seen.add(code)
                if is_old and row.day > day:
                    now.add(code)
    return now
