"""Paths that databases name. They are untrusted: what leaves the store or cannot be told apart is refused.

A path is relative, written with `/`, and is used exactly as it stands: nothing is trimmed, joined, decoded
or normalised.
"""

import hashlib
import re
import unicodedata

from merger.systems.files.failing import NAME_LONG, FileHeld

NAME_BYTES = 255
"""The longest name of a file or folder, in bytes of UTF-8, that the usual file systems take."""
PATH_BYTES = 1024
"""The longest path, in bytes of UTF-8: the limit of a key in S3."""
PART_SUFFIX = ".merger-part"

_DRIVE = re.compile(r"[A-Za-z]:")
_REFUSED = {"Cc", "Cs", "Cn", "Zl", "Zp"}


def checked(path: object) -> str:
    """A path that may be used. Raises FileHeld with the reason why it may not.

    >>> checked("2025/06/bản vẽ.pdf")
    '2025/06/bản vẽ.pdf'
    """
    if not isinstance(path, str) or not path:
        raise FileHeld("path-empty")
    if any(unicodedata.category(one) in _REFUSED for one in path):
        raise FileHeld("path-control")
    if "\\" in path:
        raise FileHeld("path-backslash")
    if path.startswith("/"):
        raise FileHeld("path-absolute")
    if _DRIVE.match(path):
        raise FileHeld("path-drive")
    names = path.split("/")
    if ".." in names:
        raise FileHeld("path-parent")
    if "" in names or "." in names:
        raise FileHeld("path-unclear")
    if len(path.encode()) > PATH_BYTES or any(len(name.encode()) > NAME_BYTES for name in names):
        raise FileHeld(NAME_LONG)
    if names[-1].endswith(PART_SUFFIX):
        raise FileHeld("path-ours")
    return path


def alike(path: str) -> str:
    """What two paths share that differ only in case or in the Unicode form of their letters."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def other_writings(path: str) -> set[str]:
    """A path whose last name is written in other cases and Unicode forms: a store that does not tell them
    apart answers to some of them."""
    folder, slash, name = path.rpartition("/")
    swapped = "".join(one.swapcase() if one.isascii() else one for one in name)
    forms = (unicodedata.normalize(form, name) for form in ("NFC", "NFD"))
    return {f"{folder}{slash}{one}" for one in (swapped, name.swapcase(), *forms) if one != name}


def part_of(path: str) -> str:
    """Where a file is written before it gets its name: beside it, found again after a crash."""
    folder, slash, _ = path.rpartition("/")
    digest = hashlib.sha256(path.encode()).hexdigest()
    return f"{folder}{slash}.{digest[:32]}{PART_SUFFIX}"
