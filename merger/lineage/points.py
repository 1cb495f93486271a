"""Where a point lies among the units that a divided unit went into.

Drawings are in degrees of WGS 84, longitude first; points come latitude first. Distances are measured in a
plane that touches each drawing where it is narrowest, so they are never larger than the true ones: within
the margin of a border a point never decides.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from merger.lineage.clues import Division, Said
from merger.lineage.model import By, Evidence, Id, Moment
from merger.mapping.models import Mapping, UnitKind
from merger.mapping.shapes import shapes_of

if TYPE_CHECKING:
    from merger.lineage.graph import Lineage

_EQUATOR = 6_378_137.0
_FLATTENING = 1 / 298.257223563
_SQUARED = _FLATTENING * (2 - _FLATTENING)


def point_of(latitude: object, longitude: object) -> tuple[float, float] | None:
    """A place on earth from two numbers or texts of numbers, in degrees; None for anything else."""
    try:
        point = float(str(latitude)), float(str(longitude))
    except ValueError:
        return None
    return point if abs(point[0]) <= 90 and abs(point[1]) <= 180 else None


def is_unreadable(latitude: object, longitude: object) -> bool:
    """Whether both are given and one of them is no number, as with a decimal comma."""
    written = str("" if latitude is None else latitude), str("" if longitude is None else longitude)
    if not all(map(str.strip, written)):
        return False
    try:
        list(map(float, written))
    except ValueError:
        return True
    return False


class Drawn(NamedTuple):
    """A unit as it is drawn: on which day it is so, the margin in metres, by whom, its geometry as text."""

    day: date
    margin: float
    source: str
    geometry: str


@dataclass(slots=True)
class Drawings:
    """The drawings of a mapping, by the kind and code of their unit."""

    of_unit: dict[tuple[UnitKind, str], list[Drawn]] = field(default_factory=dict)

    @classmethod
    def of(cls, mapping: Mapping) -> Drawings:
        """All drawings of a mapping, in an order that does not depend on that of its files."""
        found: dict[tuple[UnitKind, str], set[Drawn]] = {}
        for file in mapping.polygons:
            source = file.source or "; ".join(act.number for act in file.legal_basis) or file.id
            for shape in shapes_of(mapping, file):
                drawn = Drawn(file.effective, file.margin, source, shape.geometry)
                found.setdefault((file.kind, shape.unit.code), set()).add(drawn)
        return cls({unit: sorted(drawn) for unit, drawn in sorted(found.items())})


DRAWN = "drawn"
NEAR, NOWHERE = "~", "-"
"""How `Areas.located` says that a point is near a border, and that it is in no unit that is drawn."""
UNREADABLE = "?"
"""What stands for a point that is written as none can be read (`is_unreadable`)."""

Candidates = tuple[tuple[str, tuple["Area", ...]], ...]
"""Codes of units, each with its drawings."""

Reached = Candidates
"""The same with the words of `Areas.located` for codes."""


class Areas:
    """The drawings of a lineage, ready to be asked. Each is read when it is first needed."""

    def __init__(self, lineage: Lineage, drawings: Drawings) -> None:
        self._lineage = lineage
        self._drawings = drawings
        self._kept: dict[Id, tuple[Area, ...]] = {}
        self._reached: dict[tuple[UnitKind, str], Reached] = {}

    def __bool__(self) -> bool:
        return bool(self._drawings.of_unit)

    def in_division(self, division: Division) -> Candidates:
        """The candidates of a division that are drawn, by code, each with its areas."""
        found: Candidates | None = division.kept.get(DRAWN)
        if found is None:
            kind, day = division.version.kind, division.version.ends
            areas = ((code, self.of(kind, code, day)) for code in sorted(division.candidates))
            found = division.kept[DRAWN] = tuple(one for one in areas if one[1])
        return found

    def of(self, kind: UnitKind, code: str, begins: Moment) -> tuple[Area, ...]:
        """The areas of the unit that begins at a moment: those drawn as they are on any day of its life."""
        key = (kind.value, code, *begins)
        areas = self._kept.get(key)
        if areas is None:
            areas = self._kept[key] = tuple(self._find(kind, code, begins))
        return areas

    def around(self, kind: UnitKind, code: str) -> Reached:
        """The units that are drawn and that anything of a code may come into where units are divided."""
        found = self._reached.get((kind, code))
        if found is None:
            found = self._reached[kind, code] = tuple(self._reach(kind, code))
        return found

    def located(self, kind: UnitKind, code: str, point: tuple[float, float]) -> str:
        """Where a point lies among the units that anything of a code may come into, in words without spaces.

        It can be written where the point must not be. Empty where no such unit is drawn.
        """
        reached = self.around(kind, code)
        held = [(word, _held(drawn, point)) for word, drawn in reached]
        words = [word if inside else NEAR + word for word, inside in held if inside is not False]
        return " ".join(words) or (NOWHERE if reached else "")

    def _reach(self, kind: UnitKind, code: str) -> Iterator[tuple[str, tuple[Area, ...]]]:
        ahead, seen = list(self._lineage.versions(kind, code)), set()
        words: dict[str, tuple[Area, ...]] = {}
        while ahead:
            version = ahead.pop()
            if version.id in seen:
                continue
            seen.add(version.id)
            for edge in self._lineage.passage(version, forward=True).edges:
                ahead.append(self._lineage.neighbour(version, edge, forward=True))
                drawn = self.of(kind, edge.new, version.ends)
                if drawn and not edge.entire:
                    words[_word(edge.new, version.ends)] = drawn
        yield from sorted(words.items(), key=lambda one: one[0])

    def _find(self, kind: UnitKind, code: str, begins: Moment) -> Iterator[Area]:
        drawn = self._drawings.of_unit.get((kind, code), ())
        life = next((one for one in self._lineage.versions(kind, code) if one.begins == begins), None)
        return (Area(one) for one in drawn if life and life.valid_from <= one.day < life.valid_to)


class Area:
    """A drawing in a plane of metres."""

    def __init__(self, drawn: Drawn) -> None:
        import shapely

        self.margin = drawn.margin
        self.source = drawn.source
        degrees = shapely.from_geojson(drawn.geometry)
        _, south, _, north = degrees.bounds
        self._scale = self._east, self._north = _scale(south, north)
        self._plane: Any = shapely.transform(degrees, lambda positions: positions * self._scale)
        self._border: Any = self._plane.boundary
        self._point = shapely.Point
        shapely.prepare(self._plane)
        shapely.prepare(self._border)
        west, south, east, north = self._plane.bounds
        self._around = west - self.margin, south - self.margin, east + self.margin, north + self.margin

    def holds(self, latitude: float, longitude: float) -> bool | None:
        """Whether a point lies inside; None if that is nearer to the border than the margin, or on it."""
        x, y = longitude * self._east, latitude * self._north
        west, south, east, north = self._around
        if x < west or x > east or y < south or y > north:
            return False
        point = self._point(x, y)
        if self._border.dwithin(point, self.margin):
            return None
        return bool(self._plane.contains(point))

    def overlaps(self, other: Area) -> bool:
        """Whether any point lies inside both, and not too near to either border."""
        import shapely

        return bool(shapely.intersection(self._inner, other._inner).area > 0)

    @cached_property
    def _inner(self) -> Any:
        """What lies inside, without the margin, in degrees."""
        import shapely

        inner = shapely.buffer(self._plane, -self.margin)
        return shapely.transform(inner, lambda positions: positions / self._scale)


_NEAR, _ELSEWHERE = Said(why_not="point-near-border"), Said(why_not="point-elsewhere")
_UNREAD = Said(why_not="point-unreadable")


@dataclass(frozen=True, slots=True)
class PointClue:
    """A place on the map: latitude and longitude in degrees of WGS 84."""

    areas: Areas
    point: tuple[float, float]
    name: str = By.POINT

    def says(self, division: Division) -> Said | None:
        """The one candidate whose land the point lies in, and not near the border of any."""
        return _said((code, _held(drawn, self.point)) for code, drawn in self.areas.in_division(division))

    def evidence(self, division: Division, into: str) -> tuple[Evidence, ...]:
        """Which drawing decided. It names the units, never the point: that is a citizen's."""
        return _evidence(self.areas, division, into)


