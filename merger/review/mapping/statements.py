"""What the files of a mapping say of each unit, line by line, so that a page can show it beside an edge."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from merger.errors import Place
from merger.mapping import Document, LoadedMapping
from merger.mapping.models import (
    Definitions,
    Land,
    LegalAct,
    LocalitiesFile,
    People,
    Ref,
    UnitKind,
    UnitsFile,
)
from merger.mapping.tree import Loc

_LISTS = (
    *("legal_basis", "counts", "province", "districts", "communes", "changes", "localities"),
    *("before", "after", "rules", "fields", "services", "decisions", "units", "suppress", "open", "note"),
)
"""Keys of files under which, or behind which, an entry may end."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that a file says of units: `old` goes into `new` on `day`, or ends, is kept, or begins.

    `what` is `into`, `keep`, or a word of a change (`merge`, `split` and so on). `acts` are the laws,
    `clause` the clause of the one for these units. `words` quotes them. `document` and `loc` are
    where it stands, `entry` where the whole entry begins.
    """

    kind: UnitKind
    day: date
    old: Ref | None
    new: Ref | None
    what: str
    document: Document[Definitions]
    loc: Loc
    entry: Loc
    acts: tuple[str, ...] = ()
    clause: str = ""
    land: Land = Land.UNSPECIFIED
    people: People = People.UNSPECIFIED
    share: float | None = None
    words: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    after: date | None = None
    signed: bool = False
    more: tuple[tuple[str, str], ...] = ()
    area_km2: float | None = None
    areas: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        """Its file, line and column."""
        return self.document.place(self.loc)


@dataclass(frozen=True, slots=True)
class LocalityList:
    """The localities of a divided unit that a file says went into one unit."""

    unit: Ref
    into: Ref
    day: date
    names: tuple[str, ...]
    acts: tuple[str, ...]
    document: Document[Definitions]
    loc: Loc

    @property
    def place(self) -> Place:
        return self.document.place(self.loc)


Key = tuple[UnitKind, date, str]


@dataclass(slots=True)
class Statements:
    """All statements of a mapping, by the units that they are about; made by `statements_of`."""

    by_old: dict[Key, list[Statement]] = field(default_factory=lambda: defaultdict(list))
    by_new: dict[Key, list[Statement]] = field(default_factory=lambda: defaultdict(list))
    localities: dict[tuple[str, date], list[LocalityList]] = field(default_factory=lambda: defaultdict(list))
    _starts: dict[str, list[int]] = field(default_factory=dict)

    def of_edge(self, kind: UnitKind, day: date, old: str, new: str) -> tuple[Statement, ...]:
        """What says that `old` goes into `new` on that day."""
        return tuple(one for one in self.by_old.get((kind, day, old), ()) if one.new and one.new.code == new)

    def of_end(self, kind: UnitKind, day: date, code: str) -> tuple[Statement, ...]:
        """What says that a unit ends on that day and names no successor."""
        return tuple(one for one in self.by_old.get((kind, day, code), ()) if one.new is None)

    def of_beginning(self, kind: UnitKind, day: date, code: str) -> tuple[Statement, ...]:
        """What says that a unit begins on that day and names no predecessor."""
        return tuple(one for one in self.by_new.get((kind, day, code), ()) if one.old is None)

    def lines(self, one: Statement) -> range:
        """The lines of the entry that a statement stands in."""
        first = one.document.place(one.entry).line
        return range(first, self._end(one.document, first))

    def _end(self, document: Document[Definitions], line: int) -> int:
        starts = self._starts.get(str(document.path))
        if starts is None:
            starts = self._starts[str(document.path)] = sorted(set(_starts(document)))
        at = bisect_right(starts, line)
        return starts[at] if at < len(starts) else document.content.count(b"\n") + 2


def statements_of(loaded: LoadedMapping) -> Statements:
    """Reads every file of a mapping once."""
    found = Statements()
    for document in loaded.documents:
        file = document.value
        if isinstance(file, UnitsFile):
            for one in _units(document, file):
                if one.old:
                    found.by_old[one.kind, one.day, one.old.code].append(one)
                if one.new:
                    found.by_new[one.kind, one.day, one.new.code].append(one)
        elif isinstance(file, LocalitiesFile):
            acts = _numbers(file.legal_basis, "")
            for index, entry in enumerate(file.localities):
                at = ("localities", index)
                listed = LocalityList(entry.unit, entry.into, file.effective, entry.names, acts, document, at)
                found.localities[entry.unit.code, file.effective].append(listed)
    return found


def _units(document: Document[Definitions], file: UnitsFile) -> Iterator[Statement]:
    if file.province:
        acts = _numbers(file.legal_basis, UnitKind.PROVINCE)
        for number, one in enumerate(file.province.from_):
            yield Statement(
                kind=UnitKind.PROVINCE,
                day=file.effective,
                old=one.unit,
                new=file.province.into,
                what="into",
                document=document,
                loc=("province", "from", number),
                entry=("province",),
                acts=acts,
                land=one.land,
                people=one.people,
                share=one.share,
                words=_said(one.words),
                notes=_said(one.note),
            )
    acts = _numbers(file.legal_basis, UnitKind.DISTRICT)
    for index, district in enumerate(file.districts):
        at: Loc = ("districts", index)
        yield Statement(
            UnitKind.DISTRICT, file.effective, district.unit, None, "abolish", document, at, at, acts
        )
    acts = _numbers(file.legal_basis, UnitKind.COMMUNE)
    for index, entry in enumerate(file.communes):
        at = ("communes", index)
        areas = tuple(" ".join(_said(one.name, str(one.district or ""))) for one in entry.areas)
        if entry.keep:
            yield Statement(
                kind=UnitKind.COMMUNE,
                day=file.effective,
                old=entry.keep,
                new=entry.keep,
                what="keep",
                document=document,
                loc=at,
                entry=at,
                acts=acts,
                clause=entry.clause,
                land=Land.WHOLE,
                people=People.ALL,
                words=_said(entry.words),
                notes=_said(entry.note),
                area_km2=entry.area_km2,
                areas=areas,
            )
        for number, one in enumerate(entry.from_):
            yield Statement(
                kind=UnitKind.COMMUNE,
                day=file.effective,
                old=one.unit,
                new=entry.unit,
                what="into",
                document=document,
                loc=(*at, "from", number),
                entry=at,
                acts=acts,
                clause=entry.clause,
                land=one.land,
                people=one.people,
                share=one.share,
                words=_said(one.words, entry.words),
                notes=_said(one.note, entry.note),
                area_km2=entry.area_km2,
                areas=areas,
            )
        if entry.into and not entry.from_:
            yield Statement(
                kind=UnitKind.COMMUNE,
                day=file.effective,
                old=None,
                new=entry.into,
                what="create",
                document=document,
                loc=at,
                entry=at,
                acts=acts,
                clause=entry.clause,
                words=_said(entry.words),
                notes=_said(entry.note),
                area_km2=entry.area_km2,
                areas=areas,
            )
    for index, change in enumerate(file.changes):
        at = ("changes", index)
        yield Statement(
            kind=change.kind,
            day=change.date,
            old=change.from_,
            new=change.to,
            what=change.what,
            document=document,
            loc=at,
            entry=at,
            acts=_said(change.source),
            land=change.land,
            people=change.people,
            share=change.share,
            notes=_said(change.note),
            after=change.after,
            signed=change.dated == "signed",
            more=tuple(change.notes.items()),
        )


def _numbers(acts: Iterable[LegalAct], on: str) -> tuple[str, ...]:
    """The numbers of the acts on these units; of all where none is named for them."""
    own = [act.number for act in acts if on and act.on.startswith(on)]
    return tuple(own or [act.number for act in acts])


def _said(*texts: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))


def _starts(document: Document[Definitions]) -> Iterator[int]:
    whole = document.place().line
    for key in _LISTS:
        place = document.place((key,))
        if place.line != whole or place.column > 1:
            yield place.line
        value = getattr(document.value, key, None)
        for index in range(len(value) if isinstance(value, tuple) else 0):
            yield document.place((key, index)).line
