"""Findings in the words of this room's messages."""

from merger.errors import Finding, Place, Severity


def problem(code: str, place: Place, severity: Severity = Severity.ERROR, /, **fields: object) -> Finding:
    """What is wrong with agencies, their codes or a published register, and where."""
    return Finding("register", code, severity, place, fields)
