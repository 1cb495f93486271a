"""Units drawn on the map (`merger/polygons/1`): which land is which unit's.

Positions are those of GeoJSON (RFC 7946): WGS 84, **longitude first**, in degrees. `UnitEntry.point` and the
points of questions are written the other way round, latitude first, as people say them.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from merger.mapping.models.base import Day, Definitions, LegalAct, Model, Ref
from merger.mapping.models.units import UnitKind

MARGIN = 20.0
"""So many metres on either side of a border decide nothing, where a file states no other margin."""

Position = Annotated[tuple[float, ...], Field(min_length=2, max_length=3)]
"""Longitude, latitude, and perhaps a height, which counts for nothing."""

Ring = tuple[Position, ...]


class Polygon(Model):
    """One area: its outer ring, then its holes. The last position of a ring is its first one again."""

    type: Literal["Polygon"]
    coordinates: Annotated[tuple[Ring, ...], Field(min_length=1)]


class MultiPolygon(Model):
    """Several areas that do not touch: islands, exclaves."""

    type: Literal["MultiPolygon"]
    coordinates: Annotated[tuple[Annotated[tuple[Ring, ...], Field(min_length=1)], ...], Field(min_length=1)]


class Drawing(Model):
    """The land of a unit, as the GeoJSON geometry that it is."""

    unit: Ref
    geometry: Polygon | MultiPolygon


class Beside(Model):
    """A GeoJSON file in the folder of the definitions: a FeatureCollection with one feature for each unit.

    `sha256` is that of the file's exact bytes, so that whoever signs the definitions signs the drawing too.
    `code` names the property that holds a unit's code.
    """

    name: str = Field(pattern=r"^[^/\\:.\x00-\x1f][^/\\:\x00-\x1f]*\.(geojson|json)$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    code: str = Field(min_length=1)


class PolygonsFile(Definitions):
    """Units as they are drawn (`merger/polygons/1`).

    `effective` is a day on which they are so; a drawing holds for as long as its unit does not change.
    `source` says who drew it and when, `margin` within how many metres of a border it decides nothing.
    """

    schema_: Literal["merger/polygons/1"] = Field(alias="schema")
    effective: Day
    legal_basis: tuple[LegalAct, ...] = ()
    source: str = ""
    kind: UnitKind = UnitKind.COMMUNE
    margin: Annotated[float, Field(ge=0, le=10_000)] = MARGIN
    file: Beside | None = None
    units: tuple[Drawing, ...] = ()

    @model_validator(mode="after")
    def _one_of(self) -> "PolygonsFile":
        if (self.file is None) == (not self.units):
            raise ValueError("polygons-need-file-or-units")
        return self


class Shape(Model):
    """A unit's land, read and checked: the text of a GeoJSON geometry, wherever it was written."""

    unit: Ref
    geometry: str
