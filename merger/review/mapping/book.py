"""What the pages know of one content of a mapping: read once, all else computed when first asked."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from threading import Lock, Thread

from merger.errors import Finding
from merger.lineage import Agencies, Lineage, build
from merger.lineage.around import Surroundings
from merger.mapping import Document, contents_of
from merger.mapping.files import SUFFIX, Contents, digest, understand
from merger.mapping.models import Definitions, PolygonsFile, UnitKind
from merger.quality import Linted, lint
from merger.review.mapping.communes import Communes, communes_of
from merger.review.mapping.search import Names
from merger.review.mapping.statements import Statements, statements_of

Touched = tuple[tuple[str, int, int, int, int], ...]
"""What tells whether files were written since: their numbers in the file system, sizes and times."""

KEPT = 3
"""So many contents are kept in memory beside the lasting ones, the last used."""


@dataclass(frozen=True, slots=True)
class FileOf:
    """One file of a mapping: its exact bytes, their SHA-256, and its place in the mapping's folder."""

    name: str
    path: Path
    sha256: str
    content: bytes = field(repr=False)

    @property
    def lines(self) -> list[str]:
        """Its text, line by line; what is not UTF-8 is shown as such."""
        return self.content.decode("utf-8", "replace").split("\n")


class Book:
    """One content of a mapping. What could not be read of it is in `problems`, the rest is as understood.

    A shelf keeps one that is `lasting` as long as the process lives.
    """

    def __init__(self, contents: Contents, base: Path | None = None) -> None:
        reading = understand(contents)
        self.contents = contents
        self.loaded = reading.loaded
        self.problems = reading.findings
        self.canonical = digest(self.loaded)
        self.files = tuple(
            FileOf(_name(path, base), path, sha256(content).hexdigest(), content)
            for path, content in contents.files
        )
        self.lasting = False
        self._lock = Lock()
        self._linting: Thread | None = None
        self._linted: Linted | None = None
        self._failure: Exception | None = None

    @property
    def documents(self) -> tuple[Document[Definitions], ...]:
        return self.loaded.documents

    @cached_property
    def lineage(self) -> Lineage:
        return build(self.loaded.mapping)

    @cached_property
    def agencies(self) -> Agencies:
        return Agencies(self.loaded.mapping, self.lineage)

    @cached_property
    def surroundings(self) -> Surroundings:
        return Surroundings(self.lineage)

    @cached_property
    def names(self) -> Names:
        return Names(self.lineage)

    @cached_property
    def statements(self) -> Statements:
        return statements_of(self.loaded)

    @cached_property
    def communes(self) -> dict[str, Communes]:
        """The communes of each file of units, counted, by its id."""
        return {file.id: communes_of(file) for file in self.loaded.mapping.units}

    @cached_property
    def drawn(self) -> tuple[Path, ...]:
        """The files of drawings that files of polygons name."""
        return tuple(
            document.path.parent / document.value.file.name
            for document in self.documents
            if isinstance(document.value, PolygonsFile) and document.value.file
        )

    @cached_property
    def by_path(self) -> dict[str, FileOf]:
        """The files by the path that findings and statements give."""
        return {str(one.path): one for one in self.files}

    @cached_property
    def days(self) -> tuple[date, ...]:
        """The days on which any unit changes, in order."""
        return self.lineage.change_dates()

    @property
    def last_day(self) -> date:
        """The last day on which anything changes; where nothing does, any day."""
        return self.days[-1] if self.days else date(2000, 1, 1)

    def prepared(self) -> Iterator[None]:
        """Makes, step by step, what pages ask of every content, so that none of them waits for it."""
        yield
        _ = self.lineage
        yield
        _ = self.names
        yield
        self.surroundings.communes(UnitKind.PROVINCE, "", self.last_day - timedelta(days=1))
        yield
        _ = self.agencies, self.statements, self.communes, self.by_path
        yield
        _ = self.findings_by_file

    def file(self, digest_begins: str) -> FileOf | None:
        """The file whose digest begins so."""
        return next((one for one in self.files if one.sha256.startswith(digest_begins)), None)

    def linted(self, seconds: float | None = None) -> Linted | None:
        """What lint finds; None where that is not known after so many seconds (None: waits until it is).

        It is looked for once, beside whatever else is asked, but not before what all pages need is there.
        """
        _ = self.lineage
        with self._lock:
            if self._linting is None:
                self._linting = Thread(target=self._lint, daemon=True)
                self._linting.start()
        if self._linted is None:
            self._linting.join(seconds)
        if self._failure is not None:
            raise self._failure  # what could not be looked for is never told as not found
        return self._linted

    def _lint(self) -> None:
        try:
            found = lint(self.loaded)
        except Exception as error:
            self._failure = error
            return
        both = sorted((*self.problems, *found.findings), key=_order)
        self._linted = Linted(tuple(both), found.suppressed)

    @cached_property
    def findings_by_file(self) -> dict[str, list[Finding]]:
        """The findings of each file in the order of its lines. Waits until they are known."""
        linted = self.linted()
        found: dict[str, list[Finding]] = {}
        for one in linted.findings if linted else ():
            found.setdefault(one.place.file, []).append(one)
        return found


class Shelf:
    """Books by content. A mapping whose files have not been touched since is not read again."""

    def __init__(self) -> None:
        self._books: OrderedDict[tuple[str, ...], Book] = OrderedDict()
        self._seen: dict[tuple[Path, ...], tuple[Touched, Touched, Book]] = {}
        self._lock = Lock()

    def book(self, paths: Sequence[Path]) -> Book:
        """The mapping in these files and folders, as it is now. Never raises for what is wrong in them."""
        asked = tuple(paths)
        with self._lock:
            touched = _touched(_files(asked))
            seen = self._seen.get(asked)
            if seen is not None and seen[0] == touched and seen[1] == _touched(seen[2].drawn):
                return seen[2]
            contents = contents_of(asked)
            key = (*map(str, asked), *contents.digests, *(str(path) for path, _ in contents.files))
            book = self._books.pop(key, None)
            if book is None or contents.findings:
                book = Book(contents, asked[0] if len(asked) == 1 and asked[0].is_dir() else None)
            self._books[key] = book
            passing = [key for key, one in self._books.items() if not one.lasting]
            for old in passing[:-KEPT]:
                del self._books[old]
            kept = set(map(id, self._books.values()))
            self._seen = {of: one for of, one in self._seen.items() if id(one[2]) in kept}
            self._seen[asked] = (touched, _touched(book.drawn), book)
            return book


SHELF = Shelf()
"""What this process has read."""


def _files(paths: tuple[Path, ...]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(path.rglob(f"*{SUFFIX}")) if path.is_dir() else [path]


def _touched(files: Iterable[Path]) -> Touched:
    found = []
    for file in files:
        try:
            told = file.stat()
        except OSError:
            found.append((str(file), 0, 0, 0, 0))
            continue
        found.append((str(file), told.st_ino, told.st_size, told.st_mtime_ns, told.st_ctime_ns))
    return tuple(found)


def _name(path: Path, base: Path | None) -> str:
    if base is not None and path.is_relative_to(base):
        return path.relative_to(base).as_posix()
    return path.name


def _order(finding: Finding) -> tuple[str, int, int, str]:
    return finding.place.file, finding.place.line, finding.place.column, finding.code
