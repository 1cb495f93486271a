"""Small things that every step needs: whole files, digests, and who is at the keyboard."""

import getpass
import os
from hashlib import sha256
from pathlib import Path

from pydantic import BaseModel


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file so that a crash leaves the old one or the new one, never half of it."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        error.filename = str(path)
        raise


def rewrite(path: Path, content: bytes) -> None:
    """Writes a file that others read meanwhile: they find the old one or the new one. A crash of the machine
    may lose it."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_bytes(content)
    beside.replace(path)


def written(model: BaseModel) -> bytes:
    """A model as the toolkit writes it: JSON in the order of its fields, defaults left out, one line."""
    return model.model_dump_json(by_alias=True, exclude_defaults=True).encode() + b"\n"


def sha256_of(content: bytes) -> str:
    """SHA-256 of exact bytes, in hexadecimal."""
    return sha256(content).hexdigest()


def operator() -> str:
    """Who runs the command, for the audit trail: the account's name, in printable ASCII."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = ""
    return "".join(letter for letter in name if letter.isascii() and letter.isprintable()) or "unknown"
