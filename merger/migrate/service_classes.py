"""Services between which no definition makes a difference are one in a combination.

A system has hundreds of services, but what is decided depends only on whether a service follows land or
people and on which competence rules are about it. A class is named by a digest of just that, so it means
the same in every system. A service that a manual decision names stands for itself, and where a profile asks
what became of services, each one does.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from merger.approval import canonical_digest
from merger.lineage.competence import concerns
from merger.migrate.campaign import Campaign


@dataclass(frozen=True)
class ServiceClasses:
    """`labels`: service code as the source writes it, to its class; `members`: class to one such code."""

    labels: dict[str, str]

    @property
    def members(self) -> dict[str, str]:
        """One service of each class, the first in order."""
        return {label: code for code, label in sorted(self.labels.items(), reverse=True)}


def classify(campaign: Campaign, codes: Iterable[str], apart: bool = False) -> ServiceClasses:
    """The classes of a system's service codes. `apart`: each stands for itself."""
    if apart:
        return ServiceClasses({code: code for code in sorted(codes)})
    mapping = campaign.mapping.mapping
    rules = [(file.id, rule) for file in mapping.competence for rule in file.rules]
    named = {one.when.get("service") for file in mapping.decisions for one in file.decisions}
    labels = {}
    for code in sorted(codes):
        if code in named:
            labels[code] = code
            continue
        facts = campaign.services.facts(code)
        about = [[file, rule.rule] for file, rule in rules if concerns(rule, facts)]
        digest = canonical_digest([facts.known, facts.follows, about])
        labels[code] = f"class-{digest[:12]}"
    return ServiceClasses(labels)
