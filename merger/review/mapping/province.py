"""A province after the reform: which communes it has now and what each of them was made of."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property

from merger.codes.names import fold_text, unmarked
from merger.errors import Place
from merger.mapping import Document
from merger.mapping.models import (
    Definitions,
    DistrictEntry,
    Land,
    People,
    Predecessor,
    Ref,
    UnitEntry,
    UnitsFile,
)
from merger.review.mapping.book import Book, FileOf
from merger.review.mapping.communes import Communes
from merger.review.mapping.pictures import Picture

PAGE = 40
"""So many communes stand on one page."""


class How(StrEnum):
    """What was done to make a commune."""

    KEPT = "kept"
    RENAMED = "renamed"
    MERGED = "merged"
    PARTS = "parts"


@dataclass(frozen=True, slots=True)
class Source:
    """An old unit that went into a commune, and the old district and province in which it lay."""

    part: Predecessor
    district: Ref | None
    province: str


@dataclass(frozen=True, slots=True)
class Line:
    """A commune of after and what it is made of; `findings` is None while they are looked for."""

    entry: UnitEntry
    how: How
    sources: tuple[Source, ...]
    place: Place
    findings: int | None


@dataclass(frozen=True, slots=True)
class OldProvince:
    """An old province with its districts, and how many communes each of these had."""

    ref: Ref
    districts: tuple[tuple[Ref, int], ...]
    communes: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which communes to list: those that took from a district (its code), made in one way, of a name."""

    district: str = ""
    how: str = ""
    name: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Province:
    """One file of units with entries. `lines` are those wanted, on the wanted page; `found` is how many there
    are on all `pages`."""

    file: FileOf
    id: str
    title: str
    day: date
    into: Ref | None
    old: tuple[OldProvince, ...]
    communes: Communes
    ways: tuple[tuple[How, int], ...]
    acts: tuple[tuple[str, date, str], ...]
    lines: tuple[Line, ...]
    found: int
    page: int
    pages: int
    wanted: Wanted


class Lists:
    """The entries of one file of units, with where its old communes lay."""

    def __init__(self, document: Document[Definitions], file: UnitsFile) -> None:
        self.document = document
        self.file = file

    @cached_property
    def district_of(self) -> dict[str, DistrictEntry]:
        """The district of each old commune, by code."""
        return {code: one for one in self.file.districts for code in one.communes}

    def lines(self, findings: Counter[int] | None) -> Iterator[Line]:
        """All entries in their order; `findings` counts them by line of the file."""
        entries = self.file.communes
        first = [self.document.place(("communes", index)).line for index in range(len(entries))]
        ends = [*first[1:], first[-1] + 50] if first else []
        for index, entry in enumerate(entries):
            own = None
            if findings is not None:
                own = sum(findings[line] for line in range(first[index], ends[index]))
            parts = (Predecessor(unit=entry.keep),) if entry.keep else entry.from_
            sources = tuple(self._source(part) for part in parts)
            yield Line(entry, _how(entry), sources, self.document.place(("communes", index)), own)

    def _source(self, part: Predecessor) -> Source:
        district = self.district_of.get(part.unit.code)
        return Source(part, district.unit if district else None, district.province if district else "")


def province(
    book: Book, code: str, wanted: Wanted, language: str, wait: float | None = 0.0
) -> Province | None:
    """The province of this new code, or the file of units of this id; None if there is none."""
    for document in book.documents:
        file = document.value
        if isinstance(file, UnitsFile) and code in (
            file.id,
            file.province.into.code if file.province else "",
        ):
            return _view(book, document, file, wanted, language, wait)
    return None


def _view(
    book: Book,
    document: Document[Definitions],
    file: UnitsFile,
    wanted: Wanted,
    language: str,
    wait: float | None,
) -> Province:
    linted = book.linted(wait)
    path = str(document.path)
    counted = None
    if linted is not None:
        counted = Counter(one.place.line for one in book.findings_by_file.get(path, ()))
    lists = Lists(document, file)
    lines = list(lists.lines(counted))
    fitting = [line for line in lines if _fits(line, wanted)]
    pages = max(1, -(-len(fitting) // PAGE))
    page = min(max(1, wanted.page), pages)
    ways = Counter(line.how for line in lines)
    return Province(
        file=book.by_path[path],
        id=file.id,
        title=getattr(file.title, language) if file.title else file.id,
        day=file.effective,
        into=file.province.into if file.province else None,
        old=tuple(_old(file)),
        communes=book.communes[file.id],
        ways=tuple((how, ways[how]) for how in How if ways[how]),
        acts=tuple((act.number, act.date, act.on) for act in file.legal_basis),
        lines=tuple(fitting[(page - 1) * PAGE : page * PAGE]),
        found=len(fitting),
        page=page,
        pages=pages,
        wanted=wanted,
    )


def districts_picture(view: Province, url: Mapping[str, str]) -> Picture:
    """Old provinces, their districts and the new province; as wide as there were communes.

    `url`: where the list of each district's communes is, by its code.
    """
    picture = Picture()
    end = f"new {view.into.code}" if view.into else view.id
    picture.node(end, view.into.name if view.into else view.title, "self", "", 2)
    for old in view.old:
        start = f"old {old.ref.code}"
        picture.node(start, old.ref.name or old.ref.code, "earlier", "", 0)
        for district, count in old.districts:
            if count:
                middle = f"district {district.code}"
                picture.node(middle, district.name or district.code, "", url.get(district.code, ""), 1)
                picture.link(start, middle, count)
                picture.link(middle, end, count)
        rest = old.communes - sum(count for _, count in old.districts)
        if rest > 0 or not old.communes:
            picture.link(start, end, max(rest, 1))
    return picture


def communes_picture(lines: tuple[Line, ...], url: Mapping[str, str]) -> Picture:
    """Old communes and the new ones that these lines make of them; `url`: of each new one, by its code."""
    picture = Picture()
    for line in lines:
        unit = line.entry.unit
        end = f"new {unit.code}"
        picture.node(end, unit.name or unit.code, "later", url.get(unit.code, ""), 1)
        for source in line.sources:
            part = source.part
            start = f"old {part.unit.code}"
            picture.node(start, part.unit.name or part.unit.code, "earlier", "", 0)
            entire = part.land is Land.WHOLE and part.people is People.ALL
            value = 1.0 if entire else (part.share or 0.5)
            picture.link(start, end, value, tone="" if entire else "part")
    return picture


def _old(file: UnitsFile) -> Iterator[OldProvince]:
    for one in file.province.from_ if file.province else ():
        own = [district for district in file.districts if district.province == one.unit.code]
        counted = tuple((district.unit, len(district.communes)) for district in own)
        yield OldProvince(one.unit, counted, sum(count for _, count in counted))


def _how(entry: UnitEntry) -> How:
    if entry.keep:
        return How.KEPT
    if any(part.land is not Land.WHOLE or part.people is not People.ALL for part in entry.from_):
        return How.PARTS
    return How.RENAMED if len(entry.from_) == 1 else How.MERGED


def _fits(line: Line, wanted: Wanted) -> bool:
    if wanted.how and line.how != wanted.how:
        return False
    if wanted.district and not any(
        source.district and source.district.code == wanted.district for source in line.sources
    ):
        return False
    if not wanted.name:
        return True
    asked = unmarked(fold_text(wanted.name))
    named = (line.entry.unit, *(source.part.unit for source in line.sources))
    return any(asked in unmarked(fold_text(str(ref))) for ref in named)
