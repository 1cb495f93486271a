"""Whether lists of services agree, their levels have rules, and old codes go to services that are there."""

from collections.abc import Iterator

from merger.codes import service as codes
from merger.codes.names import fold
from merger.lineage.competence import concerns
from merger.lineage.model import ServiceFacts
from merger.mapping.models import CompetenceRule, Definitions, Level, Service
from merger.mapping.tree import Loc
from merger.quality.agencies import before
from merger.quality.subject import Hit, Subject, level_word

Told = tuple[Definitions, Loc, Service]


def levels_that_end_have_rules(subject: Subject) -> Iterator[Hit]:
    """A service is done at a level whose agencies go by competence rules, and no rule is about it there.

    Told once for each field and level. Which levels those are, the rules and agencies say themselves.
    """
    rules = [rule for file in subject.mapping.competence for rule in file.rules if "dossiers" in rule.works]
    asked = {level for rule in rules for level in rule.levels}
    asked |= {agency.level for _, _, agency in before(subject) if agency.into == "competence"}
    without: dict[tuple[str, Level], list[Told]] = {}
    for file, loc, service in _services(subject) if rules else ():
        for level in service.levels:
            if level in asked and not any(_is_about(rule, service, level) for rule in rules):
                without.setdefault((fold(service.field), level), []).append((file, loc, service))
    for (_, level), told in without.items():
        file, loc, service = told[0]
        fields = {
            "service": service.service,
            "level": level_word(level),
            "field": service.field,
            "count": len(told),
        }
        yield Hit((file, (*loc, "levels")), service.service, fields)


def levels_are_told_alike(subject: Subject) -> Iterator[Hit]:
    """Two files name different levels of one service, before or after."""
    first: dict[tuple[str, tuple[str, ...]], Told] = {}
    for file, loc, service in _services(subject):
        for key in ("levels", "levels_after"):
            levels = getattr(service, key)
            if not levels:
                continue
            other_file, other_loc, other = first.setdefault(
                (key, codes.key(service.service.code)), (file, loc, service)
            )
            if other_file is not file and set(getattr(other, key)) != set(levels):
                fields = {
                    "service": service.service.code,
                    "levels": level_word(*levels),
                    "others": level_word(*getattr(other, key)),
                    "other": subject.loaded.place(other_file, (*other_loc, key)),
                }
                yield Hit((file, (*loc, key)), service.service, fields)


def old_services_go_to_known_ones(subject: Subject) -> Iterator[Hit]:
    """An old code goes into a service that the file does not list."""
    for file in subject.mapping.services:
        listed = {codes.key(one.service.code) for one in file.services}
        for index, old in enumerate(file.before):
            for number, into in enumerate(old.into):
                if codes.key(into) not in listed:
                    at = (file, ("before", index, "into", number))
                    yield Hit(at, old.service, {"service": old.service, "into": into})


def old_services_are_told_once(subject: Subject) -> Iterator[Hit]:
    """A code of one province's old list is entered twice for one day."""
    first: dict[tuple[object, ...], tuple[Definitions, Loc]] = {}
    for file in subject.mapping.services:
        for index, old in enumerate(file.before):
            loc: Loc = ("before", index, "service")
            key = (file.effective, old.province, codes.key(old.service.code))
            other = first.setdefault(key, (file, loc))
            if other != (file, loc):
                fields = {"service": old.service, "other": subject.loaded.place(*other)}
                yield Hit((file, loc), old.service, fields)


def old_services_name_known_decisions(subject: Subject) -> Iterator[Hit]:
    """An old code is settled by a decision that the file does not hold."""
    for file in subject.mapping.services:
        known = {one.decision for one in file.decisions}
        for index, old in enumerate(file.before):
            if old.decided and old.decided not in known:
                at = (file, ("before", index, "decided"))
                yield Hit(at, old.service, {"service": old.service, "decision": old.decided})


def _services(subject: Subject) -> Iterator[Told]:
    for file in subject.mapping.services:
        for index, service in enumerate(file.services):
            yield file, ("services", index), service


def _is_about(rule: CompetenceRule, service: Service, level: Level) -> bool:
    facts = ServiceFacts(
        codes.key(service.service.code)[0], field=service.field, levels_after=service.levels_after
    )
    return (not rule.levels or level in rule.levels) and concerns(rule, facts)
