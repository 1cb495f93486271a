"""The graph of unit versions, and what it answers about units, agencies and services."""

from merger.lineage.agencies import Agencies
from merger.lineage.crosswalk import Row, crosswalk
from merger.lineage.graph import Lineage, build
from merger.lineage.model import (
    AgencyRequest,
    By,
    Evidence,
    Outcome,
    Request,
    Resolution,
    ServiceFacts,
    Successor,
    UnitVersion,
)
from merger.lineage.points import UNREADABLE, Areas, is_unreadable, point_of
from merger.lineage.services import Services
from merger.lineage.stored import lineage_of

__all__ = [
    "UNREADABLE",
    "Agencies",
    "AgencyRequest",
    "Areas",
    "By",
    "Evidence",
    "Lineage",
    "Outcome",
    "Request",
    "Resolution",
    "Row",
    "ServiceFacts",
    "Services",
    "Successor",
    "UnitVersion",
    "build",
    "crosswalk",
    "is_unreadable",
    "lineage_of",
    "point_of",
]
