"""A folder of the user's in which results are kept by key. Losing it loses nothing but time.

The folder is `$MERGER_CACHE`, else the platform's place for caches; `MERGER_CACHE=off` keeps nothing. Files
hold data only, never code. One that is damaged, belongs to somebody else or could have been written by
others is passed over. What cannot be read or written is no error.
"""

import os
import stat
import sys
import tempfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

KEPT = 8
"""So many results are kept, the last used ones."""

MAX_BYTES = 100_000_000
SUFFIX = ".merger-cache"


def folder() -> Path | None:
    """Where results are kept; None where nothing is to be kept."""
    named = os.environ.get("MERGER_CACHE")
    if named:
        return None if named == "off" else Path(named)
    caches = os.environ.get("XDG_CACHE_HOME") or _of_platform()
    return Path(caches) / "merger" if caches and Path(caches).is_absolute() else None


def get(key: str) -> bytes | None:
    """What was kept under a key (letters and digits); None if there is nothing that can be trusted."""
    place = folder()
    if place is None:
        return None
    path = place / f"{key}{SUFFIX}"
    try:
        with path.open("rb") as file:
            if not _is_ours(os.fstat(file.fileno())):
                return None
            whole = file.read(MAX_BYTES + 1)
    except (OSError, ValueError):
        return None
    data = whole[32:]
    if len(whole) > MAX_BYTES or whole[:32] != _digest(key, data):
        return None
    with suppress(OSError):
        os.utime(path)
    return data


def put(key: str, data: bytes) -> None:
    """Keeps data under a key, whole or not at all, also while other processes do the same."""
    place = folder()
    if place is None or len(data) + 32 > MAX_BYTES:
        return
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(prefix="part-", suffix=SUFFIX, dir=place)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_digest(key, data) + data)
            Path(part).replace(place / f"{key}{SUFFIX}")
        finally:
            Path(part).unlink(missing_ok=True)
        _tidy(place)
    except (OSError, ValueError):
        return


def _tidy(place: Path) -> None:
    """Removes all but the last used results; a part left by a killed process grows old with them."""
    used = []
    for path in place.glob(f"*{SUFFIX}"):
        with suppress(OSError):
            used.append((path.stat().st_mtime, path))
    for _, path in sorted(used, reverse=True)[KEPT:]:
        path.unlink(missing_ok=True)


def _is_ours(of: os.stat_result) -> bool:
    if not stat.S_ISREG(of.st_mode):
        return False
    return os.name != "posix" or (of.st_uid == os.geteuid() and not of.st_mode & 0o022)


def _digest(key: str, data: bytes) -> bytes:
    return sha256(key.encode() + b"\n" + data).digest()


def _of_platform() -> str:
    if os.name == "nt":
        return os.environ.get("LOCALAPPDATA", "")
    try:
        home = Path.home()
    except RuntimeError:
        return ""
    return str(home / "Library" / "Caches" if sys.platform == "darwin" else home / ".cache")
