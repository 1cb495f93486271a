"""All kinds of files, and what several files say together."""

from pydantic import Field

from merger.mapping.models.agencies import AgenciesFile, CompetenceFile
from merger.mapping.models.base import Definitions, Model
from merger.mapping.models.decisions import DecisionsFile
from merger.mapping.models.polygons import PolygonsFile, Shape
from merger.mapping.models.services import ServicesFile
from merger.mapping.models.units import LocalitiesFile, UnitsFile

AnyFile = (
    UnitsFile | AgenciesFile | CompetenceFile | ServicesFile | LocalitiesFile | DecisionsFile | PolygonsFile
)


KINDS: dict[str, type[Definitions]] = {
    "merger/units/1": UnitsFile,
    "merger/agencies/1": AgenciesFile,
    "merger/competence/1": CompetenceFile,
    "merger/services/1": ServicesFile,
    "merger/localities/1": LocalitiesFile,
    "merger/decisions/1": DecisionsFile,
    "merger/polygons/1": PolygonsFile,
}


class Mapping(Model):
    """What a set of files says together. `digests` are SHA-256 of each file's exact bytes, by id.

    `shapes` are the units drawn by each file of polygons, by its id.
    """

    units: tuple[UnitsFile, ...] = ()
    agencies: tuple[AgenciesFile, ...] = ()
    competence: tuple[CompetenceFile, ...] = ()
    services: tuple[ServicesFile, ...] = ()
    localities: tuple[LocalitiesFile, ...] = ()
    decisions: tuple[DecisionsFile, ...] = ()
    polygons: tuple[PolygonsFile, ...] = ()
    shapes: dict[str, tuple[Shape, ...]] = Field(default_factory=dict)
    digests: dict[str, str] = Field(default_factory=dict)
