"""A mapping, or changes read from a table, as a source of one reorganisation."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from merger.errors import Finding, InputError, Place, Severity
from merger.lineage import build, crosswalk
from merger.mapping import LoadedMapping
from merger.mapping.models import LocalitiesFile, UnitKind, UnitsFile
from merger.mapping.models import Mapping as Definitions
from merger.quality.compare.model import Pair, Source
from merger.quality.diff.view import View, edges

PART = "compare"

Places = Mapping[tuple[str, str], Place]


def pairs_on(definitions: Definitions, on: date, kind: UnitKind, places: Places, file: str) -> Iterator[Pair]:
    """What became on the day `on` of every unit of which the definitions say anything on that day. The first
    day of the calendar has no eve, and nothing becomes on it."""
    if on == date.min:
        return
    for row in crosswalk(build(definitions), on - timedelta(days=1), on, kind):
        if not row.evidence and row.new_code:
            continue
        yield Pair(
            old=row.old_code,
            new=row.new_code,
            old_name=row.old_name,
            new_name=row.new_name,
            land=row.extent,
            people=row.population,
            share=row.share,
            evidence=row.evidence,
            place=places.get((row.old_code, row.new_code), Place(file=file)),
        )


def mapping_source(loaded: LoadedMapping, name: str, on: date, kind: UnitKind) -> Source:
    """What a mapping says of the day `on`. A unit that it names as one of the eve and that nothing takes in
    goes nowhere, also where a new unit bears its code."""
    places = _places(loaded, on, kind)
    pairs = {(pair.old, pair.new): pair for pair in pairs_on(loaded.mapping, on, kind, places, name)}
    taken = {old for old, _ in pairs}
    for code, (unit_name, place) in _of_the_eve(loaded, on, kind).items():
        if code not in taken:
            pairs[code, ""] = Pair(code, "", old_name=unit_name, place=place)
    communes = loaded.mapping.units if kind is UnitKind.COMMUNE else ()
    districts = {
        code: district.unit.code
        for file in communes
        if file.effective == on
        for district in file.districts
        for code in district.communes
    }
    return Source(name, pairs, districts)


def days_of(definitions: Definitions, kind: UnitKind) -> set[date]:
    """The days of the reorganisations in a mapping; of its single changes where it has none of these."""
    days = {file.effective for file in definitions.units if _speaks_of(file, kind)}
    changes = {change.date for file in definitions.units for change in file.changes if change.kind is kind}
    return days or changes


def one_day(days: set[date], name: str) -> date:
    """The only day of a source. Raises InputError (CMP001, CMP002) where it has none or several."""
    if len(days) == 1:
        return next(iter(days))
    code = "CMP002" if days else "CMP001"
    shown = ", ".join(day.isoformat() for day in sorted(days))
    raise InputError([Finding(PART, code, Severity.ERROR, Place(file=name), {"days": shown})])


def _speaks_of(file: UnitsFile, kind: UnitKind) -> bool:
    said = {
        UnitKind.PROVINCE: file.province is not None,
        UnitKind.DISTRICT: bool(file.districts),
        UnitKind.COMMUNE: bool(file.communes),
    }
    return said[kind]


def _of_the_eve(loaded: LoadedMapping, on: date, kind: UnitKind) -> dict[str, tuple[str, Place]]:
    """Units that lists name as existing on the eve of `on`, with their name and place: the communes (the
    provinces) of districts, and the divided communes of localities. None where no file says what became of
    units of that kind on that day."""
    found: dict[str, tuple[str, Place]] = {}
    if not any(file.effective == on and _speaks_of(file, kind) for file in loaded.mapping.units):
        return found
    for document in loaded.documents:
        file = document.value
        if isinstance(file, UnitsFile) and file.effective == on:
            for index, district in enumerate(file.districts):
                own = {UnitKind.COMMUNE: tuple(district.communes), UnitKind.PROVINCE: (district.province,)}
                for code in own.get(kind, ()):
                    found.setdefault(code, ("", document.place(("districts", index))))
        elif isinstance(file, LocalitiesFile) and file.effective == on and kind is UnitKind.COMMUNE:
            for index, one in enumerate(file.localities):
                found.setdefault(one.unit.code, (one.unit.name, document.place(("localities", index))))
    return found


def _places(loaded: LoadedMapping, on: date, kind: UnitKind) -> dict[tuple[str, str], Place]:
    found: dict[tuple[str, str], Place] = {}
    for one in edges(loaded, View()):
        if one.kind is kind and one.day == on:
            document, loc = one.where
            found.setdefault((one.old.code, one.new.code), document.place(loc))
    for document in loaded.documents:
        file = document.value
        if not isinstance(file, UnitsFile):
            continue
        for index, change in enumerate(file.changes):
            if change.kind is kind and change.date == on and change.from_:
                key = (change.from_.code, change.to.code if change.to else "")
                found.setdefault(key, document.place(("changes", index)))
    return found
