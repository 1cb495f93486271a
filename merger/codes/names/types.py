"""Words for kinds of units at the beginning of a name, in full or abbreviated."""

import re
from functools import lru_cache

from merger.codes.names.spelling import ROMANS, ZEROS, fold_text, letters

_SHORT = {
    "tỉnh": "t",
    "thành phố": "tp",
    "quận": "q",
    "huyện": "h",
    "thị xã": "tx",
    "thị trấn": "tt",
    "phường": "p",
    "xã": "x",
    "đặc khu": "đk",
}
"""Each kind of unit and its abbreviation (written `TT.`, `TT`, `T.T.`; of one letter only `P.`)."""

TYPES = {word: word for word in _SHORT} | {f"{short}.": word for word, short in _SHORT.items()}
"""The kind of unit that a word or abbreviation at the beginning of a name says."""

_BY_SHORT = {short: word for word, short in _SHORT.items()}
_WORD = re.compile(f"({'|'.join(_SHORT)}) (?=.*\\w)")
_TWO = re.compile(r"(t)(?:\. ?)?([tpx])(?:\. ?| )(?=.*\w)|(đ)(?:\. ?)?(k)(?:\. ?| )(?=.*\w)")
_ONE = re.compile(r"([tqhpx])\. ?(?=.*\w)")
_NUMBERED = re.compile(f"([pq])(?:[ '-]*(?=[0-9]+$)|[ '-]+(?=(?:{'|'.join(ROMANS)})$))")


@lru_cache(maxsize=100_000)  # definitions are compared with the same names again and again: 50 times faster
def split_type(name: str) -> tuple[str, str]:
    """The type word (`thị trấn`; empty if there is none) and the rest of a name, both as `fold_text` writes.

    One letter without a dot stands for a type before a number only: `P1`, `Q 3`, but not `P Rao`.
    """
    text = fold_text(name)
    for pattern in (_WORD, _TWO, _ONE, _NUMBERED):
        if found := pattern.match(text):
            word = "".join(part for part in found.groups() if part)
            return _BY_SHORT.get(word, word), ZEROS.sub("", text[found.end() :].strip())
    return "", ZEROS.sub("", text)


@lru_cache(maxsize=100_000)
def type_and_letters(name: str) -> tuple[str, str]:
    """The type word (empty if there is none) and the rest as `letters` writes it."""
    kind, rest = split_type(name)
    return kind, letters(rest)
