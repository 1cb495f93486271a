"""The mappings that there are to read: those of the package, those in the folder, those of jobs."""

from dataclasses import dataclass
from pathlib import Path

from merger.errors import MergerError
from merger.mapping.document import read_document
from merger.mapping.files import shipped
from merger.migrate.campaign import SHIPPED
from merger.migrate.job import Job
from merger.review.mapping.book import SHELF, Book
from merger.review.web.desk import Desk
from merger.review.web.failures import Missing

PACKAGE = "shipped-"
"""How identifiers of the mappings that come with the package begin; the folder's name follows."""


@dataclass(frozen=True, slots=True)
class Source:
    """A mapping that can be opened. `kind`: `shipped`, `found` (a file or folder), `job` (what it names)."""

    identifier: str
    name: str
    kind: str
    path: Path

    @property
    def signable(self) -> bool:
        """Whether this can be signed here: what comes with the package cannot."""
        return self.kind != "shipped"

    def files(self) -> tuple[Path, ...]:
        """The files and folders that it is made of. Raises InputError for a job that cannot be read."""
        if self.kind != "job":
            return (self.path,)
        return paths_of_job(self.path)

    def book(self) -> Book:
        """What is in it now. Raises InputError for a job that cannot be read."""
        return SHELF.book(self.files())


def packaged() -> tuple[Source, ...]:
    """The mappings of the package."""
    place = shipped()
    folders = sorted(one for one in place.iterdir() if one.is_dir()) if place.is_dir() else []
    return tuple(Source(PACKAGE + one.name, one.name, "shipped", one) for one in folders)


def sources(desk: Desk) -> tuple[Source, ...]:
    """All mappings: of the package, then of jobs, then what else lies in the folder."""
    return (
        *packaged(),
        *(Source(desk.identifier(one), _name(desk, one), "job", one) for one in desk.jobs()),
        *(Source(desk.identifier(one), _name(desk, one), "found", one) for one in desk.mappings()),
    )


def source(desk: Desk, identifier: str) -> Source:
    """The mapping that pages call so. Raises Missing."""
    for one in sources(desk):
        if one.identifier == identifier:
            return one
    raise Missing(identifier)


def paths_of_job(job: Path) -> tuple[Path, ...]:
    """The files and folders of the mapping that a job names. Raises InputError."""
    named = read_document(job, Job).value.mapping
    return tuple(
        shipped() / one.removeprefix(SHIPPED) if one.startswith(SHIPPED) else job.parent / one
        for one in named
    )


def title_of(one: Source, language: str) -> str:
    """A job's title; else the name of the mapping."""
    if one.kind != "job":
        return one.name
    try:
        title = read_document(one.path, Job).value.title
    except MergerError:
        return one.name
    return str(getattr(title, language)) if title else one.name


def _name(desk: Desk, path: Path) -> str:
    place = path.resolve().relative_to(desk.folder).as_posix()
    return place if place != "." else desk.folder.name
