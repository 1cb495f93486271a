"""Findings that somebody has looked at and lets stand, with a reason, inside the file that they are in."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from merger.errors import Finding
from merger.mapping.models import Definitions, Suppression
from merger.quality.subject import Hit, Subject


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A finding that is not counted, and why it may stand."""

    finding: Finding
    reason: str


class Suppressions:
    """The suppressions of all files, and which of them had an effect."""

    def __init__(self, subject: Subject) -> None:
        self._said: dict[str, list[tuple[Definitions, int, Suppression]]] = {
            document.value.id: [(document.value, i, one) for i, one in enumerate(document.value.suppress)]
            for document in subject.loaded.documents
        }
        self._ids = {str(document.path): document.value.id for document in subject.loaded.documents}
        self._used: set[tuple[str, int]] = set()

    def reason(self, code: str, hit: Hit) -> str:
        """Why a hit of the rule `code` may stand by the file that it is in; empty if nothing lets it."""
        for definitions, index, one in self._said.get(self._ids.get(hit.home, hit.home), ()):
            if one.rule == code and (not one.of or hit.is_about(one.of)):
                self._used.add((definitions.id, index))
                return one.reason
        return ""

    def unused(self, rules: Collection[str]) -> Iterator[Hit]:
        """The suppressions of known rules that nothing was suppressed by."""
        for said in self._said.values():
            for definitions, index, one in said:
                if one.rule in rules and (definitions.id, index) not in self._used:
                    fields = {"rule": one.rule, "of": one.of or "–"}
                    yield Hit((definitions, ("suppress", index, "rule")), one.rule, fields)

    def unknown(self, rules: Collection[str]) -> Iterator[Hit]:
        """The suppressions of rules that there are none."""
        for said in self._said.values():
            for definitions, index, one in said:
                if one.rule not in rules:
                    yield Hit((definitions, ("suppress", index, "rule")), one.rule, {"rule": one.rule})
