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
    Ref,
    Suppression,
    Title,
)
from merger.mapping.models.decisions import Decision, DecisionsFile
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
    "Change",
    "CompetenceFile",
    "CompetenceRule",
    "Counts",
    "Day",
    "Decision",
    "DecisionsFile",
    "Definitions",
    "DistrictEntry",
    "Follows",
    "Land",
    "LegalAct",
    "Level",
    "Localities",
    "LocalitiesFile",
    "Mapping",
    "Model",
    "People",
    "Predecessor",
    "ProvinceEntry",
    "Ref",
    "Service",
    "ServiceBefore",
    "ServiceDecision",
    "ServiceField",
    "ServicesFile",
    "Suppression",
    "Title",
    "ToAgency",
    "ToFunction",
    "UnitEntry",
    "UnitKind",
    "UnitsFile",
    "What",
]
