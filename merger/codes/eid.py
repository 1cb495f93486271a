"""Electronic identification codes of agencies, in both written forms.

- *new* (Decision 20/2020/QD-TTg): `H99.05.03`, level 1 leftmost, at most 35 characters of A-Z, 0-9
  and the dots between the levels.
- *former* (QCVN 102:2016/BTTTT): `000.03.05.H99`, 13 characters `V1V2V3.Z1Z2.Y1Y2.MX1X2`, level 1
  rightmost; a group of zeros says that there is no such level.

Turning one form into the other by rule is only a first guess: an agency may have been renumbered when
the form changed. A table of pairs that somebody wrote down always wins (`convert`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from merger.codes.malformed import Malformed

LONGEST = 35
FORMER_WIDTHS = (2, 2, 3)

_LEVEL_ONE = re.compile(r"[A-Z][0-9]{2}")
_FORMER = re.compile(r"([0-9]{3})\.([0-9]{2})\.([0-9]{2})\.([A-Z][0-9]{2})")
_ALPHABET = re.compile(r"[A-Z0-9.]*")
_NO_VALUE = frozenset({"null", "none", "nil", "undefined", "n/a"})


class Form(StrEnum):
    """How a code is written: by Decision 20/2020 (`new`) or by QCVN 102:2016 (`former`)."""

    NEW = "new"
    FORMER = "former"


@dataclass(frozen=True, slots=True)
class Eid:
    """A code and its levels, level 1 first, without the groups of zeros of the former form."""

    text: str
    form: Form
    levels: tuple[str, ...]

    @property
    def level(self) -> int:
        """The agency's level: 1 for a province or ministry."""
        return len(self.levels)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Conversion:
    """A code in the form asked for. `is_first_guess`: made by rule, not read from a table."""

    eid: Eid
    is_first_guess: bool


def parse(text: str | None) -> Eid | Malformed:
    """Reads a code in either form, byte for byte: no spaces are cut, no letters changed."""
    if text is None or not text.strip():
        return Malformed(text or "", "eid-empty")
    if text.strip().lower() in _NO_VALUE:
        return Malformed(text, "eid-no-value")
    if not _ALPHABET.fullmatch(text):
        return Malformed(text, "eid-characters")
    if len(text) > LONGEST:
        return Malformed(text, "eid-too-long")
    groups = text.split(".")
    if not all(groups):
        return Malformed(text, "eid-empty-group")
    if _LEVEL_ONE.fullmatch(groups[0]):
        return Eid(text, Form.NEW, tuple(groups))
    if _FORMER.fullmatch(text):
        return _parse_former(text, groups)
    if _LEVEL_ONE.fullmatch(groups[-1]):
        return Malformed(text, "eid-former-shape")
    return Malformed(text, "eid-no-level-one")


def to_new(former: Eid) -> Eid | Malformed:
    """The new form by rule: groups reversed, zero groups dropped. A new form stays as it is."""
    if former.form is Form.NEW:
        return former
    return parse(".".join(former.levels))


def to_former(new: Eid) -> Eid | Malformed:
    """The former form by rule, where there is one: at most 4 levels, numeric, 2, 2 and 3 digits wide.

    Shorter numbers are filled with zeros on the left, so the way back may add zeros.
    """
    if new.form is Form.FORMER:
        return new
    if new.level > len(FORMER_WIDTHS) + 1:
        return Malformed(new.text, "eid-too-many-levels")
    groups = new.levels[1:]
    if not all(group.isdigit() for group in groups):
        return Malformed(new.text, "eid-not-numeric")
    if any(len(group) > width for group, width in zip(groups, FORMER_WIDTHS, strict=False)):
        return Malformed(new.text, "eid-too-wide")
    if any(not group.strip("0") for group in groups):
        return Malformed(new.text, "eid-zero-group")
    filled = [
        (groups[i] if i < len(groups) else "").rjust(width, "0") for i, width in enumerate(FORMER_WIDTHS)
    ]
    return parse(".".join([*reversed(filled), new.levels[0]]))


def identity(eid: Eid) -> tuple[str, ...]:
    """What the codes of two agencies must not share: the levels, numbers without zeros on the left.

    `H99.5`, `H99.05` and `000.00.05.H99` share one, for they are one code in the former form. It is told
    apart by its levels also where there is no former form.
    """
    return tuple(group.lstrip("0") if group.isdigit() else group for group in eid.levels)


def convert(eid: Eid, form: Form, table: Mapping[str, str] | None = None) -> Conversion | Malformed:
    """`eid` in `form`. `table` holds known pairs of texts, former to new; what it says is no guess."""
    if eid.form is form:
        return Conversion(eid, is_first_guess=False)
    pairs = table or {}
    known = [pairs[eid.text]] if eid.text in pairs else []
    if form is Form.FORMER:
        known = sorted(former for former, new in pairs.items() if new == eid.text)
    if len(known) > 1:
        return Malformed(eid.text, "eid-several-pairs")
    found = parse(known[0]) if known else (to_new(eid) if form is Form.NEW else to_former(eid))
    return found if isinstance(found, Malformed) else Conversion(found, is_first_guess=not known)


def _parse_former(text: str, groups: list[str]) -> Eid | Malformed:
    levels = list(reversed(groups))
    while len(levels) > 1 and not levels[-1].strip("0"):
        levels.pop()
    if any(not group.strip("0") for group in levels[1:]):
        return Malformed(text, "eid-level-gap")
    return Eid(text, Form.FORMER, tuple(levels))
