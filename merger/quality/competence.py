"""Whether competence rules have one answer, and services say what they go by where it matters."""

from collections.abc import Collection, Iterator
from itertools import combinations

from merger.codes.names import fold
from merger.codes.service import root
from merger.errors import Place
from merger.lineage.competence import exactness
from merger.mapping.models import CompetenceRule, Follows, Land, People, Service, UnitKind
from merger.mapping.tree import Loc
from merger.quality.agencies import before
from merger.quality.subject import Hit, Subject, Taken


def rules_do_not_compete(subject: Subject) -> Iterator[Hit]:
    """Two competence rules are equally exact and can both match one dossier or document."""
    for file in subject.mapping.competence:
        for (_, one), (index, other) in combinations(enumerate(file.rules), 2):
            if exactness(one) == exactness(other) and _overlap(one, other):
                fields = {"rule": other.rule, "other": one.rule}
                yield Hit((file, ("rules", index, "rule")), other.rule, fields)


def names_of_rules_are_given_once(subject: Subject) -> Iterator[Hit]:
    """Two competence rules, or two decisions, bear one name."""
    rules: set[str] = set()
    decisions: set[str] = set()
    for competence in subject.mapping.competence:
        for index, rule in enumerate(competence.rules):
            if rule.rule in rules:
                yield Hit((competence, ("rules", index, "rule")), rule.rule, {"name": rule.rule})
            rules.add(rule.rule)
    for file, loc, one in subject.decided:
        if one.decision in decisions:
            yield Hit((file, (*loc, "decision")), one.decision, {"name": one.decision})
        decisions.add(one.decision)


def rules_can_match(subject: Subject) -> Iterator[Hit]:
    """Nothing can match a competence rule: no agency that goes by rules, or no service at its levels."""
    by_rule = [agency for _, _, agency in before(subject) if agency.into == "competence"]
    services = {_root(one.service.code): one for file in subject.mapping.services for one in file.services}
    for file in subject.mapping.competence:
        for index, rule in enumerate(file.rules):
            agencies = [one for one in by_rule if _is_of(rule, one.level, one.function)]
            named = [services[_root(code)] for code in rule.services if _root(code) in services]
            fitting = [
                one
                for one in named
                if _meet(one.levels, rule.levels)
                and _meet([one.field], rule.fields)
                and (not rule.levels_after or set(one.levels_after) == set(rule.levels_after))
            ]
            if (by_rule and not agencies) or (len(named) == len(rule.services) > 0 and not fitting):
                yield Hit((file, ("rules", index, "rule")), rule.rule, {"rule": rule.rule})


def agencies_have_rules(subject: Subject) -> Iterator[Hit]:
    """An agency's work goes by competence rules, and none is for its level and function."""
    rules = [rule for file in subject.mapping.competence for rule in file.rules]
    for file, index, agency in before(subject) if rules else ():
        if agency.into == "competence" and not any(
            _is_of(rule, agency.level, agency.function) and "dossiers" in rule.works for rule in rules
        ):
            yield Hit((file, ("before", index, "into")), agency.agency, {"agency": agency.agency})


def services_say_what_they_follow(subject: Subject) -> Iterator[Hit]:
    """Land and people of a commune went different ways, and neither service nor field says which counts."""
    divided = next(
        (
            takers[0].named
            for key, takers in subject.takers.items()
            if key[1] == UnitKind.COMMUNE and _apart(takers)
        ),
        None,
    )
    follows = {one.field: one.follows for file in subject.mapping.services for one in file.fields}
    told: set[str] = set()
    for file in subject.mapping.services if divided else ():
        for index, service in enumerate(file.services):
            if not service.follows and not follows.get(service.field) and service.field not in told:
                assert divided
                told.add(service.field)
                fields = {"field": service.field, "unit": divided.ref}
                yield Hit((file, ("services", index, "field")), service.field, fields)


def fields_follow_one_thing(subject: Subject) -> Iterator[Hit]:
    """A field of services is said to follow people in one place and land in another."""
    said: dict[str, tuple[Place, Follows]] = {}
    for file in subject.mapping.services:
        for index, one in enumerate(file.fields):
            at: Loc = ("fields", index)
            if one.follows is None:
                continue
            other, follows = said.setdefault(fold(one.field), (subject.loaded.place(file, at), one.follows))
            if follows is not one.follows:
                yield Hit((file, at), one.field, {"field": one.field, "other": other})


def services_are_told_alike(subject: Subject) -> Iterator[Hit]:
    """A service is told twice, with another field, or with another word for what it follows."""
    said: dict[str, list[tuple[Place, Service]]] = {}
    for file in subject.mapping.services:
        for index, one in enumerate(file.services):
            at: Loc = ("services", index)
            told = said.setdefault(_root(one.service.code), [])
            other = next((place for place, two in told if _differ(one, two)), None)
            if other:
                yield Hit((file, at), one.service, {"service": one.service, "other": other})
            told.append((subject.loaded.place(file, at), one))


def _differ(one: Service, other: Service) -> bool:
    follows = {one.follows, other.follows} - {None}
    return fold(one.field) != fold(other.field) or len(follows) > 1


def _apart(takers: Collection[Taken]) -> bool:
    """Whether the land of a unit goes to others than its people do."""
    land = {one.into.code for one in takers if one.land is not Land.NONE}
    people = {one.into.code for one in takers if one.people is not People.NONE}
    return land != people


def _is_of(rule: CompetenceRule, level: str, function: str) -> bool:
    return _meet(rule.levels, [level]) and _meet(rule.functions, [function])


def _overlap(one: CompetenceRule, other: CompetenceRule) -> bool:
    return (
        bool(set(one.works) & set(other.works))
        and _meet(one.levels, other.levels)
        and _meet(one.functions, other.functions)
        and _meet([_root(code) for code in one.services], [_root(code) for code in other.services])
        and _meet(one.fields, other.fields)
        and set(one.levels_after or other.levels_after) == set(other.levels_after or one.levels_after)
    )


def _root(code: str) -> str:
    return root(code) or code


def _meet(one: Collection[str], other: Collection[str]) -> bool:
    """Whether both can hold of one value; nothing named means any."""
    return not one or not other or bool(set(one) & set(other))
