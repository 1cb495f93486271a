"""Whether agencies have one successor each, and competence rules one answer."""

from collections.abc import Collection, Iterator
from itertools import combinations

from merger.errors import Finding
from merger.mapping import LoadedMapping
from merger.mapping.models import CompetenceRule
from merger.quality.places import finding

_BY_RULE = ("unit", "competence")


def agency_codes_are_given_once(loaded: LoadedMapping) -> Iterator[Finding]:
    """MAP301: two agencies of the same time bear one code, in either written form."""
    first: dict[tuple[str, str], str] = {}
    for file in loaded.mapping.agencies:
        for side, agencies in (("before", file.before), ("after", file.after)):
            for index, agency in enumerate(agencies):
                for key, code in (("agency", agency.agency.code), ("former", agency.former)):
                    other = first.setdefault((side, code), str(agency.agency)) if code else None
                    if other not in (None, str(agency.agency)):
                        fields = {"code": code, "other": other}
                        yield finding(loaded, file, (side, index, key), "MAP301", **fields)


def agencies_go_to_known_ones(loaded: LoadedMapping) -> Iterator[Finding]:
    """MAP302: an agency's successor, or the one that receives its documents, is not defined."""
    known = {
        agency.agency.code for file in loaded.mapping.agencies for agency in (*file.before, *file.after)
    } | set(_BY_RULE)
    for file in loaded.mapping.agencies:
        for index, agency in enumerate(file.before):
            for key, code in (("into", agency.into), ("documents", agency.documents)):
                if code and code not in known:
                    yield finding(loaded, file, ("before", index, key), "MAP302", code=code)


def agencies_do_not_go_in_circles(loaded: LoadedMapping) -> Iterator[Finding]:
    """MAP303: following `into` from agency to agency comes back to where it began."""
    after = {agency.agency.code for file in loaded.mapping.agencies for agency in file.after}
    into = {one.agency.code: one.into for file in loaded.mapping.agencies for one in file.before}
    for file in loaded.mapping.agencies:
        for index, agency in enumerate(file.before):
            way = [agency.agency.code]
            while way[-1] in into and into[way[-1]] not in after and into[way[-1]] not in way:
                way.append(into[way[-1]])
            if into.get(way[-1]) == way[0] and way[0] not in after:
                fields = {"way": " → ".join([*way, way[0]])}
                yield finding(loaded, file, ("before", index, "into"), "MAP303", **fields)


def rules_do_not_compete(loaded: LoadedMapping) -> Iterator[Finding]:
    """MAP304: two competence rules are equally exact and can both match one dossier or document."""
    for file in loaded.mapping.competence:
        for (_, one), (index, other) in combinations(enumerate(file.rules), 2):
            if _exactness(one) == _exactness(other) and _overlap(one, other):
                fields = {"rule": other.rule, "other": one.rule}
                yield finding(loaded, file, ("rules", index, "rule"), "MAP304", **fields)


def names_of_rules_are_given_once(loaded: LoadedMapping) -> Iterator[Finding]:
    """MAP305: two competence rules, or two decisions, bear one name."""
    rules: set[str] = set()
    decisions: set[str] = set()
    for competence in loaded.mapping.competence:
        for index, rule in enumerate(competence.rules):
            if rule.rule in rules:
                yield finding(loaded, competence, ("rules", index, "rule"), "MAP305", name=rule.rule)
            rules.add(rule.rule)
    for file in loaded.mapping.decisions:
        for index, decision in enumerate(file.decisions):
            if decision.decision in decisions:
                loc = ("decisions", index, "decision")
                yield finding(loaded, file, loc, "MAP305", name=decision.decision)
            decisions.add(decision.decision)


def _exactness(rule: CompetenceRule) -> int:
    return 2 if rule.services else 1 if rule.fields else 0


def _overlap(one: CompetenceRule, other: CompetenceRule) -> bool:
    return (
        bool(set(one.works) & set(other.works))
        and _meet(one.levels, other.levels)
        and _meet(one.functions, other.functions)
        and _meet(one.services, other.services)
        and _meet(one.fields, other.fields)
    )


def _meet(one: Collection[str], other: Collection[str]) -> bool:
    """Whether both can hold of one value; nothing named means any."""
    return not one or not other or bool(set(one) & set(other))
