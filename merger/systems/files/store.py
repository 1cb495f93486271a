"""A file store: one folder, SFTP account or bucket with the files that a system's rows name."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Protocol

CHUNK = 1024 * 1024
"""How much of a file is in memory at a time, in bytes."""

At = Callable[[str], None]
"""Told the name of each step before and after it is taken, so that tests can make it the last one."""


def nowhere(_step: str) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True, slots=True)
class FileInfo:
    """A file's size in bytes, and a text that is another one once the file is written again."""

    size: int
    version: str


@dataclass(frozen=True, slots=True)
class Copied:
    """A file that stands in the target. `sha256`: 64 hex digits.

    `already`: equal content stood there before. `unguarded`: the store cannot refuse to write over a file
    that appears at the last moment, so it was only looked before it was written.
    """

    size: int
    sha256: str
    already: bool = False
    unguarded: bool = False


class Hash(Protocol):
    """A SHA-256 under way."""

    def update(self, data: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...


class FileStore(ABC):
    """Files under one root. Paths are relative to it and checked (`checked`) before anything else.

    `name`: how messages call the store; says neither paths nor credentials. Every method raises FileHeld
    (this file) or StoreFailed (the store). All methods may be called by several threads. `exact`: names that
    differ only in case or Unicode form are always two files.
    """

    name: str
    exact = False

    @abstractmethod
    def info(self, path: str) -> FileInfo | None:
        """Size and version of a file, None where there is none. Raises FileHeld for what is no file."""

    @abstractmethod
    def chunks(self, path: str, start: int = 0) -> Generator[bytes, None, None]:
        """The content from byte `start` on, in pieces of at most `CHUNK`."""

    @abstractmethod
    def names(self, folder: str) -> Iterator[str]:
        """The names in a folder (empty: the root) as the store writes them. None where there is no folder."""

    @abstractmethod
    def receive(
        self, source: "FileStore", path: str, to_path: str, wanted: str = "", at: At = nowhere
    ) -> Copied:
        """Writes a file of another store to `to_path`, where none was seen, and proves it.

        Goes on with what an interrupted call left, if it is a beginning of the same content. Raises
        FileExistsError where a file is there, also one that appeared meanwhile; that one is left alone;
        FileHeld (`other-sha256`) where `wanted` is given and the content has another SHA-256.
        """

    @abstractmethod
    def remove(self, path: str) -> None:
        """Takes a file out."""

    @abstractmethod
    def clean(self, path: str) -> None:
        """Takes out what an interrupted `receive` of this path left. Nothing, if it left nothing."""

    @abstractmethod
    def close(self) -> None:
        """Ends connections."""

    def size_and_sha256(self, path: str) -> tuple[int, str]:
        """Size in bytes and SHA-256 (64 hex digits) of a file, read once from beginning to end."""
        return summed(self.chunks(path))

    def __enter__(self) -> "FileStore":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def summed(chunks: Iterator[bytes]) -> tuple[int, str]:
    """Size and SHA-256 of a stream."""
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
    return size, digest.hexdigest()
