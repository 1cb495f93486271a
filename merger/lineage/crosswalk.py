"""The lineage flattened between two days."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from merger.lineage.graph import Lineage
from merger.lineage.model import Request
from merger.lineage.resolve import in_order, successor
from merger.lineage.walk import walk
from merger.mapping.models import Land, People, UnitKind


@dataclass(frozen=True, slots=True)
class Row:
    """One old unit and one unit that took in some of it. A unit without any has one row, new side empty.

    `share` is None where it is not known; `evidence` names the sources on the way, joined by `; `.
    """

    old_code: str
    old_name: str
    new_code: str
    new_name: str
    extent: Land
    population: People
    share: float | None
    evidence: str


def crosswalk(lineage: Lineage, at: date, on: date, kind: UnitKind = UnitKind.COMMUNE) -> Iterator[Row]:
    """All units in force on `at`, by code, and where their land and people are on the day `on`."""
    for old in lineage.roster(kind, at):
        found = walk(lineage, old, Request(old.code, kind, at, on))
        for flow in found.flows:
            new = successor(lineage, flow, on)
            why = "; ".join(dict.fromkeys(reason.source for reason in in_order(flow.trail)))
            yield Row(old.code, old.name, new.code, new.name, new.extent, new.population, new.share, why)
        if not found.flows:
            why = "; ".join(dict.fromkeys(reason.source for reason in in_order(found.passed)))
            yield Row(old.code, old.name, "", "", Land.UNSPECIFIED, People.UNSPECIFIED, None, why)
