"""What rules look at: the mapping, where units are named in it, and its lineage, each computed once."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from merger.codes.unit import kind_of
from merger.errors import Place
from merger.lineage import Lineage, build
from merger.mapping import LoadedMapping, models
from merger.mapping.models import (
    Change,
    Decided,
    DecisionsFile,
    Definitions,
    DistrictEntry,
    Land,
    People,
    Predecessor,
    Ref,
    UnitKind,
    UnitsFile,
)
from merger.mapping.tree import Loc
from merger.messages import Word
from merger.quality.roster import Roster

Key = tuple[date, UnitKind, str]

_KINDS = {
    "province": UnitKind.PROVINCE,
    "districts": UnitKind.DISTRICT,
    "communes": UnitKind.COMMUNE,
    "localities": UnitKind.COMMUNE,
}


def level_word(*levels: models.Level) -> Word:
    """Levels of government in the words of messages."""
    return Word.of(*(f"quality.level.{one.value}" for one in levels))


@dataclass(frozen=True, slots=True)
class Hit:
    """A mistake that a rule found: where, in which unit, agency or name (`about`), and its message's fields.

    `at` is a value's place in a file of the mapping, or a place of its own.
    """

    at: "tuple[Definitions, Loc] | Place"
    about: Ref | str
    fields: Mapping[str, object] = field(default_factory=dict)

    def is_about(self, words: str) -> bool:
        """Whether `words` is the code, the name, or both, of what the hit is about."""
        if isinstance(self.about, Ref):
            return words in (self.about.code, self.about.name, str(self.about))
        return words == self.about

    @property
    def home(self) -> str:
        """The id of the file that the hit is in; of a place of its own, the path."""
        return self.at.file if isinstance(self.at, Place) else self.at[0].id

    @property
    def key(self) -> tuple[str, date | None, UnitKind | None, str]:
        """What the hit is about: its file, the day and the kind of unit there, the code (or name)."""
        day, kind = (None, None) if isinstance(self.at, Place) else _day_and_kind(*self.at)
        return self.home, day, kind, self.code

    @property
    def code(self) -> str:
        """The code of what the hit is about; its name where it has none."""
        return self.about.code if isinstance(self.about, Ref) else self.about


@dataclass(frozen=True, slots=True)
class Named:
    """A unit named in a file: at `loc`, as it was on the eve of `effective`, or `after`: from that day on."""

    file: Definitions
    loc: Loc
    effective: date
    kind: UnitKind
    ref: Ref
    after: bool

    def hit(self, **fields: object) -> Hit:
        """A mistake of this unit at this place."""
        return Hit((self.file, self.loc), self.ref, fields)


@dataclass(frozen=True, slots=True)
class Taken:
    """A unit of the time before that an entry takes from, or that is kept as it is."""

    named: Named
    into: Ref
    land: Land
    people: People
    share: float | None

    @property
    def entry(self) -> tuple[str, Loc]:
        """What takes it: the file's id and the place of the entry in it."""
        return self.named.file.id, self.named.loc[:2]

    @property
    def entire(self) -> bool:
        """All the land and all the people."""
        return self.land is Land.WHOLE and self.people is People.ALL


@dataclass(frozen=True, slots=True)
class Listed:
    """A commune that a district lists, and the place of its code there."""

    file: UnitsFile
    loc: Loc
    district: DistrictEntry
    code: str

    def hit(self, **fields: object) -> Hit:
        """A mistake of this commune at its place in the list."""
        return Hit((self.file, self.loc), self.code, fields)


