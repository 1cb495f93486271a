"""Files in a folder of this machine, or of one that is mounted here."""

import errno
import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISREG

from fsspec.implementations.local import LocalFileSystem

from merger.systems.files.failing import NOT_A_FILE, OUTSIDE, FileHeld, StoreFailed, telling
from merger.systems.files.parts import PartStore, Sink
from merger.systems.files.paths import checked
from merger.systems.files.store import CHUNK, FileInfo

_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


class LocalStore(PartStore):
    """A folder. Links that stay inside it are followed, others are not (reason `outside`)."""

    def __init__(self, root: Path, name: str) -> None:
        self.name = name
        self._fs = LocalFileSystem(auto_mkdir=False, skip_instance_cache=True)
        with telling(name):
            self._root = Path(os.path.realpath(root))
        if not self._root.is_dir():
            raise StoreFailed("no-folder", name)

    def info(self, path: str) -> FileInfo | None:
        with telling(self.name):
            try:
                found = self._place(path).stat()
            except (FileNotFoundError, NotADirectoryError):
                return None
        if not S_ISREG(found.st_mode):
            raise FileHeld(NOT_A_FILE)
        return FileInfo(found.st_size, f"{found.st_size}-{found.st_mtime_ns}-{found.st_ino}")

    def chunks(self, path: str, start: int = 0) -> Generator[bytes, None, None]:
        yield from self._read(self._place(path), start)

    def names(self, folder: str) -> Iterator[str]:
        place = self._place(folder) if folder else self._root
        with telling(self.name):
            try:
                listed = self._fs.ls(str(place), detail=False)
            except (FileNotFoundError, NotADirectoryError):
                self._require_root()
                return
            yield from (Path(one).name for one in listed)

    def part_size(self, part: str) -> int | None:
        with telling(self.name, writing=True):
            try:
                found = self._writable(part).lstat()
            except FileNotFoundError:
                return None
        if not S_ISREG(found.st_mode) or found.st_nlink != 1:
            self.drop(part)  # a crash between link and unlink: the content is a finished file's
            return None
        return found.st_size

    def part_chunks(self, part: str) -> Generator[bytes, None, None]:
        yield from self._read(self._writable(part), 0)

    @contextmanager
    def appending(self, part: str, start: int) -> Iterator[Sink]:
        place = self._writable(part)
        with telling(self.name, writing=True):
            self._make_folders(place.parent)
            new = os.O_CREAT | os.O_EXCL if start == 0 else os.O_APPEND
            try:
                descriptor = os.open(place, os.O_WRONLY | os.O_NOFOLLOW | new, 0o640)
            except FileExistsError as error:
                raise StoreFailed("in-use", self.name) from error
            with os.fdopen(descriptor, "wb", buffering=0) as out:
                yield _Whole(out.fileno())
                os.fsync(out.fileno())
                with suppress(AttributeError):  # so that what is read back comes from the disk
                    os.posix_fadvise(out.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)

    def publish(self, part: str, path: str) -> bool:
        source, place = self._writable(part), self._writable(checked(path))
        guarded = True
        with telling(self.name, writing=True):
            try:
                os.link(source, place, follow_symlinks=False)
            except OSError as error:
                if error.errno not in _NO_LINKS:
                    raise
                if os.path.lexists(place):
                    raise FileExistsError from error
                source.rename(place)
                guarded = False
            else:
                source.unlink()
            _sync_folder(place.parent)
        return guarded

    def drop(self, part: str) -> None:
        with telling(self.name, writing=True):
            self._writable(part).unlink(missing_ok=True)

    def remove(self, path: str) -> None:
        place = self._writable(checked(path))
        with telling(self.name, writing=True):
            place.unlink(missing_ok=True)
            _sync_folder(place.parent)

    def close(self) -> None:
        """Nothing is open."""

    def _place(self, path: str) -> Path:
        """Where a path leads, links followed. Raises FileHeld where that is outside."""
        place = self._root / checked(path)
        if not place.is_symlink():
            return self._writable(path)
        with telling(self.name):
            real = Path(os.path.realpath(place))
        if not real.is_relative_to(self._root):
            raise FileHeld(OUTSIDE)
        return real

    def _writable(self, path: str) -> Path:
        """A path's own place; only links of its folder are followed, inside the root."""
        folder, _, name = path.rpartition("/")
        with telling(self.name):
            real = Path(os.path.realpath(self._root / folder))
        if not real.is_relative_to(self._root):
            raise FileHeld(OUTSIDE)
        return real / name

    def _read(self, place: Path, start: int) -> Generator[bytes, None, None]:
        with telling(self.name), self._fs.open(str(place), "rb") as file:
            file.seek(start)
            while chunk := file.read(CHUNK):
                yield chunk

    def _require_root(self) -> None:
        """Raises StoreFailed where the whole folder went away, as a share does that is no longer mounted."""
        if not self._root.is_dir():
            raise StoreFailed("no-folder", self.name)

    def _make_folders(self, folder: Path) -> None:
        self._require_root()
        missing = []
        while not folder.is_dir():
            missing.append(folder)
            folder = folder.parent
        for one in reversed(missing):
            with suppress(FileExistsError):
                one.mkdir(mode=0o750)
            _sync_folder(one.parent)


class _Whole:
    """Writes all of what it is given."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def write(self, data: bytes, /) -> None:
        left = memoryview(data)
        while left:
            left = left[os.write(self._descriptor, left) :]


def _sync_folder(folder: Path) -> None:
    """Makes names in a folder last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # a file system whose folders cannot be synced
            raise
    finally:
        os.close(descriptor)