@dataclass(frozen=True, slots=True)
class LocatedClue:
    """Where a place on the map lies, without the place: the words of `Areas.located`, or UNREADABLE."""

    areas: Areas
    words: frozenset[str]
    name: str = By.POINT

    def says(self, division: Division) -> Said | None:
        """As `PointClue` says of the point that was located; of an unreadable one that it is so."""
        if UNREADABLE in self.words:
            return _UNREAD if self.areas.in_division(division) else None
        begins = division.version.ends
        return _said((code, self._held(code, begins)) for code, _ in self.areas.in_division(division))

    def evidence(self, division: Division, into: str) -> tuple[Evidence, ...]:
        """Which drawing decided."""
        return _evidence(self.areas, division, into)

    def _held(self, code: str, begins: Moment) -> bool | None:
        word = _word(code, begins)
        return None if NEAR + word in self.words else word in self.words


def _held(drawn: tuple[Area, ...], point: tuple[float, float]) -> bool | None:
    """Whether a point lies in a unit; None if it is near its border, or two drawings of it differ."""
    first = drawn[0].holds(*point)
    return first if all(other.holds(*point) is first for other in drawn[1:]) else None


def _said(candidates: Iterable[tuple[str, bool | None]]) -> Said | None:
    inside, drawn = "", False
    for code, held in candidates:
        drawn = True
        if held is None or (held and inside):
            return _NEAR
        if held:
            inside = code
    if not drawn:
        return None
    return Said(inside) if inside else _ELSEWHERE


def _evidence(areas: Areas, division: Division, into: str) -> tuple[Evidence, ...]:
    change = f"{division.version.code} -> {into} [point]"
    sources = {area.source for area in dict(areas.in_division(division))[into]}
    return tuple(Evidence(division.version.valid_to, change, source) for source in sorted(sources))


def _word(code: str, begins: Moment) -> str:
    """How `Areas.located` names a unit: its code, and the day (and step) on which it begins."""
    day, step = begins
    return f"{code}@{day}{f'#{step}' if step else ''}"


def _scale(south: float, north: float) -> tuple[float, float]:
    """Metres for one degree of longitude and of latitude, where each is shortest between two latitudes."""
    farthest = math.radians(max(abs(south), abs(north)))
    nearest = math.radians(0.0 if south <= 0 <= north else min(abs(south), abs(north)))
    across = _EQUATOR * math.cos(farthest) / math.sqrt(1 - _SQUARED * math.sin(farthest) ** 2)
    along = _EQUATOR * (1 - _SQUARED) / (1 - _SQUARED * math.sin(nearest) ** 2) ** 1.5
    return math.radians(across), math.radians(along)
