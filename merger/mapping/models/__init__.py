"""The kinds of definitions that people write, read beside the law, and sign.

Each kind is one file with its own `schema:`, loadable alone. Units and agencies are written as
`code name` in one string, so that a reader checks both at a glance and a diff shows both.
A `Mapping` is what several files say together.
"""

from merger.mapping.models.agencies import (
    AgenciesFile,
    Agency,
    AgencyBefore,
    CompetenceFile,
    CompetenceRule,
    ToAgency,
    ToFunction,
)
from merger.mapping.models.base import (
    Day,
    Definitions,
    Follows,
    LegalAct,
    Level,
    Model,
    OpenPoint,
    Ref,
    Suppression,
    Title,
)
from merger.mapping.models.decisions import Decided, Decision, DecisionsFile, UnitDecision
from merger.mapping.models.polygons import Beside, Drawing, MultiPolygon, Polygon, PolygonsFile, Shape
from merger.mapping.models.services import (
    Service,
    ServiceBefore,
    ServiceDecision,
    ServiceField,
    ServicesFile,
)
from merger.mapping.models.units import (
    Area,
    Change,
    Counts,
    DistrictEntry,
    Land,
    Localities,
    LocalitiesFile,
    People,
    Predecessor,
    ProvinceEntry,
    UnitEntry,
    UnitKind,
    UnitsFile,
    What,
)
from merger.mapping.models.whole import KINDS, AnyFile, Mapping

__all__ = [
    "KINDS",
    "AgenciesFile",
    "Agency",
    "AgencyBefore",
    "AnyFile",
    "Area",
    "Beside",
    "Change",
    "CompetenceFile",
    "CompetenceRule",
    "Counts",
    "Day",
    "Decided",
    "Decision",
    "DecisionsFile",
    "Definitions",
    "DistrictEntry",
    "Drawing",
    "Follows",
    "Land",
    "LegalAct",
    "Level",
    "Localities",
    "LocalitiesFile",
    "Mapping",
    "Model",
    "MultiPolygon",
    "OpenPoint",
    "People",
    "Polygon",
    "PolygonsFile",
    "Predecessor",
    "ProvinceEntry",
    "Ref",
    "Service",
    "ServiceBefore",
    "ServiceDecision",
    "ServiceField",
    "ServicesFile",
    "Shape",
    "Suppression",
    "Title",
    "ToAgency",
    "ToFunction",
    "UnitDecision",
    "UnitEntry",
    "UnitKind",
    "UnitsFile",
    "What",
]
