"""Codes of administrative units as the statistics office writes them: 2, 3 or 5 digits."""

from merger.codes.malformed import Malformed

WIDTHS = {"province": 2, "district": 3, "commune": 5}


def kind_of(code: str) -> str | None:
    """The kind of unit (`province`, `district`, `commune`) that a code of this width names."""
    if not _digits(code):
        return None
    return next((kind for kind, width in WIDTHS.items() if width == len(code)), None)


def check(code: str | None, kind: str) -> Malformed | None:
    """What is wrong with `code` as the code of a unit of `kind`; None if it is well-formed.

    Well-formed does not mean that there is such a unit. Raises KeyError for another kind.
    """
    width = WIDTHS[kind]
    if code is None or not code.strip():
        return Malformed(code or "", "unit-empty")
    if not _digits(code):
        return Malformed(code, "unit-not-digits")
    if len(code) < width:
        return Malformed(code, "unit-too-short")
    if len(code) > width:
        return Malformed(code, "unit-too-long")
    return None


def _digits(code: str) -> bool:
    return code.isascii() and code.isdigit()
