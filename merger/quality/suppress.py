"""Findings that somebody has looked at and lets stand, with a reason, inside the file that they are in."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from merger.errors import Finding
from merger.mapping.models import Definitions, Suppression
from merger.quality.subject import Hit, Subject

Said = tuple[Definitions, int, Suppression]


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A finding that is not counted, and why it may stand."""

    finding: Finding
    reason: str


class Suppressions:
    """The suppressions of all files, and which of them had an effect on `hits`, by their rules' codes;
    findings of the rules `never` cannot be suppressed.

    One whose `of` is a name that several of the hit units bear lets none of them stand.
    """

    def __init__(
        self, subject: Subject, hits: Iterable[tuple[str, Hit]], never: Collection[str] = ()
    ) -> None:
        self._never = frozenset(never)
        self._said: dict[str, list[Said]] = {
            document.value.id: [(document.value, i, one) for i, one in enumerate(document.value.suppress)]
            for document in subject.loaded.documents
        }
        self._ids = {str(document.path): document.value.id for document in subject.loaded.documents}
        self._used: set[tuple[str, int]] = set()
        self._codes: dict[tuple[str, int], set[str]] = defaultdict(set)
        for code, hit in hits:
            for definitions, index, _ in self._fitting(code, hit):
                self._codes[definitions.id, index].add(hit.code)

    def reason(self, code: str, hit: Hit) -> str:
        """Why a hit of the rule `code` may stand by the file that it is in; empty if nothing lets it."""
        for definitions, index, one in self._fitting(code, hit):
            if not self._namesakes(definitions, index, one):
                self._used.add((definitions.id, index))
                return one.reason
        return ""

    def ambiguous(self) -> Iterator[Hit]:
        """The suppressions by a name that several units with findings bear."""
        for definitions, index, one in self._all():
            codes = self._namesakes(definitions, index, one)
            if codes:
                fields = {"rule": one.rule, "of": one.of, "codes": ", ".join(codes)}
                yield Hit((definitions, ("suppress", index, "of")), one.rule, fields)

    def unused(self, rules: Collection[str]) -> Iterator[Hit]:
        """The suppressions of known rules that nothing was suppressed by."""
        for definitions, index, one in self._all():
            idle = (definitions.id, index) not in self._used
            if one.rule in rules and idle and not self._namesakes(definitions, index, one):
                fields = {"rule": one.rule, "of": one.of or "–"}
                yield Hit((definitions, ("suppress", index, "rule")), one.rule, fields)

    def _all(self) -> Iterator[Said]:
        return (one for said in self._said.values() for one in said)

    def _fitting(self, code: str, hit: Hit) -> Iterator[Said]:
        """The suppressions of the hit's file that speak of it."""
        home = self._ids.get(hit.home, hit.home)
        for said in self._said.get(home, ()) if code not in self._never else ():
            if said[2].rule == code and (not said[2].of or hit.is_about(said[2].of)):
                yield said

    def _namesakes(self, definitions: Definitions, index: int, one: Suppression) -> list[str]:
        """The codes of what a suppression speaks of, where its `of` stands for several."""
        codes = self._codes[definitions.id, index] if one.of else set()
        return sorted(codes) if len(codes) > 1 else []


def unknown(subject: Subject, rules: Collection[str]) -> Iterator[Hit]:
    """The suppressions of rules that there are none."""
    for document in subject.loaded.documents:
        definitions = document.value
        for index, one in enumerate(definitions.suppress):
            if one.rule not in rules:
                yield Hit((definitions, ("suppress", index, "rule")), one.rule, {"rule": one.rule})
