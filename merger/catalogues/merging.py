"""Lists of several provinces set beside the list of the province that goes on."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from merger.catalogues.model import Catalogue, Difference, Entry, Fate, Group, Kind
from merger.codes.names import Candidate, NameIndex, fold, fold_text
from merger.lineage import Outcome

LIKE = 0.8
"""So like must a name be to be offered to the person who decides."""

Codes = dict[tuple[str, ...], Entry]


@dataclass(frozen=True)
class Merged:
    """What became of every code of every list, and what differs, grouped as a person answers it.

    `services`: the services of the list that goes on, those withdrawn left out.
    """

    survivor: Catalogue
    catalogues: tuple[Catalogue, ...]
    services: tuple[Entry, ...]
    fates: tuple[Fate, ...]
    groups: tuple[Group, ...]

    @property
    def open(self) -> tuple[Group, ...]:
        """What nobody but a person can answer."""
        return tuple(group for group in self.groups if group.kind.asks)

    @property
    def differences(self) -> Iterator[Difference]:
        """All differences, those of each group together."""
        return (one for group in self.groups for one in group.differences)


def merge(catalogues: Iterable[Catalogue], survivor: Catalogue, with_levels: bool = True) -> Merged:
    """Joins lists on the national root; their order never matters.

    A code goes to the service that has it, else to the one that has its national root, in whatever suffix;
    where there is none, or several, or no national root, nothing is decided. `with_levels`: whether levels of
    government are compared (not where one list names those of before and the other those of after).
    """
    lists = tuple(sorted(catalogues, key=lambda one: one.province))
    beside = _Beside(survivor)
    fates: list[Fate] = []
    differences: list[Difference] = []
    for catalogue in lists:
        several = _roots_of_several(catalogue)
        for entry in catalogue.entries:
            fate, ours = beside.fate(catalogue.province, entry)
            fates.append(fate)
            kinds = beside.kinds(fate, ours, entry.root in several)
            differences += [
                Difference(kind, catalogue.province, entry, ours)
                for kind in kinds
                if with_levels or kind is not Kind.LEVELS
            ]
    services = tuple(beside.services.values())
    return Merged(survivor, lists, services, tuple(fates), tuple(_grouped(differences, beside)))


@dataclass
class _Beside:
    """The list that goes on, by codes, national roots and names."""

    survivor: Catalogue
    services: Codes = field(init=False)
    withdrawn: Codes = field(init=False)
    by_root: dict[str, list[Entry]] = field(init=False)

    def __post_init__(self) -> None:
        entries = self.survivor.entries
        self.services = {entry.key: entry for entry in entries if not entry.withdrawn}
        self.withdrawn = {entry.key: entry for entry in entries if entry.withdrawn}
        self.by_root = defaultdict(list)
        for entry in self.services.values():
            if entry.root:
                self.by_root[entry.root].append(entry)

    @cached_property
    def names(self) -> NameIndex:
        return NameIndex((entry.name, entry.code) for entry in self.services.values())

    def fate(self, province: str, entry: Entry) -> tuple[Fate, Entry | None]:
        """What became of a code, and the one service that it is now."""
        ours = self._same(province, entry)
        if ours is not None:
            return Fate(province, entry, Outcome.UNCHANGED, "same-code", (ours.code,)), ours
        found = self.by_root.get(entry.root, [])
        if len(found) == 1:
            return Fate(province, entry, Outcome.UNIQUE, "same-root", (found[0].code,)), found[0]
        if found:
            into = tuple(sorted(one.code for one in found))
            return Fate(province, entry, Outcome.SPLIT, "several", into), None
        if entry.withdrawn:
            return Fate(province, entry, Outcome.ENDED, "withdrawn"), None
        return Fate(province, entry, Outcome.UNKNOWN, "missing" if entry.root else "own"), None

    def kinds(self, fate: Fate, ours: Entry | None, is_several: bool) -> Iterator[Kind]:
        """In what a code differs."""
        entry = fate.entry
        if entry.withdrawn and not self._also_withdrawn(fate.province, entry):
            yield Kind.WITHDRAWN
        if fate.outcome is Outcome.SPLIT:
            yield Kind.SEVERAL
        if fate.outcome is Outcome.UNKNOWN:
            yield Kind.MISSING if entry.root else Kind.OWN
        if ours is None:
            return
        if fate.outcome is Outcome.UNIQUE and (is_several or len(entry.key) > _WITH_PROVINCE):
            yield Kind.VARIANT
        if fold_text(entry.name) != fold_text(ours.name):
            yield Kind.NAME
        if entry.field and ours.field and fold(entry.field) != fold(ours.field):
            yield Kind.FIELD
        if entry.levels and ours.levels and set(entry.levels) != set(ours.levels):
            yield Kind.LEVELS

    def _same(self, province: str, entry: Entry) -> Entry | None:
        """The service of the very same code; codes of a province's own mean something in it alone."""
        if not entry.root and province != self.survivor.province:
            return None
        return self.services.get(entry.key)

    def _also_withdrawn(self, province: str, entry: Entry) -> bool:
        return province == self.survivor.province and entry.key in self.withdrawn


