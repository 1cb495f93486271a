"""A record of a mapping's units as JSON, and back. Data only: reading it runs no code."""

import json
from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Any

from merger.lineage.facts import Edge
from merger.lineage.manual import Manual
from merger.lineage.model import Evidence, Moment
from merger.lineage.places import Places
from merger.lineage.points import Drawings, Drawn
from merger.lineage.record import Record, Seen
from merger.lineage.settle import Settled
from merger.mapping.models import Follows, Land, People, UnitKind

# by value: calling an enumeration takes four times as long, and there are tens of thousands of extents
_KINDS = {one.value: one for one in UnitKind}
_LAND = {one.value: one for one in Land}
_PEOPLE = {one.value: one for one in People}

_day = cache(date.fromordinal)


def write(record: Record) -> bytes:
    """The record as UTF-8 text. The same record gives the same bytes."""
    evidence = _Numbers()
    steps = [
        [kind.value, *_moment(when), _edges(step, evidence), *_gaps(step, evidence)]
        for (kind, when), step in record.steps.items()
    ]
    whole = {
        "steps": steps,
        "evidence": evidence.rows,
        "names": _write_seen(record.names),
        "parents": _write_seen(record.parents),
        "places": [
            [unit, day.toordinal(), sorted(record.places.sources[unit, day]), _sorted_sets(names)]
            for (unit, day), names in sorted(record.places.into.items())
        ],
        "unlisted": [
            [unit, day.toordinal(), sorted(sources)]
            for (unit, day), sources in sorted(record.places.sources.items())
            if (unit, day) not in record.places.into
        ],
        "manual": [
            [kind.value, unit, day.toordinal(), _sorted_sets(into)]
            for (kind, unit, day), into in sorted(record.manual.into.items())
        ],
        "drawings": [
            [kind.value, unit, [[one.day.toordinal(), one.margin, one.source, one.geometry] for one in drawn]]
            for (kind, unit), drawn in record.drawings.of_unit.items()
        ],
        "told": record.told,
    }
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def read(text: bytes) -> Record:
    """The record that `write` wrote. Raises ValueError, TypeError, LookupError or AttributeError for any
    other text."""
    whole = json.loads(text.decode("utf-8", "surrogatepass"))
    evidence = [
        Evidence(None if day is None else _day(day), change, source)
        for day, change, source in whole["evidence"]
    ]
    steps = {}
    for kind, day, step, edges, stays, created, ended, lost, found in whole["steps"]:
        done = [
            Edge(
                old,
                new,
                _LAND[land],
                _PEOPLE[people],
                share,
                tuple([evidence[one] for one in why]),
                frozenset(map(Follows, contradicted)),
            )
            for old, new, land, people, share, why, contradicted in edges
        ]
        gaps = (_read_gap(gap, evidence) for gap in (stays, created, ended, lost, found))
        steps[_KINDS[kind], (_day(day), step)] = Settled.of(done, *gaps)
    places = Places()
    for unit, day, sources, names in whole["places"]:
        places.sources[unit, _day(day)] = set(sources)
        places.into[unit, _day(day)] = {name: set(codes) for name, codes in names}
    for unit, day, sources in whole["unlisted"]:
        places.sources[unit, _day(day)] = set(sources)
    manual = Manual(
        {
            (_KINDS[kind], unit, _day(day)): {code: set(sources) for code, sources in into}
            for kind, unit, day, into in whole["manual"]
        }
    )
    drawings = Drawings(
        {
            (_KINDS[kind], unit): [Drawn(_day(day), *rest) for day, *rest in drawn]
            for kind, unit, drawn in whole["drawings"]
        }
    )
    told = [(code, {name: str(value) for name, value in fields.items()}) for code, fields in whole["told"]]
    names, parents = _read_seen(whole["names"]), _read_seen(whole["parents"])
    return Record(steps, names, parents, manual, places, drawings, told)


class _Numbers:
    """Evidence by number, for one piece may stand behind several edges."""

    def __init__(self) -> None:
        self.rows: list[list[Any]] = []
        self._known: dict[Evidence, int] = {}

    def of(self, evidence: Iterable[Evidence]) -> list[int]:
        return [self._number(one) for one in evidence]

    def _number(self, one: Evidence) -> int:
        number = self._known.setdefault(one, len(self._known))
        if number == len(self.rows):
            self.rows.append([one.date and one.date.toordinal(), one.change, one.source])
        return number


def _edges(step: Settled, evidence: _Numbers) -> list[list[Any]]:
    return [
        [
            edge.old,
            edge.new,
            edge.land.value,
            edge.people.value,
            edge.share,
            evidence.of(edge.evidence),
            sorted(one.value for one in edge.contradicted),
        ]
        for edges in step.out.values()
        for edge in edges
    ]


def _gaps(step: Settled, evidence: _Numbers) -> list[list[Any]]:
    return [
        [[code, evidence.of(why)] for code, why in gap.items()]
        for gap in (step.stays, step.created, step.ended, step.lost, step.found)
    ]


def _read_gap(rows: list[Any], evidence: list[Evidence]) -> dict[str, tuple[Evidence, ...]]:
    return {code: tuple([evidence[one] for one in why]) for code, why in rows}


def _moment(when: Moment) -> tuple[int, int]:
    return when[0].toordinal(), when[1]


def _write_seen(seen: dict[tuple[UnitKind, str], Seen]) -> list[list[Any]]:
    return [
        [kind.value, code, [[*_moment(when), value] for when, value in values]]
        for (kind, code), values in seen.items()
    ]


def _read_seen(rows: list[Any]) -> dict[tuple[UnitKind, str], Seen]:
    return {
        (_KINDS[kind], code): tuple([((_day(day), step), value) for day, step, value in values])
        for kind, code, values in rows
    }


def _sorted_sets(names: dict[str, set[str]]) -> list[list[Any]]:
    return [[name, sorted(codes)] for name, codes in sorted(names.items())]