class Subject:
    """A mapping that is looked at by rules, and the official list to compare it with, if one is given.
    `lineage`: what the mapping says, where it was built already."""

    def __init__(
        self, loaded: LoadedMapping, roster: Roster | None = None, lineage: Lineage | None = None
    ) -> None:
        self.loaded = loaded
        self.roster = roster
        self._built = lineage

    @property
    def mapping(self) -> models.Mapping:
        return self.loaded.mapping

    def place(self, hit: Hit) -> Place:
        """Where a hit is."""
        return hit.at if isinstance(hit.at, Place) else self.loaded.place(*hit.at)

    def place_of(self, one: Named) -> Place:
        """Where a unit is named."""
        return self.loaded.place(one.file, one.loc)

    @cached_property
    def made(self) -> tuple[Named, ...]:
        """The units that entries make or keep, each once for every entry."""
        return tuple(one for file in self.mapping.units for one in _made(file))

    @cached_property
    def taken(self) -> tuple[Taken, ...]:
        """The units that entries take from; a kept unit is taken whole by itself."""
        return tuple(one for file in self.mapping.units for one in _taken(file))

    @cached_property
    def takers(self) -> dict[Key, list[Taken]]:
        """What is taken from each unit of the time before."""
        found: dict[Key, list[Taken]] = defaultdict(list)
        for one in self.taken:
            found[one.named.effective, one.named.kind, one.named.ref.code].append(one)
        return dict(found)

    @cached_property
    def successors(self) -> dict[tuple[UnitKind, str], set[str]]:
        """The codes that a unit of the time before goes into, by its kind and code."""
        found: dict[tuple[UnitKind, str], set[str]] = defaultdict(set)
        for one in self.taken:
            found[one.named.kind, one.named.ref.code].add(one.into.code)
        return dict(found)

    @cached_property
    def decided(self) -> tuple[tuple[DecisionsFile, Loc, Decided], ...]:
        """What people decided, each with its place."""
        return tuple(
            (file, (part, index), one)
            for file in self.mapping.decisions
            for part, entries in (("decisions", file.decisions), ("units", file.units))
            for index, one in enumerate(entries)
        )

    @cached_property
    def listed(self) -> tuple[Listed, ...]:
        """The communes that districts list."""
        return tuple(
            Listed(file, ("districts", index, "communes", code if district.goes else number), district, code)
            for file in self.mapping.units
            for index, district in enumerate(file.districts)
            for number, code in enumerate(district.communes)
        )

    @cached_property
    def homes(self) -> dict[tuple[date, str], Listed]:
        """The district that lists each commune, by day and the commune's code."""
        found: dict[tuple[date, str], Listed] = {}
        for one in self.listed:
            found.setdefault((one.file.effective, one.code), one)
        return found

    @cached_property
    def named(self) -> tuple[Named, ...]:
        """Every unit named with its kind and side, wherever in the mapping, changes apart."""
        return (*self.made, *(one.named for one in self.taken), *self._districts(), *self._localities())

    @cached_property
    def changed(self) -> tuple[tuple[Named, Change], ...]:
        """Both sides of every change, as units named with the change's own day."""
        found: list[tuple[Named, Change]] = []
        for file in self.mapping.units:
            for index, change in enumerate(file.changes):
                for key, ref in (("from", change.from_), ("to", change.to)):
                    if ref:
                        loc: Loc = ("changes", index, key)
                        named = Named(file, loc, change.date, change.kind, ref, key == "to")
                        found.append((named, change))
        return tuple(found)

    @cached_property
    def by_code(self) -> dict[tuple[UnitKind, str], list[Named]]:
        """Where units are named, wherever in the mapping, by kind and code."""
        found: dict[tuple[UnitKind, str], list[Named]] = defaultdict(list)
        for one in (*self.named, *(named for named, _ in self.changed)):
            found[one.kind, one.ref.code].append(one)
        return dict(found)

    def on_the_eve(self, listed: Listed) -> models.Ref | str:
        """Code and name of a listed commune as any definition names it before that day; else its code."""
        day = listed.file.effective
        known = [
            one.ref
            for one in self.by_code.get((UnitKind.COMMUNE, listed.code), ())
            if one.ref.name and (one.effective < day if one.after else one.effective <= day)
        ]
        return known[-1] if known else listed.code

    @cached_property
    def lineage(self) -> Lineage:
        """The graph of unit versions that the mapping says."""
        return self._built or build(self.mapping)

    @cached_property
    def codes_of_viet_nam(self) -> bool:
        """Whether definitions that name no scheme of their own mean the statistics office's codes."""
        return all(file.codes == "vn" for file in self.mapping.units)

    def in_scheme(self, file: Definitions) -> bool:
        """Whether a file's codes are those of Viet Nam's statistics office."""
        return file.codes == "vn" if isinstance(file, UnitsFile) else self.codes_of_viet_nam

    def province_of(self, unit: str) -> str:
        """The old province that a unit of the time before belonged to, by code; empty if not known."""
        kind = kind_of(unit)
        if kind == UnitKind.PROVINCE:
            return unit
        return self._provinces.get(unit, "")

    @cached_property
    def _provinces(self) -> dict[str, str]:
        districts = {
            district.unit.code: district.province
            for file in self.mapping.units
            for district in file.districts
        }
        return districts | {one.code: one.district.province for one in self.listed}

    def _districts(self) -> Iterator[Named]:
        for file in self.mapping.units:
            for index, district in enumerate(file.districts):
                at: Loc = ("districts", index, "unit")
                yield Named(file, at, file.effective, UnitKind.DISTRICT, district.unit, False)
            for index, entry in enumerate(file.communes):
                for number, area in enumerate(entry.areas):
                    if area.district:
                        at = ("communes", index, "areas", number, "district")
                        yield Named(file, at, file.effective, UnitKind.DISTRICT, area.district, False)

    def _localities(self) -> Iterator[Named]:
        for file in self.mapping.localities:
            for index, one in enumerate(file.localities):
                at: Loc = ("localities", index, "unit")
                yield Named(file, at, file.effective, UnitKind.COMMUNE, one.unit, False)
                at = ("localities", index, "into")
                yield Named(file, at, file.effective, UnitKind.COMMUNE, one.into, True)


