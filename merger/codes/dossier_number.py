"""Numbers of dossiers: `<agency code>-YYMMDD-NNNN` (Circular 01/2018/TT-VPCP, article 19).

Systems also write the day with eight digits and the sequence with four to seven. The number is the
citizen's receipt: it is read here, and never rewritten.
"""

import re
from dataclasses import dataclass
from datetime import date

from merger.codes import eid
from merger.codes.malformed import Malformed

_SHAPE = re.compile(r"(?P<agency>.+)-(?P<day>[0-9]{6}|[0-9]{8})-(?P<sequence>[0-9]{4,7})")


@dataclass(frozen=True, slots=True)
class DossierNumber:
    """A number and its parts: who received the dossier, on which day, and the sequence of that day."""

    text: str
    agency: eid.Eid
    received: date
    sequence: str

    def __str__(self) -> str:
        return self.text


def parse(text: str | None) -> DossierNumber | Malformed:
    """Reads a number, byte for byte. A day of six digits lies in the years 2000 to 2099."""
    if text is None or not text.strip():
        return Malformed(text or "", "number-empty")
    match = _SHAPE.fullmatch(text)
    if match is None:
        return Malformed(text, "number-shape")
    agency = eid.parse(match["agency"])
    if isinstance(agency, Malformed):
        return Malformed(text, "number-agency")
    received = _day(match["day"])
    if received is None:
        return Malformed(text, "number-day")
    return DossierNumber(text, agency, received, match["sequence"])


def _day(digits: str) -> date | None:
    full = digits if len(digits) == 8 else f"20{digits}"
    try:
        return date(int(full[:4]), int(full[4:6]), int(full[6:]))
    except ValueError:
        return None
