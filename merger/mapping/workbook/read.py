"""Workbooks read into drafts of definitions; every value knows its cell."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError

from merger.errors import Finding, InputError, Place, Severity
from merger.mapping.document import Document
from merger.mapping.files import LoadedMapping
from merger.mapping.imported import Draft, Imported
from merger.mapping.models import (
    KINDS,
    AgenciesFile,
    CompetenceFile,
    DecisionsFile,
    Definitions,
    LocalitiesFile,
    Mapping,
    ServicesFile,
    UnitsFile,
)
from merger.mapping.problems import findings_of
from merger.mapping.tree import Node, problem
from merger.mapping.workbook.assemble import Assembly
from merger.mapping.workbook.cells import read_book
from merger.mapping.workbook.sheets import BY_NAME
from merger.mapping.workbook.tables import rows_of


@dataclass(frozen=True, slots=True)
class WorkbookMapping(LoadedMapping):
    """A mapping as the checks take it, whose places are cells: `book.xlsx#Communes!B7`."""

    places: tuple[Place, ...]

    def place(self, file: Definitions, loc: tuple[str | int, ...] = ()) -> Place:
        """The cell of a value of one of the mapping's files, or the first of the row that would hold it."""
        document = next(one for one in self.documents if one.value.id == file.id)
        return self.places[document.place(loc).line]


def read_workbook(paths: Sequence[Path], id_: str = "") -> Imported:
    """The definitions of the workbooks, in the order of their `Files` sheets.

    `id_` is the id of a file whose row leaves it empty. Raises InputError with all problems of all
    workbooks, each at its sheet and cell.
    """
    files, findings, _ = _read(paths, id_)
    return Imported(tuple(Draft(value) for value, _, _ in files), tuple(findings))


def workbook_mapping(paths: Sequence[Path], id_: str = "") -> WorkbookMapping:
    """The workbooks as one mapping for the checks of `merger.quality`, which then answer with cells.

    Raises InputError as `read_workbook` does.
    """
    files, _, places = _read(paths, id_)
    documents = []
    for value, root, path in files:
        content = Draft(value).text.encode()
        documents.append(Document(value, path, content, sha256(content).hexdigest(), root))
    documents.sort(key=lambda document: document.value.id)
    values = [document.value for document in documents]
    mapping = Mapping(
        units=tuple(one for one in values if isinstance(one, UnitsFile)),
        agencies=tuple(one for one in values if isinstance(one, AgenciesFile)),
        competence=tuple(one for one in values if isinstance(one, CompetenceFile)),
        services=tuple(one for one in values if isinstance(one, ServicesFile)),
        localities=tuple(one for one in values if isinstance(one, LocalitiesFile)),
        decisions=tuple(one for one in values if isinstance(one, DecisionsFile)),
        digests={document.value.id: document.sha256 for document in documents},
    )
    return WorkbookMapping(mapping, tuple(documents), tuple(places))


def _read(
    paths: Sequence[Path], id_: str
) -> tuple[list[tuple[Definitions, Node, Path]], list[Finding], list[Place]]:
    findings: list[Finding] = []
    places: list[Place] = []
    files: list[tuple[Definitions, Node, Path]] = []
    given: dict[str, Path] = {}
    for path in dict.fromkeys(paths):
        try:
            book = read_book(path, BY_NAME)
        except InputError as error:
            findings += error.findings
            continue
        assembly = Assembly(book, rows_of(book, findings), id_, findings, places)
        for name, root in assembly.files():
            if name in given and given[name] != path:
                findings.append(problem(places[root.line].file, "MAP001", id=name, other=given[name].name))
            given[name] = path
            value = _value(root, path, places, findings)
            if value is not None:
                files.append((value, root, path))
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise InputError(findings)
    return files, findings, places


def _value(root: Node, path: Path, places: list[Place], findings: list[Finding]) -> Definitions | None:
    schema = root.child("schema")
    model = KINDS.get(str(schema.value)) if schema else None
    if model is None:
        return None
    try:
        return model.model_validate(root.plain())
    except ValidationError as error:
        for one in findings_of(error, model, root, str(path)):
            findings.append(Finding(one.part, one.code, one.severity, places[one.place.line], one.fields))
        return None