def _day_and_kind(file: Definitions, loc: Loc) -> tuple[date | None, UnitKind | None]:
    """The day and the kind of unit of which a place in a file speaks, as far as it does."""
    part = loc[0] if loc else ""
    if isinstance(file, UnitsFile) and part == "changes" and len(loc) > 1 and isinstance(loc[1], int):
        return file.changes[loc[1]].date, file.changes[loc[1]].kind
    kind = _KINDS.get(str(part))
    if part == "districts" and "communes" in loc:
        kind = UnitKind.COMMUNE
    elif part == "communes" and "district" in loc:
        kind = UnitKind.DISTRICT
    return getattr(file, "effective", None), kind


def _made(file: UnitsFile) -> Iterator[Named]:
    if file.province:
        at: Loc = ("province", "into")
        yield Named(file, at, file.effective, UnitKind.PROVINCE, file.province.into, True)
    for index, entry in enumerate(file.communes):
        at = ("communes", index, "keep" if entry.keep else "into")
        yield Named(file, at, file.effective, UnitKind.COMMUNE, entry.unit, True)


def _taken(file: UnitsFile) -> Iterator[Taken]:
    for number, one in enumerate(file.province.from_ if file.province else ()):
        assert file.province
        yield _part(file, ("province", "from", number), UnitKind.PROVINCE, file.province.into, one)
    for index, entry in enumerate(file.communes):
        if entry.keep:
            at: Loc = ("communes", index, "keep")
            named = Named(file, at, file.effective, UnitKind.COMMUNE, entry.keep, False)
            yield Taken(named, entry.keep, Land.WHOLE, People.ALL, None)
        for number, one in enumerate(entry.from_):
            yield _part(file, ("communes", index, "from", number), UnitKind.COMMUNE, entry.unit, one)


def _part(file: UnitsFile, loc: Loc, kind: UnitKind, into: Ref, one: Predecessor) -> Taken:
    named = Named(file, loc, file.effective, kind, one.unit, False)
    return Taken(named, into, one.land, one.people, one.share)
