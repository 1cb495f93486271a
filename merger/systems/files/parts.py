"""Stores in which a file is written under another name first, and renamed when it is whole and proved."""

import hashlib
from abc import abstractmethod
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, closing
from typing import Protocol

from merger.systems.files.failing import CHANGING, MISSING, OTHER_SHA256, FileHeld, StoreFailed
from merger.systems.files.paths import checked, part_of
from merger.systems.files.store import At, Copied, FileStore, Hash, nowhere, summed


class Sink(Protocol):
    """What takes a file's bytes."""

    def write(self, data: bytes, /) -> object: ...


class PartStore(FileStore):
    """A store with rename. `part`: the name under which a file is written."""

    @abstractmethod
    def part_size(self, part: str) -> int | None:
        """How much of a file stands under its part name; None where nothing does."""

    @abstractmethod
    def part_chunks(self, part: str) -> Generator[bytes, None, None]:
        """The content of a part as the store has it now."""

    @abstractmethod
    def appending(self, part: str, start: int) -> AbstractContextManager[Sink]:
        """Opens a part to write on from `start`; 0: anew, where there is none. On leaving, the content is on
        the disk. Raises StoreFailed (`in-use`) where a part appeared meanwhile."""

    @abstractmethod
    def publish(self, part: str, path: str) -> bool:
        """Gives a part its name. Raises FileExistsError where there is a file.

        Answers whether the store itself refuses that, at the same instant.
        """

    @abstractmethod
    def drop(self, part: str) -> None:
        """Takes a part out, if it is there."""

    def clean(self, path: str) -> None:
        self.drop(part_of(checked(path)))

    def receive(
        self, source: FileStore, path: str, to_path: str, wanted: str = "", at: At = nowhere
    ) -> Copied:
        part = part_of(to_path)
        begun = source.info(path)
        if begun is None:
            raise FileHeld(MISSING)
        digest, start = self._kept(source, path, part, begun.size)
        at("before-file-write")
        size = start
        with self.appending(part, start) as out:
            for chunk in source.chunks(path, start):
                digest.update(chunk)
                out.write(chunk)
                size += len(chunk)
                at("in-file")
        at("after-file-write")
        if source.info(path) != begun or size != begun.size:
            self.drop(part)
            raise FileHeld(CHANGING, transient=True)
        if wanted not in ("", digest.hexdigest()):
            self.drop(part)
            raise FileHeld(OTHER_SHA256)
        if summed(self.part_chunks(part)) != (size, digest.hexdigest()):
            self.drop(part)
            raise StoreFailed("damaged", self.name, transient=True)
        at("before-file-rename")
        guarded = self.publish(part, to_path)
        at("after-file-rename")
        return Copied(size, digest.hexdigest(), unguarded=not guarded)

    def _kept(self, source: FileStore, path: str, part: str, size: int) -> tuple[Hash, int]:
        """The hash so far and how much of a part can stay: all, if it is how the source begins, else none."""
        there = self.part_size(part)
        if there and there <= size:
            theirs = hashlib.sha256()
            for chunk in _first(source.chunks(path), there):
                theirs.update(chunk)
            if summed(self.part_chunks(part)) == (there, theirs.hexdigest()):
                return theirs, there
        if there is not None:
            self.drop(part)
        return hashlib.sha256(), 0


def _first(chunks: Generator[bytes, None, None], size: int) -> Iterator[bytes]:
    """The first `size` bytes of a stream."""
    with closing(chunks):
        for chunk in chunks:
            yield chunk[:size]
            size -= len(chunk)
            if size <= 0:
                return
