"""Printing: results to stdout, notes to stderr, JSON as one document or one object a line."""

import errno
import json
import os
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from pydantic import BaseModel

from merger.errors import Finding, InputError, Place, Refused, Severity
from merger.messages import current, text

if TYPE_CHECKING:
    from merger.approval import Signer


def show_findings(findings: Iterable[Finding], stream: TextIO) -> None:
    """`file:line:column: CODE message`, and how to mend it on the next line."""
    for finding in findings:
        weight = "" if finding.severity is Severity.ERROR else f"{text(f'cli.out.{finding.severity}')}: "
        print(f"{finding.place}: {finding.code} {weight}{finding.message}", file=stream)
        print(f"    {finding.mend}", file=stream)


def finding_json(finding: Finding) -> dict[str, object]:
    """A finding as `mapping lint --json` shows it."""
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "file": finding.place.file,
        "line": finding.place.line,
        "column": finding.place.column,
        "message": finding.message,
        "mend": finding.mend,
    }


def show_json(value: object) -> None:
    """One JSON document on stdout."""
    print(json.dumps(value, ensure_ascii=False, indent=1))


def show_json_line(value: object) -> None:
    """One JSON object on one line of stdout, at once."""
    print(json.dumps(value, ensure_ascii=False), flush=True)


def signer_of(key: str, now: datetime) -> "Signer":
    """Opens the key that a person names, a file or a token's; what it warns of goes to stderr."""
    from merger.approval import open_signer

    return open_signer(key, now, lambda warning: print(warning, file=sys.stderr))


def as_data(value: Any) -> Any:
    """A model or dataclass as JSON-ready data."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", by_alias=True)
    if is_dataclass(value) and not isinstance(value, type):
        return json.loads(json.dumps(asdict(value), default=str))
    return value


def note(key: str, **fields: object) -> None:
    """A note on stderr: the message `cli.out.<key>`."""
    print(text(f"cli.out.{key}", **fields), file=sys.stderr)


def say(key: str, **fields: object) -> None:
    """A line of the result: the message `cli.out.<key>`."""
    print(text(f"cli.out.{key}", **fields))


def number(value: int) -> str:
    """An integer with the language's sign between thousands."""
    return f"{value:,}".replace(",", "." if current() == "vi" else ",")


def show_table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table for reading: columns aligned, numbers to the right."""
    written = [[number(cell) if isinstance(cell, int) else str(cell) for cell in row] for row in rows]
    lines = [list(heads), *written]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    numeric = [
        bool(written) and all(_numeric(row[column]) for row in written) for column in range(len(heads))
    ]
    for line in lines:
        cells = zip(line, widths, numeric, strict=True)
        print(
            "  ".join(
                cell.rjust(width) if right else cell.ljust(width) for cell, width, right in cells
            ).rstrip()
        )


def write_whole(path: Path, data: bytes) -> None:
    """Writes a file so that it is there whole or not at all. Raises InputError where it cannot be written."""
    check_target(path)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        try:
            part.write_bytes(data)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as wrong:
        raise InputError([_unwritable("target-fails", path, why=why(wrong))]) from wrong


def write_new(path: Path, data: bytes, replace: bool) -> None:
    """Writes a file as `write_whole`. Refused where one of other content is there and not to be replaced."""
    check_target(path)
    if path.exists() and not replace and not holds(path, data):
        raise Refused("cli.out.taken", file=path)
    write_whole(path, data)


def holds(path: Path, data: bytes) -> bool:
    """Whether `path` is a file of exactly this content."""
    return path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data


def check_target(path: Path) -> None:
    """Raises InputError where no file can be written at `path`: a folder, no such folder, no right."""
    folder = path.parent
    if not path.name or path.name == ".." or _is_folder(path):
        raise InputError([_unwritable("target-folder", path)])
    if not _is_folder(folder):
        raise InputError([_unwritable("target-absent", path, folder=folder)])
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError([_unwritable("target-closed", path, folder=folder)])


def why(error: OSError) -> str:
    """What the system says of a file, in the present language."""
    return text(f"cli.system.{_SYSTEM.get(error.errno or 0, 'other')}")


def is_of_device(error: OSError) -> bool:
    """Whether an error tells of a disk, a terminal or a limit that lets nothing more be written, whatever is
    asked for."""
    return error.errno in _DEVICE


def file_of(error: OSError) -> str:
    """The file that an error of the system is about; of one that is written, the name that it is to have."""
    return _PART.sub(r"\1", str(error.filename))


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _unwritable(code: str, path: Path, **fields: object) -> Finding:
    return Finding("cli", code, Severity.ERROR, Place(file=str(path)), fields)


_PART = re.compile(r"(?<![^/\\])\.([^/\\]+?)\.[0-9]+(?:\.part)?$")
"""The name of a file while it is written: here, and in `merger.migrate.writing`."""

_DEVICE = {
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EFBIG: "large",
    errno.EIO: "device",
    errno.EMFILE: "many",
    errno.ENFILE: "many",
}
_SYSTEM = {
    **_DEVICE,
    errno.ENOENT: "absent",
    errno.EACCES: "closed",
    errno.EPERM: "closed",
    errno.EROFS: "closed",
    errno.EISDIR: "folder",
    errno.ENOTDIR: "no-folder",
    errno.EEXIST: "there",
    errno.ENAMETOOLONG: "long",
}


def _numeric(cell: str) -> bool:
    return cell.replace(".", "").replace(",", "").isdecimal()
