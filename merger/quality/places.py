"""Where units are named in a mapping, and findings at those places."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from merger.errors import Finding, Severity
from merger.mapping import LoadedMapping
from merger.mapping.models import Definitions, Land, People, Predecessor, Ref, UnitKind
from merger.mapping.tree import Loc

PART = "quality"
WARNINGS = frozenset({"MAP106"})


@dataclass(frozen=True, slots=True)
class Named:
    """A unit named in a file: at `loc`, as it was before or after `effective`."""

    file: Definitions
    loc: Loc
    effective: date
    kind: UnitKind
    ref: Ref
    after: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """A unit of the time before that an entry takes from, or that is kept as it is."""

    named: Named
    into: Ref
    land: Land
    people: People
    share: float | None


def finding(loaded: LoadedMapping, file: Definitions, loc: Loc, code: str, /, **fields: object) -> Finding:
    """A finding at a value of one of the mapping's files."""
    severity = Severity.WARNING if code in WARNINGS else Severity.ERROR
    return Finding(PART, code, severity, loaded.place(file, loc), fields)


def made(loaded: LoadedMapping) -> Iterator[Named]:
    """The units that entries make or keep, each once for every entry."""
    for file in loaded.mapping.units:
        if file.province:
            at: Loc = ("province", "into")
            yield Named(file, at, file.effective, UnitKind.PROVINCE, file.province.into, True)
        for index, entry in enumerate(file.communes):
            at = ("communes", index, "keep" if entry.keep else "into")
            yield Named(file, at, file.effective, UnitKind.COMMUNE, entry.unit, True)


def taken(loaded: LoadedMapping) -> Iterator[Taken]:
    """The units that entries take from; a kept unit is taken whole by itself."""
    for file in loaded.mapping.units:
        if file.province:
            into = file.province.into
            for number, one in enumerate(file.province.from_):
                named = Named(
                    file, ("province", "from", number), file.effective, UnitKind.PROVINCE, one.unit, False
                )
                yield _taken(named, into, one)
        for index, entry in enumerate(file.communes):
            if entry.keep:
                at: Loc = ("communes", index, "keep")
                named = Named(file, at, file.effective, UnitKind.COMMUNE, entry.keep, False)
                yield Taken(named, entry.keep, Land.WHOLE, People.ALL, None)
            for number, one in enumerate(entry.from_):
                at = ("communes", index, "from", number)
                named = Named(file, at, file.effective, UnitKind.COMMUNE, one.unit, False)
                yield _taken(named, entry.unit, one)


def named(loaded: LoadedMapping) -> Iterator[Named]:
    """Every unit named with its kind and side, wherever in the mapping."""
    yield from made(loaded)
    yield from (one.named for one in taken(loaded))
    for file in loaded.mapping.units:
        for index, district in enumerate(file.districts):
            at: Loc = ("districts", index, "unit")
            yield Named(file, at, file.effective, UnitKind.DISTRICT, district.unit, False)
    for localities in loaded.mapping.localities:
        for index, one in enumerate(localities.localities):
            at = ("localities", index, "unit")
            yield Named(localities, at, localities.effective, UnitKind.COMMUNE, one.unit, False)
            at = ("localities", index, "into")
            yield Named(localities, at, localities.effective, UnitKind.COMMUNE, one.into, True)


def _taken(named: Named, into: Ref, one: Predecessor) -> Taken:
    return Taken(named, into, one.land, one.people, one.share)
