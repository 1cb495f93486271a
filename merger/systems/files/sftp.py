"""Files of an SFTP account (sshfs over asyncssh). The server's key must be known."""

import posixpath
from collections.abc import Callable, Coroutine, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache
from socket import gaierror
from stat import S_ISLNK, S_ISREG
from threading import Lock
from typing import Any

import asyncssh
from asyncssh import sftp
from fsspec.asyn import sync
from fsspec.exceptions import FSTimeoutError
from sshfs import SSHFileSystem

from merger.systems.files.failing import (
    IN_THE_WAY,
    MISSING,
    NAME_LONG,
    NOT_A_FILE,
    OUTSIDE,
    UNREADABLE,
    FileHeld,
    StoreFailed,
    telling,
)
from merger.systems.files.parts import PartStore, Sink
from merger.systems.files.paths import checked
from merger.systems.files.store import CHUNK, FileInfo

WAIT = 60.0
"""How long the server may take for one answer, in seconds."""

FOLDERS = 1024
"""How many folders are remembered, so that they are not asked for again for each file."""

_LOST = (asyncssh.ConnectionLost, asyncssh.ChannelOpenError, sftp.SFTPConnectionLost, sftp.SFTPNoConnection,
         FSTimeoutError, gaierror)  # fmt: skip
_REFUSED = (sftp.SFTPFailure, sftp.SFTPLinkLoop, sftp.SFTPNotADirectory)
"""How a server says no to one path: the usual version of the protocol has one code for many reasons."""
_NOTHING = (sftp.SFTPNoSuchFile, sftp.SFTPNoSuchPath, FileNotFoundError)


