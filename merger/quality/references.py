"""Whether definitions that name units, agencies, services and fields name ones that exist.

Each kind of definitions can be loaded alone; what is named is looked for only where definitions of
its kind are loaded too.
"""

from collections.abc import Iterator

from merger.codes import service as codes
from merger.codes.names import fold
from merger.mapping.models import Level, ToAgency, ToFunction, UnitKind
from merger.quality.subject import Hit, Subject

_KIND = {
    Level.PROVINCE: UnitKind.PROVINCE,
    Level.DISTRICT: UnitKind.DISTRICT,
    Level.COMMUNE: UnitKind.COMMUNE,
}


def localities_name_known_units(subject: Subject) -> Iterator[Hit]:
    """A locality's unit is one that no entry takes from."""
    known = {code for kind, code in subject.successors if kind == UnitKind.COMMUNE}
    for file in subject.mapping.localities if known else ():
        for index, locality in enumerate(file.localities):
            if locality.unit.code not in known:
                loc = ("localities", index, "unit")
                yield Hit((file, loc), locality.unit, {"code": locality.unit.code})


def localities_go_where_their_unit_goes(subject: Subject) -> Iterator[Hit]:
    """A locality is said to have gone into a unit that took nothing of its own."""
    for file in subject.mapping.localities:
        for index, locality in enumerate(file.localities):
            into = subject.successors.get((UnitKind.COMMUNE, locality.unit.code))
            if into and locality.into.code not in into:
                fields = {"unit": locality.unit, "into": locality.into}
                yield Hit((file, ("localities", index, "into")), locality.unit, fields)


def localities_go_to_one_unit(subject: Subject) -> Iterator[Hit]:
    """A locality of one unit is said to have gone into two."""
    first: dict[tuple[str, str], str] = {}
    for file in subject.mapping.localities:
        for index, locality in enumerate(file.localities):
            for number, name in enumerate(locality.names):
                other = first.setdefault((locality.unit.code, fold(name)), locality.into.code)
                if other != locality.into.code:
                    fields = {"name": name, "unit": locality.unit, "other": other}
                    yield Hit((file, ("localities", index, "names", number)), locality.unit, fields)


def localities_are_named_once(subject: Subject) -> Iterator[Hit]:
    """A locality is named twice for one unit and successor."""
    seen: set[tuple[str, str, str]] = set()
    for file in subject.mapping.localities:
        for index, locality in enumerate(file.localities):
            for number, name in enumerate(locality.names):
                key = (locality.unit.code, locality.into.code, fold(name))
                if key in seen:
                    fields = {"name": name, "unit": locality.unit}
                    yield Hit((file, ("localities", index, "names", number)), locality.unit, fields)
                seen.add(key)


def agencies_serve_known_units(subject: Subject) -> Iterator[Hit]:
    """An agency's unit is not one of its level and time."""
    before, after = _units_before(subject), _units_after(subject)
    for file in subject.mapping.agencies:
        for side, agencies, known in (("before", file.before, before), ("after", file.after, after)):
            for index, agency in enumerate(agencies):
                kind = _KIND[agency.level]
                if known[kind] and agency.unit not in known[kind]:
                    fields = {"code": agency.unit, "agency": agency.agency}
                    yield Hit((file, (side, index, "unit")), agency.agency, fields)


def rules_name_known_agencies(subject: Subject) -> Iterator[Hit]:
    """A competence rule gives work to an agency that is none of the time after."""
    codes = {agency.agency.code for file in subject.mapping.agencies for agency in file.after}
    for file in subject.mapping.competence if codes else ():
        for index, rule in enumerate(file.rules):
            if isinstance(rule.to, ToAgency) and rule.to.agency not in codes:
                yield Hit((file, ("rules", index, "to", "agency")), rule.rule, {"code": rule.to.agency})


def rules_name_known_functions(subject: Subject) -> Iterator[Hit]:
    """A competence rule gives work to a function that no agency of the time after has."""
    functions = {agency.function for file in subject.mapping.agencies for agency in file.after}
    for file in subject.mapping.competence if functions else ():
        for index, rule in enumerate(file.rules):
            if isinstance(rule.to, ToFunction) and rule.to.function not in functions:
                fields = {"function": rule.to.function}
                yield Hit((file, ("rules", index, "to", "function")), rule.rule, fields)


def services_are_known(subject: Subject) -> Iterator[Hit]:
    """A competence rule names a service that is not defined."""
    services = {codes.key(one.service.code)[0] for file in subject.mapping.services for one in file.services}
    for file in subject.mapping.competence if services else ():
        for index, rule in enumerate(file.rules):
            for number, code in enumerate(rule.services):
                if codes.key(code)[0] not in services:
                    yield Hit((file, ("rules", index, "services", number)), rule.rule, {"code": code})


def fields_are_known(subject: Subject) -> Iterator[Hit]:
    """A competence rule or a service names a field that is not defined."""
    fields = {one.field for file in subject.mapping.services for one in file.fields}
    for rules in subject.mapping.competence if fields else ():
        for index, rule in enumerate(rules.rules):
            for number, field in enumerate(rule.fields):
                if field not in fields:
                    yield Hit((rules, ("rules", index, "fields", number)), rule.rule, {"field": field})
    for file in subject.mapping.services if fields else ():
        for index, service in enumerate(file.services):
            if service.field not in fields:
                loc = ("services", index, "field")
                yield Hit((file, loc), service.service, {"field": service.field})


def decisions_name_known_successors(subject: Subject) -> Iterator[Hit]:
    """A decision gives a code that is no unit, no agency and no service of the time after."""
    units = set().union(*_units_after(subject).values())
    agencies = {one.agency.code for file in subject.mapping.agencies for one in file.after}
    services = {codes.key(one.service.code) for file in subject.mapping.services for one in file.services}
    for file in subject.mapping.decisions:
        for index, decision in enumerate(file.decisions):
            for field, code in decision.then.items():
                known = units if code.isdigit() else agencies
                if field == "service":
                    known = {code} if codes.key(code) in services else {""} if services else set()
                if known and code not in known:
                    at = (file, ("decisions", index, "then", field))
                    yield Hit(at, decision.decision, {"code": code})


def _units_before(subject: Subject) -> dict[UnitKind, set[str]]:
    codes: dict[UnitKind, set[str]] = {kind: set() for kind in UnitKind}
    for kind, code in subject.successors:
        codes[kind].add(code)
    for file in subject.mapping.units:
        codes[UnitKind.DISTRICT] |= {district.unit.code for district in file.districts}
    return codes


def _units_after(subject: Subject) -> dict[UnitKind, set[str]]:
    codes: dict[UnitKind, set[str]] = {kind: set() for kind in UnitKind}
    for one in subject.made:
        codes[one.kind].add(one.ref.code)
    return codes
