"""The pages on which a mapping is read: lists, search, overview, province, unit, findings, changes, files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from merger.errors import Finding, InputError, Severity
from merger.lineage import UnitVersion
from merger.mapping import LoadedMapping, load
from merger.mapping.models import UnitKind
from merger.quality.diff import Difference, heading
from merger.review.mapping import approved, overview, pictures, province, touched, unit
from merger.review.mapping.book import Book, FileOf
from merger.review.mapping.edges import since_of
from merger.review.mapping.following import Which
from merger.review.mapping.sources import Source, source, sources, title_of
from merger.review.web.failures import Missing
from merger.review.web.pages import Page, Visit
from merger.review.web.rights import Right

DIGITS = 16
"""So much of a file's SHA-256 names it in addresses."""

FINDINGS_A_PAGE = 50
SHOWN = 200
"""So many differences of one kind are shown."""

WAIT = 0.05
"""So many seconds a page waits for lint before it comes without."""


@dataclass(frozen=True, slots=True)
class At:
    """A visit to one mapping: its addresses."""

    visit: Visit
    source: Source
    book: Book

    def url(self, name: str, **query: object) -> str:
        """The address of one of the part's pages on this mapping."""
        asked = {key: value for key, value in query.items() if value not in ("", None)}
        address = self.visit.url(f"mapping.{name}", mapping=self.source.identifier)
        return f"{address}?{urlencode(asked)}" if asked else address

    def unit(self, version: UnitVersion) -> str:
        return self.url("unit", kind=version.kind.value, code=version.code, since=since_of(version))

    def on(self, kind: str, code: str, day: date) -> str:
        """The page of the unit that bore a code on a day; of the newest where none did."""
        version = self.book.lineage.version_at(UnitKind(kind), code, day)
        return self.unit(version) if version else self.url("unit", kind=kind, code=code)

    def before(self, kind: str, code: str, day: date) -> str:
        """The page of the unit that bore a code on the eve of a day."""
        return self.on(kind, code, unit.eve(day))

    def file(self, file: FileOf, line: int = 0) -> str:
        name = file.sha256[:DIGITS]
        address = self.visit.url("mapping.file", mapping=self.source.identifier, file=name)
        return f"{address}#L{line}" if line else address

    def download(self, file: FileOf) -> str:
        name = file.sha256[:DIGITS]
        return self.visit.url("mapping.download", mapping=self.source.identifier, file=name)

    def plan(self, identifier: str) -> str:
        """The page of a plan."""
        return self.visit.url("plans.plan", plan=identifier)

    def sign(self) -> str:
        """Where this mapping, or the job that names it, is signed; nowhere for one of the package."""
        if not self.source.signable:
            return ""
        return self.visit.url("keys.sign", identifier=self.source.identifier)

    def place(self, path: str, line: int = 0) -> str:
        """The line of a file of the mapping, by the path that findings give; empty for another file."""
        file = self.book.by_path.get(path)
        return self.file(file, line) if file else ""

    def page(self, template: str, **context: Any) -> Response:
        return self.visit.page(f"mapping/{template}", **self._context(), **context)

    def part(self, template: str, block: str | None = None, **context: Any) -> Response:
        return self.visit.part(f"mapping/{template}", block, **self._context(), **context)

    def noted(self, what: str, about: str = "") -> None:
        subject = ":".join(filter(None, (self.source.identifier, about)))
        self.visit.noted(what, "".join(one if " " < one <= "~" else "?" for one in subject)[:200],
                         self.book.canonical)  # fmt: skip

    def _context(self) -> dict[str, Any]:
        title = title_of(self.source, self.visit.lang)
        return {"at": self, "source": self.source, "title": title, "book": self.book, "Which": Which}


def listed(visit: Visit) -> Response:
    """All mappings."""
    found = sources(visit.desk)
    titles = {one.identifier: title_of(one, visit.lang) for one in found}
    return visit.page("mapping/list.html.j2", sources=found, titles=titles)


