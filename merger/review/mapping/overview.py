"""A mapping as a whole: provinces before and after with counts, kinds of change, further files."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from merger.errors import Severity
from merger.mapping.models import (
    AgenciesFile,
    CompetenceFile,
    DecisionsFile,
    LocalitiesFile,
    PolygonsFile,
    Ref,
    ServicesFile,
    UnitsFile,
)
from merger.quality import Linted
from merger.review.mapping.book import Book, FileOf
from merger.review.mapping.communes import Communes
from merger.review.mapping.pictures import Picture


@dataclass(frozen=True, slots=True)
class ProvinceLine:
    """A new province (or another file of units with entries), and the old ones that it is made of."""

    file: FileOf
    id: str
    day: date
    into: Ref | None
    old: tuple[Ref, ...]
    communes: Communes
    findings: int | None


@dataclass(frozen=True, slots=True)
class OtherFile:
    """A file without entries of a new province: changes one by one, agencies, rules and so on.

    `holds` counts what it holds, by words that the catalogue has under `review_mapping.holds`.
    """

    file: FileOf
    id: str
    title: str
    holds: tuple[tuple[str, int], ...]
    days: tuple[date, ...] = ()
    example: bool = False


@dataclass(frozen=True, slots=True)
class Overview:
    """What the first page of a mapping tells. `findings` (by severity) and `suppressed` are None while they
    are looked for; `problems` is how many of the findings keep something from being read."""

    provinces: tuple[ProvinceLine, ...]
    others: tuple[OtherFile, ...]
    communes: Communes
    old_provinces: int
    districts: int
    changes: tuple[tuple[str, int], ...]
    first: date | None
    last: date | None
    acts: tuple[tuple[str, date], ...]
    findings: dict[str, int] | None
    suppressed: int | None
    problems: int


def overview(book: Book, language: str, wait: float | None = 0.0) -> Overview:
    """The counts of a mapping. `wait`: how long to wait for lint."""
    days = book.days
    linted = book.linted(wait)
    units = [file for file in book.loaded.mapping.units if file.communes or file.province]
    provinces = sorted(_provinces(book, units, linted), key=_order)
    changes = Counter(change.what for file in book.loaded.mapping.units for change in file.changes)
    total = Communes()
    for line in provinces:
        total += line.communes
    return Overview(
        provinces=tuple(provinces),
        others=tuple(_others(book, language)),
        communes=total,
        old_provinces=len({ref.code for line in provinces for ref in line.old}),
        districts=sum(len(file.districts) for file in units),
        changes=tuple(sorted(changes.items())),
        first=days[0] if days else None,
        last=days[-1] if days else None,
        acts=tuple(
            sorted({(act.number, act.date) for file in units for act in file.legal_basis}, key=lambda a: a[1])
        ),
        findings=None if linted is None else _by_severity(linted),
        suppressed=None if linted is None else len(linted.suppressed),
        problems=len(book.problems),
    )


def province_picture(view: Overview, url: Mapping[str, str]) -> Picture:
    """Old provinces and the new ones that take them in; provinces that went on alone are left out.

    `url`: where each new province's page is, by its code.
    """
    picture = Picture()
    for line in view.provinces:
        if line.into is None or len(line.old) < 2:
            continue
        end = f"new {line.into.code}"
        for ref in line.old:
            picture.node(f"old {ref.code}", ref.name or ref.code, "earlier", url[line.into.code], 0)
        picture.node(end, line.into.name or line.into.code, "later", url[line.into.code], 1)
        for ref in line.old:
            picture.link(f"old {ref.code}", end, 1)
    return picture


def _provinces(book: Book, units: list[UnitsFile], linted: Linted | None) -> Iterator[ProvinceLine]:
    places = {document.value.id: document for document in book.documents}
    for file in units:
        document = places[file.id]
        path = str(document.path)
        found = None if linted is None else sum(1 for one in linted.findings if one.place.file == path)
        yield ProvinceLine(
            file=book.by_path[path],
            id=file.id,
            day=file.effective,
            into=file.province.into if file.province else None,
            old=tuple(one.unit for one in file.province.from_) if file.province else (),
            communes=book.communes[file.id],
            findings=found,
        )


def _others(book: Book, language: str) -> Iterator[OtherFile]:
    for document in book.documents:
        file = document.value
        if isinstance(file, UnitsFile) and (file.communes or file.province):
            continue
        title = getattr(file.title, language) if file.title else file.id
        days: tuple[date, ...] = ()
        holds: tuple[tuple[str, int], ...] = ()
        if isinstance(file, UnitsFile):
            holds = tuple(sorted(Counter(one.what for one in file.changes).items()))
            seen = sorted({one.date for one in file.changes})
            days = (seen[0], seen[-1]) if seen else ()
        elif isinstance(file, AgenciesFile):
            holds = (("agencies-before", len(file.before)), ("agencies-after", len(file.after)))
        elif isinstance(file, CompetenceFile):
            holds = (("rules", len(file.rules)),)
        elif isinstance(file, ServicesFile):
            holds = (("services", len(file.services)), ("fields", len(file.fields)))
        elif isinstance(file, LocalitiesFile):
            names = sum(len(one.names) for one in file.localities)
            holds = (("localities", names), ("lists", len(file.localities)))
        elif isinstance(file, DecisionsFile):
            holds = (("decisions", len(file.decisions) + len(file.units)),)
        elif isinstance(file, PolygonsFile):
            holds = (("drawings", len(book.loaded.mapping.shapes.get(file.id, ()))),)
        path = str(document.path)
        yield OtherFile(book.by_path[path], file.id, title, holds, days, file.example)


def _by_severity(linted: Linted) -> dict[str, int]:
    counts = Counter(one.severity.value for one in linted.findings)
    return {severity.value: counts.get(severity.value, 0) for severity in Severity}


def _order(line: ProvinceLine) -> tuple[bool, str, str]:
    return line.into is None, line.into.code if line.into else "", line.id
