"""Whether definitions that name units, agencies, services and fields name ones that exist.

Each kind of definitions can be loaded alone; what is named is looked for only where definitions of
its kind are loaded too.
"""

from collections import defaultdict
from collections.abc import Iterator

from merger.errors import Finding
from merger.mapping import LoadedMapping
from merger.mapping.models import Level, ToAgency, ToFunction, UnitKind
from merger.quality.places import finding, made, taken

_KIND = {
    Level.PROVINCE: UnitKind.PROVINCE,
    Level.DISTRICT: UnitKind.DISTRICT,
    Level.COMMUNE: UnitKind.COMMUNE,
}


def localities_name_divided_units(loaded: LoadedMapping) -> Iterator[Finding]:
    """MAP201, MAP202: a locality's unit is unknown, or did not go into the unit that is named."""
    successors: dict[str, set[str]] = defaultdict(set)
    for one in taken(loaded):
        if one.named.kind == UnitKind.COMMUNE:
            successors[one.named.ref.code].add(one.into.code)
    for file in loaded.mapping.localities if successors else ():
        for index, locality in enumerate(file.localities):
            if locality.unit.code not in successors:
                loc = ("localities", index, "unit")
                yield finding(loaded, file, loc, "MAP201", code=locality.unit.code)
            elif locality.into.code not in successors[locality.unit.code]:
                fields = {"unit": locality.unit, "into": locality.into}
                yield finding(loaded, file, ("localities", index, "into"), "MAP202", **fields)


def localities_go_to_one_unit(loaded: LoadedMapping) -> Iterator[Finding]:
    """MAP203: a locality of one unit is said to have gone into two."""
    first: dict[tuple[str, str], str] = {}
    for file in loaded.mapping.localities:
        for index, locality in enumerate(file.localities):
            for number, name in enumerate(locality.names):
                other = first.setdefault((locality.unit.code, name.casefold()), locality.into.code)
                if other != locality.into.code:
                    fields = {"name": name, "unit": locality.unit, "other": other}
                    yield finding(loaded, file, ("localities", index, "names", number), "MAP203", **fields)


def agencies_serve_known_units(loaded: LoadedMapping) -> Iterator[Finding]:
    """MAP204: an agency's unit is not one of its level and time."""
    before, after = _units_before(loaded), _units_after(loaded)
    for file in loaded.mapping.agencies:
        for side, agencies, known in (("before", file.before, before), ("after", file.after, after)):
            for index, agency in enumerate(agencies):
                kind = _KIND[agency.level]
                if known[kind] and agency.unit not in known[kind]:
                    fields = {"code": agency.unit, "agency": agency.agency}
                    yield finding(loaded, file, (side, index, "unit"), "MAP204", **fields)


def rules_name_known_agencies(loaded: LoadedMapping) -> Iterator[Finding]:
    """MAP205, MAP206: a competence rule gives work to an agency, or a function, that nobody has."""
    agencies = [agency for file in loaded.mapping.agencies for agency in file.after]
    codes = {agency.agency.code for agency in agencies}
    functions = {agency.function for agency in agencies}
    for file in loaded.mapping.competence if agencies else ():
        for index, rule in enumerate(file.rules):
            if isinstance(rule.to, ToAgency) and rule.to.agency not in codes:
                loc = ("rules", index, "to", "agency")
                yield finding(loaded, file, loc, "MAP205", code=rule.to.agency)
            if isinstance(rule.to, ToFunction) and rule.to.function not in functions:
                loc = ("rules", index, "to", "function")
                yield finding(loaded, file, loc, "MAP206", function=rule.to.function)


def services_and_fields_are_known(loaded: LoadedMapping) -> Iterator[Finding]:
    """MAP207, MAP208: a rule names a service, or a rule or service a field, that is not defined."""
    services = {one.service.code for file in loaded.mapping.services for one in file.services}
    fields = {one.field for file in loaded.mapping.services for one in file.fields}
    for rules in loaded.mapping.competence:
        for index, rule in enumerate(rules.rules):
            for number, code in enumerate(rule.services):
                if services and code not in services:
                    yield finding(loaded, rules, ("rules", index, "services", number), "MAP207", code=code)
            for number, field in enumerate(rule.fields):
                if fields and field not in fields:
                    yield finding(loaded, rules, ("rules", index, "fields", number), "MAP208", field=field)
    for file in loaded.mapping.services:
        for index, service in enumerate(file.services):
            if fields and service.field not in fields:
                loc = ("services", index, "field")
                yield finding(loaded, file, loc, "MAP208", field=service.field)


def decisions_name_known_successors(loaded: LoadedMapping) -> Iterator[Finding]:
    """MAP209: a decision gives a code that is no unit and no agency of the time after."""
    units = set().union(*_units_after(loaded).values())
    agencies = {one.agency.code for file in loaded.mapping.agencies for one in file.after}
    for file in loaded.mapping.decisions:
        for index, decision in enumerate(file.decisions):
            for field, code in decision.then.items():
                known = units if code.isdigit() else agencies
                if known and code not in known:
                    yield finding(loaded, file, ("decisions", index, "then", field), "MAP209", code=code)


def _units_before(loaded: LoadedMapping) -> dict[UnitKind, set[str]]:
    codes: dict[UnitKind, set[str]] = {kind: set() for kind in UnitKind}
    for one in taken(loaded):
        codes[one.named.kind].add(one.named.ref.code)
    for file in loaded.mapping.units:
        codes[UnitKind.DISTRICT] |= {district.unit.code for district in file.districts}
    return codes


def _units_after(loaded: LoadedMapping) -> dict[UnitKind, set[str]]:
    codes: dict[UnitKind, set[str]] = {kind: set() for kind in UnitKind}
    for one in made(loaded):
        codes[one.kind].add(one.ref.code)
    return codes
