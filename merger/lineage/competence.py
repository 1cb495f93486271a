"""Which competence rule says who takes over the pending work of an abolished agency."""

from collections.abc import Iterable
from dataclasses import dataclass

from merger.codes import service as codes
from merger.codes.names import fold
from merger.lineage.model import ServiceFacts
from merger.mapping.models import CompetenceRule, Level

COMMITTEE = "committee"
"""The function of a commune's committee, to which rules `to: commune` lead."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What a rule looks at: the abolished agency, what is known of the service, the work."""

    level: Level
    function: str
    service: ServiceFacts
    works: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The one rule that applies, or the reason why there is none: `no-rule`, `rules-conflict`."""

    rule: CompetenceRule | None
    reason: str = ""


def decide(rules: Iterable[CompetenceRule], matter: Matter) -> Verdict:
    """The most exact rule that fits (see `exactness`); of two equally exact ones neither applies."""
    fitting = [rule for rule in rules if fits(rule, matter)]
    if not fitting:
        return Verdict(None, "no-rule")
    best = max(exactness(rule) for rule in fitting)
    most_exact = [rule for rule in fitting if exactness(rule) == best]
    return Verdict(most_exact[0]) if len(most_exact) == 1 else Verdict(None, "rules-conflict")


def fits(rule: CompetenceRule, matter: Matter) -> bool:
    """Whether every condition of a rule holds; a condition that it leaves out always does."""
    return (
        matter.works in rule.works
        and (not rule.levels or matter.level in rule.levels)
        and (not rule.functions or matter.function in rule.functions)
        and concerns(rule, matter.service)
    )


def concerns(rule: CompetenceRule, service: ServiceFacts) -> bool:
    """Whether a rule is about a service: its national root, its field, the levels that do it afterwards."""
    roots = {codes.root(one) or one for one in rule.services}
    fields = {fold(name) for name in rule.fields}
    return (
        (not roots or service.root in roots)
        and (not fields or fold(service.field) in fields)
        and (not rule.levels_after or set(rule.levels_after) == set(service.levels_after))
    )


def exactness(rule: CompetenceRule) -> tuple[int, int]:
    """2 for a rule that names services, 1 for one that names fields, 0 for any other; then 1 if it names
    the levels of afterwards."""
    return (2 if rule.services else 1 if rule.fields else 0, 1 if rule.levels_after else 0)
