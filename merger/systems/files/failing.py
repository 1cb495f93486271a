"""What can go wrong with one file, and what with a whole store.

FileHeld       this file cannot be moved or proved; others can. Carries a reason, never a path
StoreFailed    the store cannot go on (MergerError); `transient`: the same again may succeed
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from merger.errors import MergerError

MISSING = "missing"
UNREADABLE = "unreadable"
NOT_A_FILE = "not-a-file"
OUTSIDE = "outside"
OTHER_THERE = "other-there"
ALIKE_THERE = "alike-there"
OTHER_SHA256 = "other-sha256"
CHANGING = "changing"
NAME_LONG = "path-long"
NAME_REFUSED = "path-refused"
IN_THE_WAY = "file-in-way"

_HELD = {
    errno.ENOENT: MISSING,
    errno.ENOTDIR: MISSING,
    errno.EISDIR: NOT_A_FILE,
    errno.ELOOP: OUTSIDE,
    errno.ENAMETOOLONG: NAME_LONG,
    errno.EINVAL: NAME_REFUSED,
    errno.EILSEQ: NAME_REFUSED,
}
_FAILED = {
    errno.ENOSPC: "disk-full",
    errno.EDQUOT: "disk-full",
    errno.EFBIG: "disk-full",
    errno.EROFS: "read-only",
    errno.EMFILE: "too-many-open",
    errno.ENFILE: "too-many-open",
}
_AGAIN = {
    errno.EBUSY, errno.EAGAIN, errno.EINTR, errno.ESTALE, errno.EREMOTEIO, errno.ETIMEDOUT, errno.EPIPE,
    errno.ECONNRESET, errno.ECONNREFUSED, errno.ECONNABORTED, errno.ENOTCONN, errno.EHOSTUNREACH,
    errno.ENETUNREACH,
}  # fmt: skip


class FileHeld(Exception):
    """One file that stays where it is until a person looks. `reason` is a code of the messages `files`."""

    def __init__(self, reason: str, *, transient: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.transient = transient


class StoreFailed(MergerError):
    """A store that cannot be used or went away. `reason` is a key of `files.failed`."""

    def __init__(self, reason: str, store: str, *, transient: bool = False, **fields: object) -> None:
        super().__init__(f"files.failed.{reason}", store=store, **fields)
        self.reason = reason
        self.transient = transient


@contextmanager
def telling(
    store: str,
    lost: tuple[type[BaseException], ...] = (),
    *,
    writing: bool = False,
    other: str = "disk-error",
) -> Iterator[None]:
    """Turns what a file system raises into FileHeld or StoreFailed, by type and number, never by text.

    `lost`: types of the store's own library that say that the connection is gone. `other`: the reason for
    numbers that say nothing else. A right that is missing holds one file that is read, and stops a store
    that is written.
    """
    try:
        yield
    except (FileHeld, StoreFailed, FileExistsError):
        raise
    except lost as error:
        raise StoreFailed("unreachable", store, transient=True) from error
    except (ConnectionError, TimeoutError) as error:
        raise StoreFailed("unreachable", store, transient=True) from error
    except PermissionError as error:
        if writing:
            raise StoreFailed("no-right", store) from error
        raise FileHeld(UNREADABLE) from error
    except OSError as error:
        number = error.errno or 0
        if number in _AGAIN:
            raise StoreFailed("unreachable", store, transient=True) from error
        if writing and number == errno.ENOTDIR:
            raise FileHeld(IN_THE_WAY) from error
        if number in _HELD:
            raise FileHeld(_HELD[number]) from error
        raise StoreFailed(_FAILED.get(number, other), store) from error
