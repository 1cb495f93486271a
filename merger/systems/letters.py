"""Which characters a character set lacks, as they stand in a class of a regular expression."""

import re
from collections.abc import Set
from functools import cache
from itertools import pairwise

FAR = "\U00010000-\U0010ffff"
"""What is beyond the first 65,536 characters: rare signs and pictures, which `utf8mb3` lacks."""
_ENDS = ((0x00, 0xD7FF), (0xE000, 0x10FFFF))
"""Between them no number stands for a character."""
_SINGLE = re.compile(r"LATIN\d+|ISO_8859_\d|WIN\d+|KOI8[RU]")
_ASCII = frozenset(map(chr, range(1, 128)))


def lacking(known: Set[str]) -> str:
    """All characters but these, 0 aside; empty where letters of ASCII are not among these, of which patterns
    are made."""
    if not known >= _ASCII:
        return ""
    found = ""
    for low, high in _ENDS:
        edges = [low - 1, *sorted(ord(one) for one in known | {"\0"} if low <= ord(one) <= high), high + 1]
        found += "".join(
            f"{chr(one + 1)}-{chr(other - 1)}" for one, other in pairwise(edges) if other - one > 1
        )
    return found


@cache
def lacking_in(encoding: str) -> str:
    """What an encoding of PostgreSQL's that takes a byte a character lacks; empty for all others."""
    if not _SINGLE.fullmatch(encoding):
        return ""
    named = encoding.replace("WIN", "cp").replace("KOI8", "koi8-")
    return lacking({bytes([one]).decode(named, "ignore") for one in range(256)} - {""})
