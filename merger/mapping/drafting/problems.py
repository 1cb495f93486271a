"""Findings of this room, in the words of its part of the catalogue."""

from merger.errors import Finding, Place, Severity

PART = "drafting"


def error(code: str, place: Place, /, **fields: object) -> Finding:
    """Something that a person must mend before the draft can be used."""
    return Finding(PART, code, Severity.ERROR, place, fields)


def warning(code: str, place: Place, /, **fields: object) -> Finding:
    """Something that a person must look at."""
    return Finding(PART, code, Severity.WARNING, place, fields)


def note(code: str, place: Place, /, **fields: object) -> Finding:
    """Something that a person may want to know."""
    return Finding(PART, code, Severity.NOTE, place, fields)
