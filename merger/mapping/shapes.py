"""The drawings of units, read and checked: what a point can be looked for in."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from merger.errors import Finding, InputError
from merger.mapping import geojson
from merger.mapping.document import Document, read_bytes
from merger.mapping.models import Beside, Definitions, Drawing, Mapping, PolygonsFile, Ref, Shape
from merger.mapping.tree import Loc, problem, shorten

LIBRARY = "shapely"
EXTRA = "merger[points]"

_AT = re.compile(r"\[(\S+) (\S+)")
_METRES = 1000.0
"""A coordinate beyond this is no angle but a length in a projection."""

At = tuple[str, tuple[int, int]]
"""A file, and a line and column in it."""


@dataclass(frozen=True, slots=True)
class _Flaw:
    """What is wrong with a geometry, and where in it (keys and indexes)."""

    code: str
    loc: Loc = ()
    fields: tuple[tuple[str, object], ...] = ()


def shapes_of(mapping: Mapping, file: PolygonsFile) -> tuple[Shape, ...]:
    """What a file of polygons draws, wherever it is written."""
    return mapping.shapes[file.id] if file.id in mapping.shapes else tuple(map(_shape, file.units))


def beside_of(document: Document[Definitions], beside: Beside) -> bytes | Finding:
    """The bytes of the GeoJSON file that a file of polygons names, else why there are none.

    It lies in the same folder, is a plain file and no link, and not larger than the limit.
    """
    at = document.place(("file", "name"))
    path = document.path.parent / beside.name
    given = {"name": beside.name, "limit": geojson.MAX_BYTES}
    try:
        if path.is_symlink():
            return problem(str(document.path), "GEO001", (at.line, at.column), **given)
        return read_bytes(path, geojson.MAX_BYTES)
    except InputError as error:
        code = "GEO002" if error.findings[0].code == "DOC002" else "GEO001"
        return problem(str(document.path), code, (at.line, at.column), **given)


def read_shapes(
    document: Document[Definitions], file: PolygonsFile, content: bytes | Finding | None
) -> tuple[tuple[Shape, ...], list[Finding]]:
    """The shapes of a file of polygons and every problem of them. `content`: what `beside_of` gave."""
    if find_spec(LIBRARY) is None:
        at = document.place(("schema",))
        return (), [problem(str(document.path), "GEO020", (at.line, at.column), extra=EXTRA)]
    if isinstance(content, Finding):
        return (), [content]
    if file.file is None:
        drawn, findings = _inline(document, file)
    else:
        path = str(document.path.parent / file.file.name)
        drawn, findings = _from_file(content or b"", path, file.file)
    findings += _crossing(drawn)
    findings.sort(key=lambda one: (one.place.file, one.place.line, one.place.column))
    return tuple(shape for shape, _ in drawn), findings


def _inline(
    document: Document[Definitions], drawings: PolygonsFile
) -> tuple[list[tuple[Shape, At]], list[Finding]]:
    drawn: list[tuple[Shape, At]] = []
    findings: list[Finding] = []
    file = str(document.path)
    first: dict[str, int] = {}
    for index, one in enumerate(drawings.units):
        loc: Loc = ("units", index)
        at = document.place((*loc, "unit"))
        flaw = _flaw(one.geometry.model_dump(mode="json"))
        if one.unit.code in first:
            fields = {"unit": one.unit, "first": first[one.unit.code]}
            findings.append(problem(file, "GEO016", (at.line, at.column), **fields))
        elif flaw is not None:
            place = document.place((*loc, "geometry", *flaw.loc))
            fields = {"unit": one.unit, **dict(flaw.fields)}
            findings.append(problem(file, flaw.code, (place.line, place.column), **fields))
        else:
            place = document.place((*loc, "geometry"))
            drawn.append((_shape(one), (file, (place.line, place.column))))
        first.setdefault(one.unit.code, at.line)
    return drawn, findings


def _from_file(content: bytes, path: str, beside: Beside) -> tuple[list[tuple[Shape, At]], list[Finding]]:
    found, findings = geojson.features(content, path, beside)
    drawn: list[tuple[Shape, At]] = []
    for one in found:
        at = (one.line, one.column)
        flaw = _flaw(one.geometry)
        if flaw is not None:
            fields = {"unit": shorten(one.code), **dict(flaw.fields)}
            findings.append(problem(path, flaw.code, at, **fields))
        else:
            drawn.append((Shape(unit=Ref(code=one.code), geometry=_text(one.geometry)), (path, at)))
    return drawn, findings


def _shape(one: Drawing) -> Shape:
    return Shape(unit=one.unit, geometry=_text(one.geometry.model_dump(mode="json")))


def _text(geometry: dict[str, Any]) -> str:
    """A sound geometry as text, without heights."""
    kind, coordinates = geometry["type"], geometry["coordinates"]
    flat = _flat(coordinates) if kind == "Polygon" else [_flat(polygon) for polygon in coordinates]
    return json.dumps({"type": kind, "coordinates": flat}, separators=(",", ":"))


def _flat(polygon: Any) -> Any:
    return [[position[:2] for position in ring] for ring in polygon]


def _crossing(drawn: Sequence[tuple[Shape, At]]) -> Iterator[Finding]:
    """The shapes whose rings cross themselves or each other."""
    import shapely

    said = shapely.is_valid_reason(shapely.from_geojson([shape.geometry for shape, _ in drawn]))
    for (shape, (file, at)), reason in zip(drawn, said, strict=True):
        if reason != "Valid Geometry":
            near = _AT.search(reason)
            lon, lat = near.groups() if near else ("?", "?")
            fields = {"unit": shorten(shape.unit), "lon": lon, "lat": lat.rstrip("]")}
            yield problem(file, "GEO015", at, **fields)


def _flaw(geometry: Any) -> _Flaw | None:
    """The first thing that is wrong with a geometry, short of crossing itself."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        return _Flaw("GEO008", fields=(("type", shorten(kind or "–")),))
    coordinates = geometry.get("coordinates")
    polygons = [coordinates] if kind == "Polygon" else coordinates
    if not isinstance(polygons, list) or not polygons:
        return _Flaw("GEO009", ("coordinates",))
    for number, polygon in enumerate(polygons):
        at: Loc = ("coordinates",) if kind == "Polygon" else ("coordinates", number)
        if not isinstance(polygon, list) or not polygon:
            return _Flaw("GEO009", at)
        for ring, positions in enumerate(polygon):
            flaw = _flaw_of_ring(positions, (*at, ring))
            if flaw is not None:
                return flaw
    return None


def _flaw_of_ring(positions: Any, at: Loc) -> _Flaw | None:
    if not isinstance(positions, list):
        return _Flaw("GEO009", at)
    for index, position in enumerate(positions):
        if not isinstance(position, list) or not 2 <= len(position) <= 3 or not all(map(_number, position)):
            return _Flaw("GEO009", (*at, index))
        lon, lat = position[0], position[1]
        if not (abs(lon) <= 180 and abs(lat) <= 90):
            return _Flaw(_outside(lon, lat), (*at, index), (("lon", lon), ("lat", lat)))
    if len(positions) < 4:
        return _Flaw("GEO011", at, (("count", len(positions)),))
    if positions[0][:2] != positions[-1][:2]:
        return _Flaw("GEO010", at)
    longitudes = [position[0] for position in positions]
    if max(longitudes) - min(longitudes) > 180:
        return _Flaw("GEO017", at)
    return None


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _outside(lon: float, lat: float) -> str:
    """Why a position is none on earth: lengths in metres, the order of LAT,LON, or something else."""
    if max(abs(lon), abs(lat)) > _METRES:
        return "GEO012"
    return "GEO013" if abs(lat) <= 180 and abs(lon) <= 90 else "GEO014"
