"""What joins two units, with everything that says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from merger.errors import Finding
from merger.lineage import Evidence, UnitVersion
from merger.lineage.facts import Edge
from merger.mapping.models import Land, People
from merger.review.mapping.book import Book, FileOf
from merger.review.mapping.statements import LocalityList, Statement

START = "start"
"""How an address names the beginning of the record."""


@dataclass(frozen=True, slots=True)
class Said:
    """A statement with the file and line where it stands, the comments right above its entry, and what lint
    finds in the lines of the entry."""

    statement: Statement
    file: FileOf
    line: int
    comments: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """The localities that went along an edge, and the file and line of their list."""

    names: tuple[str, ...]
    acts: tuple[str, ...]
    file: FileOf
    line: int


@dataclass(frozen=True, slots=True)
class Joined:
    """A unit before or after another one: how much went over, who says so, and which localities are named.

    `evidence` is what the lineage gives as the reason; of use where no statement names the two, because it
    only follows from others. `contradicted`: the files disagree on land or people.
    """

    other: UnitVersion
    day: date
    land: Land
    people: People
    share: float | None
    said: tuple[Said, ...] = ()
    localities: tuple[Listed, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    contradicted: tuple[str, ...] = ()

    @property
    def entire(self) -> bool:
        return self.land is Land.WHOLE and self.people is People.ALL and not self.contradicted


def since_of(version: UnitVersion) -> str:
    """How an address tells versions of one code apart: by their first day, and its step if it has several."""
    day = START if version.valid_from == date.min else version.valid_from.isoformat()
    return f"{day}~{-version.step}" if version.step else day


def joined(book: Book, version: UnitVersion, *, forward: bool, findings: bool) -> tuple[Joined, ...]:
    """The units that a version went into (forward), or that it was made of; by their codes."""
    edges = book.lineage.passage(version, forward=forward).edges
    return tuple(_joined(book, version, edge, forward, findings) for edge in edges)


def said(book: Book, statements: Sequence[Statement], *, findings: bool) -> tuple[Said, ...]:
    """Statements with their places, and the findings of their lines where these are wanted."""
    return tuple(_said(book, one, findings) for one in statements)


def _joined(book: Book, version: UnitVersion, edge: Edge, forward: bool, findings: bool) -> Joined:
    day = version.valid_to if forward else version.valid_from
    stated = book.statements.of_edge(version.kind, day, edge.old, edge.new)
    lists = book.statements.localities.get((edge.old, day), ())
    return Joined(
        other=book.lineage.neighbour(version, edge, forward=forward),
        day=day,
        land=edge.land,
        people=edge.people,
        share=edge.share,
        said=said(book, stated, findings=findings),
        localities=tuple(_listed(book, one) for one in lists if one.into.code == edge.new),
        evidence=edge.evidence,
        contradicted=tuple(sorted(edge.contradicted)),
    )


def _said(book: Book, one: Statement, findings: bool) -> Said:
    file = book.by_path[str(one.document.path)]
    found: tuple[Finding, ...] = ()
    if findings:
        lines = book.statements.lines(one)
        own = book.findings_by_file.get(str(one.document.path), ())
        found = tuple(finding for finding in own if finding.place.line in lines)
    return Said(one, file, one.place.line, _comments(file, one), found)


def _comments(file: FileOf, one: Statement) -> tuple[str, ...]:
    """The lines of a comment right above an entry of a list, in their order."""
    found: list[str] = []
    if len(one.entry) > 1:
        for line in reversed(file.lines[: one.document.place(one.entry).line - 1]):
            if not line.lstrip().startswith("#"):
                break
            found.append(line.strip().lstrip("# "))
    return tuple(reversed(found))


def _listed(book: Book, one: LocalityList) -> Listed:
    return Listed(one.names, one.acts, book.by_path[str(one.document.path)], one.place.line)
