"""What a comparison of two states of a mapping answers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal

from merger.errors import Place
from merger.lineage import Successor
from merger.mapping.models import Land, People
from merger.messages import catalogue, current, text

PART = "compare"
_LEVELS = "level"


class Group(StrEnum):
    """Under which heading an administrator looks for a difference, the weightiest first."""

    ELSEWHERE = "goes-elsewhere"
    LAND = "land"
    PEOPLE = "people"
    SHARES = "shares"
    CHAINS = "chains"
    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    RECODED = "recoded"
    CLAUSES = "clauses"
    DETAILS = "details"
    DISTRICTS = "districts"
    CHANGES = "changes"
    LOCALITIES = "localities"
    DRAWINGS = "drawings"
    AGENCIES = "agencies"
    EIDS = "eids"
    COMPETENCE = "competence"
    SERVICES = "services"
    DECISIONS = "decisions"
    SUPPRESSIONS = "suppressions"
    OPEN = "open"
    FILES = "files"


How = Literal["added", "removed", "changed"]

Said = str | tuple[Successor, ...]
"""What one side says: a text (empty where it says nothing), or the successors of a unit."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that the two sides say differently.

    `subject` is what it is about, as a reader names it; `code` and `kind` its code and kind where it is a
    unit. `aspect` is what of it differs: for where a unit goes `land`, `people` or `both`, else the name
    of a value in the file. `place` is in the new file; in the old one where `in_old`.
    """

    group: Group
    how: How
    subject: str
    aspect: str
    until: Said
    now: Said
    place: Place
    in_old: bool = False
    code: str = ""
    kind: str = ""

    @property
    def message(self) -> str:
        """One sentence in the present language."""
        values = {"until": self._written(self.until), "now": self._written(self.now)}
        if self.group in (Group.ELSEWHERE, Group.LAND, Group.PEOPLE, Group.CHAINS):
            return text(f"{PART}.goes.{self.aspect}", unit=self.subject, **values)
        if self.how == "changed":
            aspect = text(f"{PART}.aspect.{self.aspect}")
            return text(f"{PART}.changed", subject=self.subject, aspect=aspect, **values)
        if self.group in (Group.ADDED, Group.REMOVED):
            said = values["now" if self.how == "added" else "until"]
            return text(f"{PART}.{self.how}.{self.aspect}", unit=self.subject, said=said)
        return text(f"{PART}.{self.how}.other", subject=self.subject)

    def _written(self, said: Said) -> str:
        if not isinstance(said, str):
            return successors_in_words(said, self.aspect)
        if said and self.aspect == "outcome":
            return text(f"lineage.reason.{said}")
        return self._in_words(said) or text(f"{PART}.nothing")

    def _in_words(self, said: str) -> str:
        """A value of a file, or a list of them, in words where it is one of the format's own."""
        of = _LEVELS if self.aspect.startswith("levels") else self.aspect
        known = catalogue(current(), PART)
        return ", ".join(known.get(f"value.{of}.{one}", one) for one in said.split(", "))


@dataclass(frozen=True, slots=True)
class Diff:
    """All differences, by group and in the order of the files.

    `files_added` and `files_removed` are paths: what they hold is new, or gone, as a whole.
    """

    differences: tuple[Difference, ...] = ()
    files_added: frozenset[str] = field(default_factory=frozenset)
    files_removed: frozenset[str] = field(default_factory=frozenset)

    def groups(self) -> list[tuple[Group, list[Difference]]]:
        """The groups that hold any difference, in the order of `Group`."""
        found = [(group, [one for one in self.differences if one.group is group]) for group in Group]
        return [(group, own) for group, own in found if own]

    def with_whole_file(self, one: Difference) -> bool:
        """Whether a difference is only that its whole file was added or removed."""
        if one.group is Group.FILES:
            return False
        files = self.files_removed if one.in_old else self.files_added
        return one.how != "changed" and one.place.file in files

    def named(self, names: Mapping[str, str]) -> "Diff":
        """The same with files under other names: those that git gives to temporary copies mean nothing."""

        def place(of: Place) -> Place:
            return replace(of, file=names.get(of.file, of.file))

        def files(of: frozenset[str]) -> frozenset[str]:
            return frozenset(names.get(one, one) for one in of)

        differences = tuple(replace(one, place=place(one.place)) for one in self.differences)
        return Diff(differences, files(self.files_added), files(self.files_removed))


def heading(group: Group, differences: Iterable[Difference]) -> str:
    """`3 units go elsewhere`: the group with the number of its subjects."""
    count = len({(one.kind, one.subject) for one in differences})
    return text(f"{PART}.heading.{group}.{'one' if count == 1 else 'many'}", count=count)


def successors_in_words(successors: tuple[Successor, ...], aspect: str = "both") -> str:
    """Units with how much goes to each: of land, of people, or of both."""
    if not successors:
        return text(f"{PART}.nowhere")
    return "; ".join(f"{one.code} {one.name}".strip() + _extent(one, aspect) for one in successors)


def _extent(one: Successor, aspect: str) -> str:
    land, people = text(f"{PART}.land.{one.extent}"), text(f"{PART}.people.{one.population}")
    shown = {"land": [land], "people": [people]}.get(aspect, [land, people])
    full = {"land": one.extent is Land.WHOLE, "people": one.population is People.ALL}
    if all(full[name] for name in ([aspect] if aspect in full else full)):
        shown = []
    if one.share is not None and shown and aspect not in ("land", "people"):
        shown.append(f"{one.share:g}")
    return f" ({', '.join(shown)})" if shown else ""
