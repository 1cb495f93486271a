"""All that a mapping says of units, joined and checked: what the graph is laid out from.

Plain values only, so that it can be kept in a file (`merger.lineage.written`).
"""

from dataclasses import dataclass, field

from merger.codes.names import same_name
from merger.errors import Finding, Severity
from merger.lineage.facts import Told, collect
from merger.lineage.manual import Manual
from merger.lineage.model import Moment
from merger.lineage.places import Places
from merger.lineage.points import Drawings
from merger.lineage.settle import Settled, settle
from merger.mapping.models import Mapping, UnitKind

WARNINGS = frozenset({"moves-nothing", "names-differ"})
"""Findings that do not by themselves take an answer away from a unit that has one."""

Seen = tuple[tuple[Moment, str], ...]
"""Which name (or parent) a code was seen with, at which moments, in their order."""


class Reports:
    """Findings of the lineage, each once, as their codes and fields."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[str, dict[str, str]]] = {}

    @property
    def told(self) -> list[tuple[str, dict[str, str]]]:
        """Codes and fields, in a stable order."""
        return [self._found[key] for key in sorted(self._found)]

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(
            Finding("lineage", code, Severity.WARNING if code in WARNINGS else Severity.ERROR, fields=fields)
            for code, fields in self.told
        )

    def __call__(self, code: str, **fields: object) -> None:
        shown = {name: str(value) for name, value in fields.items()}
        key = code + "".join(f"|{name}={value}" for name, value in sorted(shown.items()))
        self._found[key] = (code, shown)


@dataclass(slots=True)
class Record:
    """What happens at every moment, in order; names and parents seen; what decides divisions; findings."""

    steps: dict[tuple[UnitKind, Moment], Settled] = field(default_factory=dict)
    names: dict[tuple[UnitKind, str], Seen] = field(default_factory=dict)
    parents: dict[tuple[UnitKind, str], Seen] = field(default_factory=dict)
    manual: Manual = field(default_factory=Manual)
    places: Places = field(default_factory=Places)
    drawings: Drawings = field(default_factory=Drawings)
    told: list[tuple[str, dict[str, str]]] = field(default_factory=list)


def record_of(mapping: Mapping) -> Record:
    """Joins what all files of a mapping say. Contradictions become reports, never exceptions."""
    facts, reports = collect(mapping), Reports()
    for file, outside in sorted(facts.outside):
        reports("day-outside-calendar", file=file, day=outside)
    names = _seen(facts.names)
    _check_names(facts.names, reports)
    steps = {
        (kind, when): settle(kind, when[0], step, reports)
        for (kind, when), step in sorted(facts.steps.items(), key=lambda one: one[0])
    }
    return Record(
        steps,
        names,
        _seen(facts.parents),
        Manual.of(mapping),
        Places.of(mapping),
        Drawings.of(mapping),
        reports.told,
    )


def _seen(told: Told) -> dict[tuple[UnitKind, str], Seen]:
    return {
        unit: tuple((when, min(moments[when])) for when in sorted(moments)) for unit, moments in told.items()
    }


def _check_names(told: Told, reports: Reports) -> None:
    for (kind, code), moments in told.items():
        for (day, _), values in moments.items():
            if len(values) == 1:
                continue
            first, *others = sorted(values)
            if not all(same_name(first, other) for other in others):
                reports("names-differ", kind=kind, unit=code, day=day, names=", ".join([first, *others]))
