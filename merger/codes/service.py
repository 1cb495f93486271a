"""Codes of administrative procedures: a national root `d.dddddd` and, often, who lists it.

One procedure is written `1.013228.000.00.00.H99`, `1.013228.H99` or `1.013228`; only the root says
which procedure it is.
"""

import re
from dataclasses import dataclass

from merger.codes import eid
from merger.codes.eid import Eid
from merger.codes.malformed import Malformed

_SHAPE = re.compile(
    r"(?P<root>[0-9]\.[0-9]{6})"
    r"(?:\.(?P<owner>(?:[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.)?[A-Z][0-9]{2}(?:\.[0-9A-Z]+)*))?"
)


@dataclass(frozen=True, slots=True)
class ServiceCode:
    """A code, its national root, and the identification code behind it (empty if there is none)."""

    text: str
    root: str
    owner: str

    def __str__(self) -> str:
        return self.text


def parse(text: str | None) -> ServiceCode | Malformed:
    """Reads a procedure's code in any of its spellings."""
    if text is None or not text.strip():
        return Malformed(text or "", "service-empty")
    match = _SHAPE.fullmatch(text)
    if match is None:
        return Malformed(text, "service-shape")
    return ServiceCode(text, match["root"], match["owner"] or "")


def root(text: str | None) -> str | None:
    """The national root of a procedure's code; None if the code cannot be read."""
    found = parse(text)
    return None if isinstance(found, Malformed) else found.root


def key(text: str) -> tuple[str, ...]:
    """What two spellings of one code have in common: the national root and the levels of the identification
    code behind it, in whichever form (`1.013228.000.00.00.H99` as `1.013228.H99`). A code without a national
    root is its own."""
    found = parse(text)
    if isinstance(found, Malformed):
        return (text.strip(),)
    if not found.owner:
        return (found.root,)
    owner = eid.parse(found.owner)
    return (found.root, *(owner.levels if isinstance(owner, Eid) else (found.owner,)))
