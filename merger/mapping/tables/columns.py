"""The columns of the two CSV formats and the words in them."""

import re
from collections.abc import Mapping
from datetime import date

from merger.mapping.models import Land, People, UnitKind

CHANGES = (
    "date",
    "event_id",
    "kind",
    "from_code",
    "from_name",
    "to_code",
    "to_name",
    "extent",
    "share",
    "population",
    "seq",
)
"""The columns of changes-csv; the last two may be left out when it is read."""

CHANGES_NEEDED = CHANGES[:9]

OWN = ("source", "note", "after", "dated")
"""Further columns of changes-csv that a change has a place of its own for; any others are its notes."""

OF_KEYS: Mapping[str, str] = {
    "date": "date",
    "what": "kind",
    "from": "from_code",
    "to": "to_code",
    "land": "extent",
    "after": "after",
}
"""The columns in which the keys of a change stand; what has none of its own stands at the code."""

OPEN = "open_points"
"""A further column of changes-csv: what the drafts left open, a list in JSON of the file (not the row)."""

CROSSWALK = (
    "old_code",
    "old_name",
    "new_code",
    "new_name",
    "extent",
    "population",
    "share",
    "evidence",
)

EXTENTS: Mapping[str, Land] = {land.value: land for land in Land} | {"": Land.UNSPECIFIED}
POPULATIONS: Mapping[str, People] = {people.value: people for people in People}

AS_LAND: Mapping[Land, People] = {
    Land.WHOLE: People.ALL,
    Land.PART: People.SOME,
    Land.NONE: People.NONE,
    Land.UNSPECIFIED: People.UNSPECIFIED,
}
"""What an empty population means beside an extent."""

DIGITS: Mapping[UnitKind, re.Pattern[str]] = {
    UnitKind.PROVINCE: re.compile("[0-9]{2}"),
    UnitKind.DISTRICT: re.compile("[0-9]{3}"),
    UnitKind.COMMUNE: re.compile("[0-9]{5}"),
}
"""The form of the codes of Viet Nam's statistics office."""

_NUMBER = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_SEQ = re.compile("[0-9]{1,9}")
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def day(cell: str) -> date | None:
    """A day written `2025-07-01`; None for anything else."""
    if not _DAY.fullmatch(cell):
        return None
    try:
        return date.fromisoformat(cell)
    except ValueError:
        return None


def share(cell: str) -> float | None:
    """A share of 0 to 1 with a decimal point; None for anything else."""
    if not _NUMBER.fullmatch(cell):
        return None
    value = float(cell)
    return value if value <= 1 else None


def seq(cell: str) -> int | None:
    """A whole number that is not negative; None for anything else."""
    return int(cell) if _SEQ.fullmatch(cell) else None


def extent_cell(land: Land) -> str:
    """The cell of an extent: empty where it is unspecified."""
    return "" if land is Land.UNSPECIFIED else land.value


def population_cell(land: Land, people: People) -> str:
    """The cell of a population, always in a word, unless neither land nor people are specified."""
    return "" if land is Land.UNSPECIFIED and people is People.UNSPECIFIED else people.value


def share_cell(value: float | None) -> str:
    """The shortest text that gives the number back."""
    if value is None:
        return ""
    return repr(float(value)).removesuffix(".0")