_WITH_PROVINCE = 2  # the national root and the province


def _roots_of_several(catalogue: Catalogue) -> set[str]:
    seen: set[str] = set()
    several: set[str] = set()
    for entry in catalogue.entries:
        (several if entry.root in seen else seen).add(entry.root)
    return several - {""}


def _grouped(differences: Sequence[Difference], beside: _Beside) -> Iterator[Group]:
    """Groups in the order of their kinds and of what they are about."""
    groups: dict[tuple[str, ...], list[Difference]] = defaultdict(list)
    for one in differences:
        groups[one.kind.value, *_about(one)].append(one)
    order = list(Kind)
    for key in sorted(groups, key=lambda key: (order.index(Kind(key[0])), key)):
        found = groups[key]
        kind = found[0].kind
        mine = sorted({_mine(one) for one in found})
        yield Group(
            kind, _theirs(found), " | ".join(filter(None, mine)), tuple(found), _offered(found, beside)
        )


def _about(one: Difference) -> tuple[str, ...]:
    """What differences that one answer settles have in common."""
    entry, ours = one.entry, one.ours
    match one.kind:
        case Kind.OWN:
            return (fold_text(entry.name),)
        case Kind.NAME:
            return (ours.code if ours else "", fold_text(entry.name))
        case Kind.FIELD:
            return (fold(entry.field), fold(ours.field) if ours else "")
        case Kind.LEVELS:
            return (" ".join(sorted(entry.levels)), " ".join(sorted(ours.levels)) if ours else "")
        case _:
            return (entry.root or entry.code,)


def _theirs(found: Sequence[Difference]) -> str:
    return " | ".join(dict.fromkeys(_said(one.kind, one.entry) for one in found))


def _mine(one: Difference) -> str:
    return _said(one.kind, one.ours) if one.ours else ""


def _said(kind: Kind, entry: Entry) -> str:
    if kind is Kind.FIELD:
        return entry.field
    if kind is Kind.LEVELS:
        return "; ".join(entry.levels)
    return entry.name


def _offered(found: Sequence[Difference], beside: _Beside) -> tuple[Candidate, ...]:
    """The services that may be meant, where a person must say which."""
    kind = found[0].kind
    if kind is Kind.SEVERAL:
        variants = beside.by_root[found[0].entry.root]
        return tuple(Candidate(one.code, one.name, 1.0) for one in sorted(variants, key=lambda one: one.code))
    if kind not in (Kind.OWN, Kind.MISSING):
        return ()
    offered: dict[str, Candidate] = {}
    for name in dict.fromkeys(one.entry.name for one in found):
        for candidate in beside.names.near(name, floor=LIKE):
            offered.setdefault(candidate.code, candidate)
    return tuple(sorted(offered.values(), key=lambda one: (-one.likeness, one.code)))
