"""Numbers of identity papers: which kind of number it is, and whether it is a number at all.

Systems that demand a number get one: `000000001`, `123456789`, `không có`. Such placeholders are
shared by thousands of people and must never join two records.
"""

from enum import StrEnum

PLACEHOLDER_TEXTS = frozenset(
    {"null", "none", "nil", "undefined", "n/a", "na", "x", "-", "--", ".", "khong", "không", "khong co",
     "không có", "chua co", "chưa có", "chua cap", "chưa cấp", "test"}
)  # fmt: skip
"""Words that stand for 'no number', compared without case and outer spaces."""

FEW_DIGITS = 3
"""A number that is all zeros but for so many last digits is a placeholder: `000000001`, `000000123`."""

_UP = "0123456789" * 3
_DOWN = _UP[::-1]


class Identity(StrEnum):
    """What a value in a field for identity numbers is."""

    CITIZEN12 = "citizen12"
    CITIZEN9 = "citizen9"
    PLACEHOLDER = "placeholder"
    MALFORMED = "malformed"
    EMPTY = "empty"


def normal(value: str | None) -> str:
    """The value without the spaces, dots and hyphens that people put between digits."""
    text = (value or "").strip()
    digits = "".join(letter for letter in text if letter not in " .-\u00a0\u200b\t")
    return digits if digits.isascii() and digits.isdigit() else text


def kind(value: str | None) -> Identity:
    """Tells a number of 12 digits (citizen's number), of 9 (older card), a placeholder, or neither.

    Placeholders are the words of `PLACEHOLDER_TEXTS`, numbers of one repeated digit, runs that count
    up or down, and numbers of zeros with at most `FEW_DIGITS` digits at the end.
    """
    text = normal(value)
    if not text:
        return Identity.EMPTY
    if text.lower() in PLACEHOLDER_TEXTS:
        return Identity.PLACEHOLDER
    if not (text.isascii() and text.isdigit()):
        return Identity.MALFORMED
    if _invented(text):
        return Identity.PLACEHOLDER
    return {12: Identity.CITIZEN12, 9: Identity.CITIZEN9}.get(len(text), Identity.MALFORMED)


def _invented(digits: str) -> bool:
    same = len(set(digits)) == 1
    run = len(digits) >= 6 and (digits in _UP or digits in _DOWN)
    zeros = len(digits) > FEW_DIGITS and not digits[:-FEW_DIGITS].strip("0")
    return same or run or zeros
