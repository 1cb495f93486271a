"""Digests of exact bytes and of content, SHA-256 in lower-case hexadecimal.

Content is digested over its canonical JSON (RFC 8785), so that two spellings of one content agree.
"""

import errno
import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import asdict, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from pathlib import Path

import rfc8785
from pydantic import BaseModel

from merger.approval.models import written
from merger.errors import Finding, InputError, Place, Severity

SIGNATURE_NAME = re.compile(r".+\.[0-9a-f]{8}(\.sig|\.[0-9a-f]{8}\.withdrawn)\.json")


def canonical_json(content: object) -> bytes:
    """The one written form of `content` by RFC 8785, UTF-8.

    Models, data classes, enumerations, dates, decimals (as text) and sets (sorted by their written form)
    are allowed beside what JSON knows. Raises ValueError for anything else, for NaN, and for whole
    numbers beyond 2^53.
    """
    return rfc8785.dumps(_plain(content))


def canonical_digest(content: object) -> str:
    """The digest of the content, whatever its spelling. Raises ValueError as `canonical_json` does."""
    return digest_bytes(canonical_json(content))


def digest_bytes(data: bytes) -> str:
    """The digest of exactly these bytes."""
    return hashlib.sha256(data).hexdigest()


def digest_file(path: Path) -> str:
    """The digest of a file's exact bytes. Raises InputError for a file that cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise unusable("unreadable", path, reason=error.strerror or type(error).__name__) from error


def digest_files(path: Path) -> dict[str, str]:
    """The digest of every file in a folder by its relative path, in the order of these paths.

    Signatures (`*.<8 hex>.sig.json`) and their withdrawals are left out, so that signing a file does not
    change its folder.
    A file answers with itself alone. Raises InputError for links, for what is neither file nor folder,
    for files that cannot be read, and for a folder without files: all of them in one run.
    """
    if path.is_file():
        return {path.name: digest_file(path)}
    if not path.is_dir():
        raise unusable("unreadable", path, reason=os.strerror(errno.ENOENT))
    findings: list[Finding] = []
    digests: dict[str, str] = {}
    for entry in sorted(path.rglob("*"), key=lambda entry: entry.relative_to(path).as_posix()):
        if entry.is_symlink() or not (entry.is_file() or entry.is_dir()):
            findings += unusable("not_a_plain_file", entry).findings
        elif entry.is_file() and not SIGNATURE_NAME.fullmatch(entry.name):
            try:
                digests[entry.relative_to(path).as_posix()] = digest_file(entry)
            except InputError as error:
                findings += error.findings
    if not digests and not findings:
        raise unusable("empty_folder", path)
    if findings:
        raise InputError(findings)
    return digests


def digest_path(path: Path) -> str:
    """The digest of a file's exact bytes, or of a folder: over the canonical JSON of `digest_files`."""
    return canonical_digest(digest_files(path)) if path.is_dir() else digest_file(path)


def unusable(code: str, path: Path, **fields: object) -> InputError:
    """The error of one file that cannot be used."""
    fields = {"file": str(path)} | fields
    return InputError([Finding("approval", code, Severity.ERROR, Place(file=str(path)), fields)])


def _plain(value: object) -> rfc8785._impl._Value:
    match value:
        case BaseModel():
            return _plain(value.model_dump(by_alias=True))
        case Enum():
            return _plain(value.value)
        case None | bool() | int() | float() | str():
            return value
        case datetime():
            return value.isoformat() if value.tzinfo is None else written(value)
        case date() | time():
            return value.isoformat()
        case Decimal():
            return str(value)
        case Mapping():
            return {_key(key): _plain(item) for key, item in value.items()}
        case Set():
            return sorted((_plain(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
        case Sequence() if not isinstance(value, bytes | bytearray | memoryview):
            return [_plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    raise ValueError(f"no canonical form of {type(value).__name__}")


def _key(key: object) -> str:
    plain = key.value if isinstance(key, Enum) else key
    if not isinstance(plain, str):
        raise ValueError(f"a key of canonical JSON is a text, not {type(plain).__name__}")
    return plain
