"""What is asked for when files are moved, what the ledger keeps of each, and what came of it."""

import hashlib
from dataclasses import dataclass, replace
from typing import Literal

from merger.errors import Finding, Place, Severity

FileState = Literal["pending", "copying", "done", "there", "held"]
"""`pending`: a file stood in its place before this run, and is to be compared. `copying`: nothing stood
there. `done`: this toolkit put it there. `there`: an equal file stood there before; a roll-back leaves it.
`held`: it is not in the target."""

SHOWN = 100_000
"""The most findings that one result holds; all are counted."""


@dataclass(frozen=True, slots=True)
class FileRequest:
    """A file that a moved row names.

    `name`: of the file field in the profile (a row may name several). `path`: in the source, `to_path`: as
    the projection gives it in the target; None and empty name no file. `size` (bytes) and `sha256`: what
    the source's database says, where it does.
    """

    source_key: str
    path: str | None
    to_path: str | None
    name: str = ""
    size: int | str | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class FilesOf:
    """A dataset whose files are moved: for messages, and its number in the ledger."""

    system: str
    dataset: str
    id: int


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file as the ledger keeps it (table `merger_file`). Digests in hexadecimal; no path stands here.

    `path_sha256`: of the field's name, NUL and the path in the source. `target_sha256`: of the path in the
    target. `sha256`: of the content. `copied`: bytes that this toolkit wrote. `why`: the code of the
    finding that holds it.
    """

    dataset_id: int
    source_key: str
    path_sha256: str
    target_sha256: str
    state: FileState
    run: str
    size: int | None = None
    sha256: str | None = None
    copied: int = 0
    why: str = ""

    @property
    def id(self) -> tuple[str, str]:
        """What tells the files of a dataset apart."""
        return self.source_key, self.path_sha256

    def now(self, state: FileState, **changed: object) -> "FileRow":
        return replace(self, state=state, **changed)  # type: ignore[arg-type]  # fields of this class


@dataclass(frozen=True)
class FilesCopied:
    """What a call of `copy_files` did. `none`: rows that name no file; `unguarded`: files whose store could
    not itself refuse to write over another one."""

    copied: int = 0
    bytes: int = 0
    already: int = 0
    none: int = 0
    held: int = 0
    unguarded: int = 0
    seconds: float = 0.0
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class FilesProved:
    """What a verification of files found. `strength` quick: sizes only."""

    strength: Literal["full", "quick"]
    files: int = 0
    differences: int = 0
    held: int = 0
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class FilesRemoved:
    """What a roll-back of files did. `kept`: changed since, or another run's rows name them."""

    removed: int = 0
    kept: int = 0
    findings: tuple[Finding, ...] = ()


def row_of(request: FileRequest, of: FilesOf, run: str) -> FileRow:
    """The ledger's row of a request, before anything is known of its file."""
    named = f"{request.name}\0{request.path or ''}"
    return FileRow(
        of.id, request.source_key, digest(named), digest(request.to_path or ""), "pending", run
    )  # fmt: skip


def digest(path: str) -> str:
    """The SHA-256 of a path, also of one that is no proper text."""
    return hashlib.sha256(path.encode("utf-8", "surrogatepass")).hexdigest()


def finding(
    of: FilesOf, key: str, code: str, severity: Severity = Severity.ERROR, **fields: object
) -> Finding:
    """A finding about the file of a row, placed by system, dataset and key. No path stands in it."""
    return Finding("files", code, severity, Place(system=of.system, dataset=of.dataset, key=key), fields)
