"""Where a point lies among the units that a divided unit went into.

Drawings are in degrees of WGS 84, longitude first; points come latitude first. Distances are measured in a
plane that touches each drawing where it is narrowest, so they are never larger than the true ones: within
the margin of a border a point never decides.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from merger.lineage.clues import Division, Said
from merger.lineage.model import Evidence, Id, Moment
from merger.mapping.models import Mapping, UnitKind
from merger.mapping.shapes import shapes_of

if TYPE_CHECKING:
    from merger.lineage.graph import Lineage

_EQUATOR = 6_378_137.0
_FLATTENING = 1 / 298.257223563
_SQUARED = _FLATTENING * (2 - _FLATTENING)


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


class Areas:
    """The drawings of a lineage, ready to be asked. Each is read when it is first needed."""

    def __init__(self, lineage: Lineage, drawings: Drawings) -> None:
        self._lineage = lineage
        self._drawings = drawings
        self._kept: dict[Id, tuple[Area, ...]] = {}

    def __bool__(self) -> bool:
        return bool(self._drawings.of_unit)

    def of(self, kind: UnitKind, code: str, begins: Moment) -> tuple[Area, ...]:
        """The areas of the unit that begins at a moment: those drawn as they are on any day of its life."""
        key = (kind.value, code, *begins)
        areas = self._kept.get(key)
        if areas is None:
            areas = self._kept[key] = tuple(self._find(kind, code, begins))
        return areas

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
        shapely.prepare(self._plane)
        shapely.prepare(self._border)

    def holds(self, latitude: float, longitude: float) -> bool | None:
        """Whether a point lies inside; None if that is nearer to the border than the margin, or on it."""
        import shapely

        point = shapely.Point(longitude * self._east, latitude * self._north)
        if shapely.dwithin(self._border, point, self.margin):
            return None
        return bool(shapely.contains(self._plane, point))

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


@dataclass(frozen=True, slots=True)
class PointClue:
    """A place on the map: latitude and longitude in degrees of WGS 84."""

    areas: Areas
    point: tuple[float, float]
    name: str = "point"

    def says(self, division: Division) -> Said | None:
        """The one candidate whose land the point lies in, and not near the border of any."""
        inside: list[str] = []
        near = drawn = False
        for code in division.candidates:
            areas = self._areas(division, code)
            held = {area.holds(*self.point) for area in areas}
            drawn = drawn or bool(areas)
            if held == {True}:
                inside.append(code)
            elif held not in ({False}, set()):
                near = True
        if not drawn:
            return None
        if near or len(inside) > 1:
            return Said(why_not="point-near-border")
        return Said(inside[0]) if inside else Said(why_not="point-elsewhere")

    def evidence(self, division: Division, into: str) -> tuple[Evidence, ...]:
        """Which drawing decided. It names the units, never the point: that is a citizen's."""
        change = f"{division.version.code} -> {into} [point]"
        sources = {area.source for area in self._areas(division, into)}
        return tuple(Evidence(division.version.valid_to, change, source) for source in sorted(sources))

    def _areas(self, division: Division, code: str) -> tuple[Area, ...]:
        return self.areas.of(division.version.kind, code, division.version.ends)


def _scale(south: float, north: float) -> tuple[float, float]:
    """Metres for one degree of longitude and of latitude, where each is shortest between two latitudes."""
    farthest = math.radians(max(abs(south), abs(north)))
    nearest = math.radians(0.0 if south <= 0 <= north else min(abs(south), abs(north)))
    across = _EQUATOR * math.cos(farthest) / math.sqrt(1 - _SQUARED * math.sin(farthest) ** 2)
    along = _EQUATOR * (1 - _SQUARED) / (1 - _SQUARED * math.sin(nearest) ** 2) ** 1.5
    return math.radians(across), math.radians(along)