def shown(visit: Visit) -> Response:
    """The overview of a mapping; for htmx the card of its findings, once they are known, or approvals."""
    at = _at(visit)
    part = visit.query.get("part", "") if visit.htmx else ""
    if part == "findings":
        view = overview.overview(at.book, visit.lang, wait=1.0)
        return at.part("overview.html.j2", "findings", view=view)
    place = approved.place_of(visit.desk)
    earlier = approved.last_before(place, at.source.path.name, at.book.canonical)
    if part == "approvals":
        return at.part("overview.html.j2", "approvals", standing=_standing(at), earlier=earlier)
    view = overview.overview(at.book, visit.lang, wait=WAIT)
    urls = {line.into.code: at.url("province", of=line.into.code) for line in view.provinces if line.into}
    at.noted("saw-mapping")
    return at.page(
        "overview.html.j2",
        view=view,
        standing=_standing(at) if at.source.kind != "job" else None,
        picture=overview.province_picture(view, urls),
        earlier=earlier,
        plans=touched.plans_of(visit.desk, at.book),
    )


def searched(visit: Visit) -> Response:
    """Units found by code or name; for htmx the list alone."""
    at = _at(visit)
    kind = visit.query.get("kind", "")
    hits = at.book.names.find(
        visit.query.get("q", ""), kind=UnitKind(kind) if kind in list(UnitKind) else None
    )
    lines = [(hit, unit.briefly(at.book, hit.unit)) for hit in hits.hits]
    if visit.htmx:
        return at.part("search.html.j2", "results", hits=hits, lines=lines, kind=kind)
    return at.page("search.html.j2", hits=hits, lines=lines, kind=kind)


def of_province(visit: Visit) -> Response:
    """A province after the reform."""
    at = _at(visit)
    asked = visit.query
    wanted = province.Wanted(
        district=asked.get("district", ""),
        how=asked.get("how", ""),
        name=asked.get("q", "")[:80],
        page=_number(asked.get("page", "")),
    )
    view = province.province(at.book, asked.get("of", ""), wanted, visit.lang, wait=WAIT)
    if view is None:
        raise Missing(asked.get("of", ""))
    of = asked.get("of", "")
    districts = {
        one.code: at.url("province", of=of, district=one.code) for old in view.old for one, _ in old.districts
    }
    communes = {line.entry.unit.code: at.on("commune", line.entry.unit.code, view.day) for line in view.lines}

    def address(page: int) -> str:
        return at.url("province", of=of, district=wanted.district, how=wanted.how,
                      q=wanted.name, page=page)  # fmt: skip

    at.noted("saw-province", view.id)
    return at.page(
        "province.html.j2",
        view=view,
        of=of,
        address=address,
        whole=province.districts_picture(view, districts),
        part=province.communes_picture(view.lines, communes) if wanted.district else None,
    )


def of_unit(visit: Visit) -> Response:
    """One unit over one span of time."""
    at = _at(visit)
    asked = visit.query
    code = asked.get("code", "")
    version = unit.version_of(at.book, asked.get("kind", "commune"), code, asked.get("since", ""))
    if version is None:
        raise Missing(code)
    view = unit.unit_view(at.book, version, wait=WAIT)
    at.noted("saw-unit", f"{version.kind.value}:{code}")
    return at.page(
        "unit.html.j2",
        view=view,
        picture=pictures.around(at.book, version, at.unit),
        touched=touched.touched(visit.desk, at.book, version),
        since=since_of,
    )


