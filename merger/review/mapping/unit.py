"""One unit over one span of time: where it came from, where it went, who says so, what follows from it."""

from dataclasses import dataclass
from datetime import date, timedelta

from merger.errors import Finding
from merger.lineage import UnitVersion
from merger.lineage.register import Reorganisation
from merger.mapping.models import Agency, Level, UnitKind
from merger.review.mapping.book import Book
from merger.review.mapping.edges import Joined, Said, joined, said, since_of
from merger.review.mapping.following import Follow, following
from merger.review.mapping.search import Named

MEMBERS = 60
"""So many communes of a district or province are listed."""


@dataclass(frozen=True, slots=True)
class AgencyLine:
    """An agency of the unit. `takers` (code, name, whether all its work goes there) are of one of before;
    `open`: to whom some of its work goes is not known."""

    agency: Agency
    day: date
    before: bool
    takers: tuple[tuple[str, str, bool], ...] = ()
    open: bool = False


@dataclass(frozen=True, slots=True)
class UnitView:
    """All that a page tells of a unit version.

    `came_how`: `edges`, `created` (of nothing), `lost` (nobody knows of what) or `record` (older than the
    record); `went_how`: `edges`, `ended`, `lost` or `in-force`. `findings` is None while they are looked for.
    """

    version: UnitVersion
    last_name: str
    versions: tuple[UnitVersion, ...]
    above: tuple[UnitVersion, ...]
    came: tuple[Joined, ...]
    came_how: str
    began: tuple[Said, ...]
    went: tuple[Joined, ...]
    went_how: str
    ended: tuple[Said, ...]
    follows: tuple[Follow, ...]
    agencies: tuple[AgencyLine, ...]
    members: tuple[UnitVersion, ...]
    members_more: int
    findings: tuple[Finding, ...] | None
    doubtful: bool

    @property
    def divided(self) -> bool:
        return len(self.went) > 1

    @property
    def area_km2(self) -> float | None:
        """Its area, where the entry that formed it says it."""
        areas = [one.statement.area_km2 for joined_ in self.came for one in joined_.said]
        areas += [one.statement.area_km2 for one in self.began]
        return next((area for area in areas if area is not None), None)

    @property
    def areas(self) -> tuple[str, ...]:
        """What went into it and never had a code of its own."""
        found = [area for joined_ in self.came for one in joined_.said for area in one.statement.areas]
        found += [area for one in self.began for area in one.statement.areas]
        return tuple(dict.fromkeys(found))


def version_of(book: Book, kind: str, code: str, since: str = "") -> UnitVersion | None:
    """The version of a code that `since` names, as `edges.since_of` does; without it the newest."""
    if kind not in list(UnitKind):
        return None
    versions = book.lineage.versions(UnitKind(kind), code)
    if not since:
        return versions[-1] if versions else None
    return next((one for one in versions if since_of(one) == since), None)


def unit_view(book: Book, version: UnitVersion, wait: float | None = 0.0) -> UnitView:
    """A unit version with everything about it. `wait`: how long to wait for lint."""
    lineage, statements = book.lineage, book.statements
    known = book.linted(wait) is not None
    before, after = lineage.passage(version, forward=False), lineage.passage(version, forward=True)
    came = joined(book, version, forward=False, findings=known)
    went = joined(book, version, forward=True, findings=known)
    kind, code = version.kind, version.code
    began = said(book, statements.of_beginning(kind, version.valid_from, code), findings=known)
    ended = said(book, statements.of_end(kind, version.valid_to, code), findings=known)
    stays = _stays(book, version, known)
    members = _members(book, version)
    return UnitView(
        version=version,
        last_name=lineage.last_name(version),
        versions=lineage.versions(kind, code),
        above=_above(book, version),
        came=came,
        came_how=_how_it_came(version, bool(before.edges), before.lost),
        began=(*began, *stays),
        went=went,
        went_how=_how_it_went(version, bool(after.edges), after.ended),
        ended=ended,
        follows=following(book, version),
        agencies=_agencies(book, version),
        members=tuple(members[:MEMBERS]),
        members_more=max(0, len(members) - MEMBERS),
        findings=_findings(came, went, began, ended, stays) if known else None,
        doubtful=lineage.doubtful(version),
    )


