"""Files and folders of definitions, read together as one mapping."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import rfc8785

from merger.errors import Finding, InputError, Place
from merger.mapping.document import Document, read_bytes, understand_definitions
from merger.mapping.growing import growing
from merger.mapping.models import (
    AgenciesFile,
    CompetenceFile,
    DecisionsFile,
    Definitions,
    LocalitiesFile,
    Mapping,
    PolygonsFile,
    ServicesFile,
    Shape,
    UnitsFile,
)
from merger.mapping.shapes import beside_of, read_shapes
from merger.mapping.tree import Loc, problem

SUFFIX = ".yaml"

_DRAWN = b"merger/polygons/"

D = TypeVar("D", bound=Definitions)


@dataclass(frozen=True, slots=True)
class LoadedMapping:
    """A mapping and the documents that it was read from, both in the order of the files' ids."""

    mapping: Mapping
    documents: tuple[Document[Definitions], ...]

    def place(self, file: Definitions, loc: Loc = ()) -> Place:
        """The place of a value of one of the mapping's files."""
        at = bisect_left(self.documents, file.id, key=lambda document: document.value.id)
        return self.documents[at].place(loc)


@dataclass(frozen=True, slots=True)
class Reading:
    """What could be understood of some files, and every problem of all of them.

    A file with unknown keys is understood without these; one that cannot be understood is left out.
    """

    loaded: LoadedMapping
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Contents:
    """The bytes of mapping files, in the order of their places, and what could not be read.

    `beside`: what there is of the GeoJSON file that a file of polygons names, by the latter's path.
    """

    files: tuple[tuple[Path, bytes], ...]
    findings: tuple[Finding, ...] = ()
    beside: tuple[tuple[Path, bytes | Finding], ...] = ()

    @property
    def digests(self) -> list[str]:
        """The SHA-256 of each file in hex, sorted: wherever the same files lie, these are the same."""
        drawn = [content for _, content in self.beside if isinstance(content, bytes)]
        files = [content for _, content in self.files]
        return sorted(sha256(content).hexdigest() for content in [*files, *drawn])


def load(paths: Sequence[Path]) -> LoadedMapping:
    """Reads mapping files, and folders with all the `*.yaml` files in and under them.

    The order of `paths` and the names of the files do not matter. Raises InputError with the findings
    of all files, and where two files bear one id.
    """
    return parse(contents_of(paths))


def read(paths: Sequence[Path]) -> Reading:
    """Reads files and folders as `load` does, and goes on past what cannot be used. Never raises."""
    return understand(contents_of(paths))


def contents_of(paths: Sequence[Path]) -> Contents:
    """The bytes of the mapping files that `load` would read, and a finding for each that is not there."""
    findings: list[Finding] = []
    contents = []
    beside: list[tuple[Path, bytes | Finding]] = []
    for path in _files(paths, findings):
        try:
            content = read_bytes(path)
        except InputError as error:
            findings += error.findings
            continue
        contents.append((path, content))
        if _DRAWN in content:
            document, _ = understand_definitions(content, path)
            file = document.value if document else None
            if document and isinstance(file, PolygonsFile) and file.file:
                beside.append((path, beside_of(document, file.file)))
    return Contents(tuple(contents), tuple(findings), tuple(beside))


def parse(contents: Contents) -> LoadedMapping:
    """The mapping that files' bytes say together. Raises InputError as `load` does."""
    found = understand(contents)
    if found.findings:
        raise InputError(found.findings)
    return found.loaded


@growing()
def understand(contents: Contents) -> Reading:
    """What can be understood of files' bytes, and every problem of them. Never raises."""
    findings = list(contents.findings)
    documents: dict[str, Document[Definitions]] = {}
    shapes: dict[str, tuple[Shape, ...]] = {}
    beside = dict(contents.beside)
    for path, content in contents.files:
        document, problems = understand_definitions(content, path)
        findings += problems
        if document is None:
            continue
        other = documents.setdefault(document.value.id, document)
        if other is not document:
            at = document.place(("id",))
            given = {"id": document.value.id, "other": other.path.name}
            findings.append(problem(str(path), "MAP001", (at.line, at.column), **given))
        elif isinstance(file := document.value, PolygonsFile):
            shapes[file.id], drawn = read_shapes(document, file, beside.get(path))
            findings += drawn
    return Reading(_loaded(documents, shapes), tuple(findings))


def shipped() -> Path:
    """The folder of the real mappings that come with the package, installed or from a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "shipped_mappings"
    return installed if installed.is_dir() else package.parent / "mappings"


def digest(loaded: LoadedMapping) -> str:
    """The canonical digest of a mapping: SHA-256, in hex, of the canonical JSON (RFC 8785) of the sorted
    list of `[id, SHA-256 of the file's exact bytes]`. Where the files lie does not change it."""
    return sha256(rfc8785.dumps(sorted(map(list, loaded.mapping.digests.items())))).hexdigest()


def _files(paths: Sequence[Path], findings: list[Finding]) -> Iterable[Path]:
    files: dict[Path, Path] = {}
    for path in paths:
        found = sorted(path.rglob(f"*{SUFFIX}")) if path.is_dir() else [path]
        found = [file for file in found if file.is_file()]
        if not found:
            findings.append(problem(str(path), "MAP002"))
        for file in found:
            files.setdefault(file.resolve(), file)
    return [files[real] for real in sorted(files)]


def _loaded(
    documents: dict[str, Document[Definitions]], shapes: dict[str, tuple[Shape, ...]]
) -> LoadedMapping:
    in_order = tuple(documents[id_] for id_ in sorted(documents))
    files = [document.value for document in in_order]
    mapping = Mapping(
        units=_of(UnitsFile, files),
        agencies=_of(AgenciesFile, files),
        competence=_of(CompetenceFile, files),
        services=_of(ServicesFile, files),
        localities=_of(LocalitiesFile, files),
        decisions=_of(DecisionsFile, files),
        polygons=_of(PolygonsFile, files),
        shapes=shapes,
        digests={document.value.id: document.sha256 for document in in_order},
    )
    return LoadedMapping(mapping, in_order)


def _of(kind: type[D], files: Iterable[Definitions]) -> tuple[D, ...]:
    return tuple(file for file in files if isinstance(file, kind))
