"""Reads a YAML file into a model, and knows where in the file every value stands.

For every file that people write: definitions, profiles, jobs. What is wrong with a file comes out in
one `InputError`, each finding with its line and column.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from merger.errors import Finding, InputError, Place
from merger.mapping.models import KINDS, Definitions
from merger.mapping.problems import findings_of
from merger.mapping.tree import Loc, Node, compose, decode, problem, shorten

MAX_BYTES = 20_000_000

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True, repr=False)
class Document(Generic[M]):
    """A file as read: its value, its exact bytes and their SHA-256 in hex, and its places."""

    value: M
    path: Path
    content: bytes
    sha256: str
    _root: Node

    def texts(self, wanted: Callable[[str], object]) -> Iterator[tuple[Place, str]]:
        """Every text that the file gives as a value and for which `wanted` holds, with its place."""
        for node in self._root.walk():
            if isinstance(node.value, str) and wanted(node.value):
                yield Place(file=str(self.path), line=node.line, column=node.column), node.value

    def place(self, loc: Loc = ()) -> Place:
        """The place of the value at `loc`, keys as the file writes them (`("communes", 3, "from", 0)`).

        Where nothing stands there, the place of what would hold it.
        """
        node = self._root
        for step in loc:
            below = node.child(step)
            if below is None:
                break
            node = below
        return Place(file=str(self.path), line=node.line, column=node.column)


def read_document(path: Path, model: type[M], limit: int = MAX_BYTES) -> Document[M]:
    """Reads the file `path`, at most `limit` bytes long. Raises InputError with every problem of it."""
    return parse_document(read_bytes(path, limit), model, path)


def parse_document(content: bytes, model: type[M], path: Path) -> Document[M]:
    """Reads bytes that came from `path`. Raises InputError with every problem of them."""
    return _document(content, model, path, *_root(content, path))


def read_definitions(path: Path, limit: int = MAX_BYTES) -> Document[Definitions]:
    """Reads a file of definitions of whichever kind its `schema` line names. Raises InputError."""
    document, findings = understand_definitions(read_bytes(path, limit), path)
    if document is None or findings:
        raise InputError(findings)
    return document


def understand_definitions(content: bytes, path: Path) -> tuple[Document[Definitions] | None, list[Finding]]:
    """What can be understood of the bytes of a file of definitions (None: nothing), and every problem."""
    try:
        root, findings = _root(content, path)
    except InputError as error:
        return None, list(error.findings)
    schema = root.child("schema")
    known = ", ".join(KINDS)
    if schema is None:
        return None, [*findings, problem(str(path), "DOC015", (root.line, root.column), known=known)]
    model = KINDS.get(schema.value) if isinstance(schema.value, str) else None
    if model is None:
        given = shorten(schema.value) if isinstance(schema.value, str) else ""
        unknown = problem(str(path), "DOC016", (schema.line, schema.column), schema=given, known=known)
        return None, [*findings, unknown]
    return _understood(content, model, path, root, findings)


def _document(content: bytes, model: type[M], path: Path, root: Node, findings: list[Finding]) -> Document[M]:
    document, problems = _understood(content, model, path, root, findings)
    if document is None or problems:
        raise InputError(problems)
    return document


def _understood(
    content: bytes, model: type[M], path: Path, root: Node, findings: list[Finding]
) -> tuple[Document[M] | None, list[Finding]]:
    plain = root.plain()
    try:
        value = model.model_validate(plain)
    except ValidationError as error:
        problems = [*findings, *findings_of(error, model, root, str(path))]
        problems.sort(key=lambda one: (one.place.line, one.place.column))
        known = None if findings and root.any_broken() else _without_unknown_keys(plain, error, model)
        if known is None:
            return None, problems
        return Document(known, path, content, sha256(content).hexdigest(), root), problems
    if findings and root.any_broken():
        return None, findings
    return Document(value, path, content, sha256(content).hexdigest(), root), findings


def _without_unknown_keys(plain: Any, error: ValidationError, model: type[M]) -> M | None:
    """The value if unknown keys are all that is wrong with it."""
    unknown = [one["loc"] for one in error.errors(include_url=False) if one["type"] == "extra_forbidden"]
    if len(unknown) < error.error_count():
        return None
    try:
        for *way, key in unknown:
            holder = plain
            for step in way:
                holder = holder[step]
            del holder[key]
        return model.model_validate(plain)
    except (ValidationError, LookupError, TypeError):  # the key of one of several forms
        return None


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The bytes of a file, at most `limit` of them. Raises InputError."""
    try:
        if not path.is_file():
            raise InputError([problem(str(path), "DOC001")])
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except (OSError, ValueError):
        raise InputError([problem(str(path), "DOC001")]) from None
    if len(content) > limit:
        raise InputError([problem(str(path), "DOC002", (1, 1), limit=limit)])
    return content


def _root(content: bytes, path: Path) -> tuple[Node, list[Finding]]:
    root, findings = compose(decode(content, str(path)), str(path))
    if root is None or not isinstance(root.value, dict):
        raise InputError([*findings, problem(str(path), "DOC014", (1, 1))])
    return root, findings
