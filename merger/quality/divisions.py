"""What decides divided units: drawings of units, and decisions that people took on them."""

from collections.abc import Iterator
from itertools import combinations

from merger.lineage import UnitVersion
from merger.mapping.models import Definitions, PolygonsFile, Ref, Shape, UnitKind
from merger.mapping.shapes import shapes_of
from merger.mapping.tree import Loc
from merger.quality.subject import Hit, Subject

_SHOWN = 10
"""So many of a drawing's unknown units are named."""


def drawings_are_of_known_units(subject: Subject) -> Iterator[Hit]:
    """A unit is drawn that is none on the day of the drawing."""
    for file in subject.mapping.polygons if subject.mapping.units else ():
        unknown = [
            (index, shape.unit)
            for index, shape in enumerate(shapes_of(subject.mapping, file))
            if subject.lineage.version_at(file.kind, shape.unit.code, file.effective) is None
        ]
        if file.file is None:
            for index, unit in unknown:
                yield _unknown(file, ("units", index, "unit"), unit, [unit])
        elif unknown:
            yield _unknown(file, ("file", "code"), file.id, [unit for _, unit in unknown])


def drawings_do_not_overlap(subject: Subject) -> Iterator[Hit]:
    """Two units that a unit was divided among are drawn over one another, wider than their margins."""
    drawn = {(file.kind, shape.unit.code) for file, _, shape in _drawn(subject)}
    told: set[tuple[UnitKind, str, str]] = set()
    for version in subject.lineage.divided() if drawn else ():
        edges = subject.lineage.passage(version, forward=True).edges
        codes = sorted(edge.new for edge in edges if (version.kind, edge.new) in drawn)
        for first, second in combinations(codes, 2):
            key = (version.kind, first, second)
            if key not in told and _overlap(subject, version, first, second):
                told.add(key)
                file, loc, unit = _where(subject, version.kind, first)
                other = _where(subject, version.kind, second)[2]
                yield Hit((file, loc), unit, {"unit": unit, "other": other, "of": version.code})


def points_lie_in_their_units(subject: Subject) -> Iterator[Hit]:
    """The point that an entry gives for its unit lies outside of the unit's drawing."""
    for file in subject.mapping.units if subject.mapping.polygons else ():
        for index, entry in enumerate(file.communes):
            version = subject.lineage.version_at(UnitKind.COMMUNE, entry.unit.code, file.effective)
            if entry.point is None or version is None:
                continue
            areas = subject.lineage.areas.of(version.kind, version.code, version.begins)
            if any(area.holds(*entry.point) is False for area in areas):
                sources = ", ".join(sorted({area.source for area in areas}))
                fields = {"unit": entry.unit, "source": sources}
                yield Hit((file, ("communes", index, "point")), entry.unit, fields)


def decisions_name_a_part_of_their_unit(subject: Subject) -> Iterator[Hit]:
    """A decision on a divided unit names a unit that took nothing of it that day."""
    for file in subject.mapping.decisions if subject.mapping.units else ():
        for index, one in enumerate(file.units):
            ended = [
                version
                for version in subject.lineage.versions(one.kind, one.unit.code)
                if version.valid_to == one.on
            ]
            edges = [edge for each in ended for edge in subject.lineage.passage(each, forward=True).edges]
            codes = sorted({edge.new for edge in edges})
            if one.into.code not in codes:
                loc: Loc = ("units", index, "into") if codes else ("units", index, "on")
                fields = {"unit": one.unit, "into": one.into, "on": one.on, "known": ", ".join(codes) or "–"}
                yield Hit((file, loc), one.unit, fields)


def decisions_on_a_unit_agree(subject: Subject) -> Iterator[Hit]:
    """Two decisions send the records of one divided unit to different units."""
    first: dict[object, Ref] = {}
    for file in subject.mapping.decisions:
        for index, one in enumerate(file.units):
            other = first.setdefault((one.kind, one.unit.code, one.on), one.into)
            if other.code != one.into.code:
                fields = {"unit": one.unit, "into": one.into, "other": other}
                yield Hit((file, ("units", index, "into")), one.unit, fields)


def _unknown(file: PolygonsFile, loc: Loc, about: Ref | str, units: list[Ref]) -> Hit:
    shown = ", ".join(map(str, units[:_SHOWN])) + (", …" if len(units) > _SHOWN else "")
    return Hit((file, loc), about, {"units": shown, "count": len(units), "day": file.effective})


def _overlap(subject: Subject, version: UnitVersion, first: str, second: str) -> bool:
    areas = (subject.lineage.areas.of(version.kind, code, version.ends) for code in (first, second))
    ones, others = areas
    return any(one.overlaps(other) for one in ones for other in others)


def _drawn(subject: Subject) -> Iterator[tuple[PolygonsFile, Loc, Shape]]:
    for file in subject.mapping.polygons:
        for index, shape in enumerate(shapes_of(subject.mapping, file)):
            yield file, ("file", "name") if file.file else ("units", index, "unit"), shape


def _where(subject: Subject, kind: UnitKind, code: str) -> tuple[Definitions, Loc, Ref]:
    """Where a unit is drawn first."""
    return next(
        (file, loc, shape.unit)
        for file, loc, shape in _drawn(subject)
        if file.kind is kind and shape.unit.code == code
    )