@dataclass(frozen=True, slots=True)
class Brief:
    """A unit in one line of a list: its newest version of that name, and where it went or what made it.

    `others` are the successors (or, of a unit in force, the predecessors), at most `BRIEF`; `more` of them
    are left out.
    """

    version: UnitVersion
    above: tuple[UnitVersion, ...]
    forward: bool
    others: tuple[UnitVersion, ...]
    more: int


BRIEF = 3


def briefly(book: Book, named: Named) -> Brief:
    """A hit of a search in one line."""
    version = named.versions[-1]
    forward = version.valid_to != date.max
    edges = book.lineage.passage(version, forward=forward).edges
    others = [book.lineage.neighbour(version, edge, forward=forward) for edge in edges[:BRIEF]]
    return Brief(version, _above(book, version), forward, tuple(others), max(0, len(edges) - BRIEF))


def eve(day: date) -> date:
    """The day before; the first day there is has none."""
    return day if day == date.min else day - timedelta(days=1)


def day_in(version: UnitVersion) -> date:
    """A day on which a version is in force, the last one if it ended."""
    if version.valid_to != date.max:
        return version.valid_to - timedelta(days=1)
    return version.valid_from


def _how_it_came(version: UnitVersion, edges: bool, lost: bool) -> str:
    if edges:
        return "edges"
    if version.valid_from == date.min:
        return "record"
    return "lost" if lost else "created"


def _how_it_went(version: UnitVersion, edges: bool, ended: bool) -> str:
    if edges:
        return "edges"
    if version.valid_to == date.max:
        return "in-force"
    return "ended" if ended else "lost"


def _stays(book: Book, version: UnitVersion, known: bool) -> tuple[Said, ...]:
    """What says that it went on as it was, while it was in force."""
    days = {why.date for why in book.lineage.stays(version, date.min, date.max) if why.date is not None}
    found = [
        one
        for day in sorted(days)
        for one in book.statements.of_edge(version.kind, day, version.code, version.code)
    ]
    return said(book, found, findings=known)


def _above(book: Book, version: UnitVersion) -> tuple[UnitVersion, ...]:
    day = day_in(version)
    around = book.surroundings.around(version.kind, version.code, day)
    found = (book.lineage.version_at(kind, code, day) for kind, code in around.items())
    return tuple(one for one in found if one is not None and one.kind is not version.kind)


def _members(book: Book, version: UnitVersion) -> list[UnitVersion]:
    if version.kind is UnitKind.COMMUNE:
        return []
    day = day_in(version)
    codes = book.surroundings.communes(version.kind, version.code, day)
    found = (book.lineage.version_at(UnitKind.COMMUNE, code, day) for code in codes)
    return [one for one in found if one is not None]


def _agencies(book: Book, version: UnitVersion) -> tuple[AgencyLine, ...]:
    level = Level(version.kind.value)
    found: list[AgencyLine] = []
    for at in book.agencies.register.reorganisations:
        if version.valid_from < at.day <= version.valid_to:
            for code, one in sorted(at.before.items()):
                if one.unit == version.code and one.level is level:
                    found.append(_before(book, at, code))
        if version.valid_from <= at.day < version.valid_to:
            for _, other in sorted(at.after.items()):
                if other.unit == version.code and other.level is level:
                    found.append(AgencyLine(other, at.day, before=False))
    return tuple(found)


def _before(book: Book, at: Reorganisation, code: str) -> AgencyLine:
    given = book.agencies.handover(at).given(code)
    takers = tuple(
        (one.code, at.after[one.code].agency.name if one.code in at.after else "", one.whole)
        for one in given.takers
    )
    return AgencyLine(at.before[code], at.day, True, takers, given.open)


def _findings(
    came: tuple[Joined, ...], went: tuple[Joined, ...], *others: tuple[Said, ...]
) -> tuple[Finding, ...]:
    found = [one for edge in (*came, *went) for each in edge.said for one in each.findings]
    found += [one for every in others for each in every for one in each.findings]
    return tuple({id(one): one for one in found}.values())