class SftpStore(PartStore):
    """A folder `root` of an SFTP server. A broken connection is made anew by the next call."""

    def __init__(self, host: str, root: str, name: str, options: Mapping[str, Any]) -> None:
        self.name = name
        self._host = host
        self._options = {"known_hosts": (), "keepalive_interval": 15, "keepalive_count_max": 4, **options}
        self._lock = Lock()
        self._fs: SSHFileSystem | None = None
        self._client: Any = None
        self._real_folder = lru_cache(FOLDERS)(self._resolved)
        self._made = lru_cache(FOLDERS)(self._make)
        with self._telling():
            self._root = str(self._ask("realpath", root or "."))
            if self._stat(self._root) is None:
                raise StoreFailed("no-folder", name)

    def info(self, path: str) -> FileInfo | None:
        with self._telling():
            found = self._stat(self._place(path))
        if found is None:
            return None
        if found.permissions is None or not S_ISREG(found.permissions):
            raise FileHeld(NOT_A_FILE)
        size = int(found.size or 0)
        return FileInfo(size, f"{size}-{found.mtime}-{found.mtime_ns}")

    def chunks(self, path: str, start: int = 0) -> Generator[bytes, None, None]:
        with self._telling():
            place = self._place(path)
        yield from self._read(place, start)

    def names(self, folder: str) -> Iterator[str]:
        with self._telling():
            place = self._place(folder) if folder else self._root
            try:
                listed = self._ask("listdir", place.encode())
            except _NOTHING:
                self._require_root()
                return
        names = (one.decode("utf-8", "surrogateescape") for one in listed)
        yield from (one for one in names if one not in (".", ".."))

    def part_size(self, part: str) -> int | None:
        with self._telling(writing=True):
            found = self._stat(self._writable(part))
        return None if found is None else int(found.size or 0)

    def part_chunks(self, part: str) -> Generator[bytes, None, None]:
        yield from self._read(self._writable(part), 0)

    @contextmanager
    def appending(self, part: str, start: int) -> Iterator[Sink]:
        place = self._writable(part)
        with self._telling(writing=True):
            if start == 0:
                self._made(posixpath.dirname(place))
            try:
                opened = self._connected()[0].open(place, "r+b" if start else "xb")
            except FileExistsError as error:
                raise StoreFailed("in-use", self.name) from error
            with opened as out:
                out.seek(start)
                yield out
                with suppress(sftp.SFTPOpUnsupported):
                    out.fsync()

    def publish(self, part: str, path: str) -> bool:
        place = self._writable(checked(path))
        with self._telling(writing=True):
            # the plain rename of the protocol, which must not replace; posix-rename would
            try:
                self._ask("rename", self._writable(part), place)
            except (sftp.SFTPFailure, sftp.SFTPFileAlreadyExists) as error:
                if self._ask("lexists", place):
                    raise FileExistsError from error
                raise
        return True

    def drop(self, part: str) -> None:
        self._unlink(self._writable(part))

    def remove(self, path: str) -> None:
        self._unlink(self._writable(checked(path)))

    def close(self) -> None:
        with self._lock:
            if self._fs is not None:
                with suppress(Exception):  # it ends; nobody waits for an answer
                    self._fs.client.abort()
            self._fs = self._client = None

    def _make(self, folder: str) -> None:
        self._require_root()
        try:
            self._ask("makedirs", folder, exist_ok=True)
        except (*_REFUSED, FileExistsError, NotADirectoryError) as error:
            while self._inside(folder):
                if self._ask("isfile", folder):
                    raise FileHeld(IN_THE_WAY) from error
                folder = posixpath.dirname(folder)
            raise

    def _require_root(self) -> None:
        """Raises StoreFailed where the whole folder went away."""
        if self._stat(self._root) is None:
            raise StoreFailed("no-folder", self.name)

    def _unlink(self, place: str) -> None:
        with self._telling(writing=True), suppress(*_NOTHING):
            self._ask("unlink", place)

    def _place(self, path: str) -> str:
        """Where a path leads on the server, links followed. Raises FileHeld where that is outside."""
        place = self._writable(checked(path))
        try:
            found = self._ask("lstat", place)
        except _NOTHING:
            return place
        if found.permissions is not None and not S_ISLNK(found.permissions):
            return place
        try:
            real = str(self._ask("realpath", place))
            self._stat(real)
        except _REFUSED as error:  # a link that leads to itself
            raise FileHeld(OUTSIDE) from error
        if not self._inside(real):
            raise FileHeld(OUTSIDE)
        return real

    def _writable(self, path: str) -> str:
        """A path's own place; only links of its folder are followed, inside the root."""
        folder, _, name = path.rpartition("/")
        return posixpath.join(self._real_folder(folder), name)

    def _resolved(self, folder: str) -> str:
        """Where a folder really is; of one that is not there, the part that is decides."""
        rest = ""
        while True:
            with self._telling():
                try:
                    real = str(self._ask("realpath", posixpath.join(self._root, folder)))
                    break
                except _NOTHING:  # a server that resolves only what is there
                    folder, _, last = folder.rpartition("/")
                    rest = posixpath.join(last, rest)
        if not self._inside(real):
            raise FileHeld(OUTSIDE)
        return posixpath.join(real, rest) if rest else real

    def _inside(self, real: str) -> bool:
        return real == self._root or real.startswith(self._root.rstrip("/") + "/")

    def _stat(self, place: str) -> Any:
        try:
            return self._ask("stat", place)
        except _NOTHING:
            return None

    def _read(self, place: str, start: int) -> Generator[bytes, None, None]:
        with self._telling(), self._connected()[0].open(place, "rb") as file:
            if start:
                file.seek(start)
            while chunk := file.read(CHUNK):
                yield chunk

    def _ask(self, what: str, *args: Any, **kwargs: Any) -> Any:
        fs, client = self._connected()
        asked: Callable[..., Coroutine[Any, Any, Any]] = getattr(client, what)
        return sync(fs.loop, asked, *args, timeout=WAIT, **kwargs)

    def _connected(self) -> tuple[SSHFileSystem, Any]:
        """The connection, a new one where it is broken."""
        with self._lock:
            if self._fs is None or self._fs.client.is_closed():
                try:
                    self._fs = SSHFileSystem(
                        self._host, skip_instance_cache=True, timeout=WAIT, **self._options
                    )
                except PermissionError as error:
                    ended = "no-login" if self._client is None else "login-ended"
                    raise StoreFailed(ended, self.name) from error
                self._client = sync(self._fs.loop, self._fs.client.start_sftp_client, timeout=WAIT)
            return self._fs, self._client

    @contextmanager
    def _telling(self, *, writing: bool = False) -> Iterator[None]:
        with telling(self.name, _LOST, writing=writing, other="refused"):
            try:
                yield
            except _LOST:
                raise
            except asyncssh.HostKeyNotVerifiable as error:
                raise StoreFailed("unknown-host", self.name) from error
            except _NOTHING as error:
                raise FileHeld(MISSING) from error
            except (sftp.SFTPPermissionDenied, sftp.SFTPWriteProtect) as error:
                if writing:
                    raise StoreFailed("no-right", self.name) from error
                raise FileHeld(UNREADABLE) from error
            except (sftp.SFTPNoSpaceOnFilesystem, sftp.SFTPQuotaExceeded) as error:
                raise StoreFailed("disk-full", self.name) from error
            except sftp.SFTPFileIsADirectory as error:
                raise FileHeld(NOT_A_FILE) from error
            except sftp.SFTPInvalidFilename as error:
                raise FileHeld(NAME_LONG) from error
            except (asyncssh.Error, ValueError) as error:
                raise StoreFailed("refused", self.name) from error