def findings(visit: Visit) -> Response:
    """What lint finds in a mapping, and what its files let stand. Waits until it is known."""
    at = _at(visit)
    linted = at.book.linted()
    every = linted.findings if linted else ()
    severity = visit.query.get("severity", "")
    wanted = [one for one in every if severity in ("", one.severity.value)]
    pages = max(1, -(-len(wanted) // FINDINGS_A_PAGE))
    page = min(_number(visit.query.get("page", "")), pages)
    counts = {each.value: sum(1 for one in every if one.severity is each) for each in Severity}
    return at.page(
        "findings.html.j2",
        findings=wanted[(page - 1) * FINDINGS_A_PAGE : page * FINDINGS_A_PAGE],
        counts=counts,
        severity=severity,
        suppressed=linted.suppressed if linted else (),
        page=page,
        pages=pages,
        address=lambda number: at.url("findings", severity=severity, page=number),
    )


def changes(visit: Visit) -> Response:
    """What differs from content that people signed before, or from another mapping of the folder."""
    at = _at(visit)
    place = approved.place_of(visit.desk)
    name = at.source.path.name
    keeps = [one for one in approved.kept(place) if one.canonical != at.book.canonical]
    others = [one for one in sources(visit.desk) if one.identifier != at.source.identifier]
    usual = approved.last_before(place, name, at.book.canonical)
    against = visit.query.get("against", usual.canonical if usual else "")
    old: LoadedMapping | None = None
    label = ""
    problems: tuple[Finding, ...] = ()
    about = next((one for one in keeps if one.canonical == against), None)
    other = next((one for one in others if one.identifier == against), None)
    if about is not None:
        old, label = approved.reopened(place, about.canonical), about.mapping
        if old is None:
            raise Missing(against)
    elif other is not None:
        try:
            old, label = load(other.files()), other.name
        except InputError as error:
            problems = error.findings
    elif against:
        raise Missing(against)
    groups = []
    found = approved.COMPARISONS.between(old, at.book.loaded) if old else None
    for group, own in found.groups() if found else ():
        told = [one for one in own if not (found and found.with_whole_file(one))]
        groups.append((group.value, heading(group, own), told[:SHOWN], len(own) - min(len(told), SHOWN)))
    if old is not None:
        at.noted("saw-changes", against)
    return at.page(
        "changes.html.j2",
        keeps=keeps,
        others=others,
        against=against,
        label=label,
        about=about,
        groups=groups,
        compared=old is not None,
        problems=problems,
        link=partial(_link, at),
    )


def files(visit: Visit) -> Response:
    """The files of a mapping with the digests of their exact bytes."""
    at = _at(visit)
    return at.page("files.html.j2")


def of_file(visit: Visit) -> Response:
    """The exact bytes of one file as lines, with the findings at theirs."""
    at = _at(visit)
    file = _file(at)
    linted = at.book.linted(WAIT)
    found = at.book.findings_by_file.get(str(file.path), []) if linted else []
    by_line: dict[int, list[object]] = {}
    for one in found:
        by_line.setdefault(one.place.line, []).append(one)
    at.noted("saw-file", file.sha256[:DIGITS])
    return at.page("file.html.j2", file=file, lines=file.lines, by_line=by_line, known=linted is not None)


def download(visit: Visit) -> Response:
    """The exact bytes of one file."""
    at = _at(visit)
    file = _file(at)
    at.noted("took-file", file.sha256[:DIGITS])
    return visit.file(file.content, file.path.name, "application/yaml")


def _at(visit: Visit) -> At:
    found = source(visit.desk, visit.path["mapping"])
    return At(visit, found, found.book())


def _file(at: At) -> FileOf:
    name = at.visit.path["file"]
    found = at.book.file(name) if len(name) == DIGITS else None
    if found is None:
        raise Missing(name)
    return found


def _standing(at: At) -> approved.Standing:
    """Who signed; of what people signed a copy is kept, to compare with later."""
    path, desk = at.source.path, at.visit.desk
    judge = approved.standing_of_job if at.source.kind == "job" else approved.standing
    standing = judge(path, at.book)
    if standing.state and at.source.signable and not desk.read_only:
        approved.keep(approved.place_of(desk), path, at.book, standing.state)
    return standing


def _link(at: At, one: Difference) -> str:
    """Where a difference stands in the present files; nowhere for what stands only in the old ones."""
    return "" if one.in_old else at.place(one.place.file, one.place.line)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 and int(text) > 0 else 1


PAGES: Sequence[Page] = (
    Page("/mapping", "mapping.list", Right.READ, listed),
    Page("/mapping/{mapping}", "mapping.overview", Right.READ, shown),
    Page("/mapping/{mapping}/search", "mapping.search", Right.READ, searched),
    Page("/mapping/{mapping}/province", "mapping.province", Right.READ, of_province),
    Page("/mapping/{mapping}/unit", "mapping.unit", Right.READ, of_unit),
    Page("/mapping/{mapping}/findings", "mapping.findings", Right.READ, findings),
    Page("/mapping/{mapping}/changes", "mapping.changes", Right.READ, changes),
    Page("/mapping/{mapping}/files", "mapping.files", Right.READ, files),
    Page("/mapping/{mapping}/files/{file}", "mapping.file", Right.READ, of_file),
    Page("/mapping/{mapping}/files/{file}/download", "mapping.download", Right.READ, download),
)
