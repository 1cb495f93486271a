"""In which isolation sources that have to be copied were read."""

from collections.abc import Mapping

from merger.messages import current, text_in
from merger.systems.stores import SourceStore

ONE_VIEW = ("SNAPSHOT", "SERIALIZABLE", "REPEATABLE READ")
"""The levels in which all rows are read as of one moment, or nobody may change them meanwhile."""
RECORDED = "isolation:"
UNKNOWN = "unknown"


def isolation_told(level: str, language: str = "") -> str:
    """A level of isolation in words, with what it means for the rows; empty: the database told none.
    `language`: that of messages unless said."""
    kind = "one-view" if level in ONE_VIEW else "own" if level else "unknown"
    return text_in(language or current(), f"migrate.isolation.{kind}", level=level)


def recorded(levels: Mapping[str, str]) -> dict[str, str]:
    """Levels as the audit trail keeps them: its values have no blanks and are never empty."""
    return {f"{RECORDED}{system}": level.replace(" ", "-") or UNKNOWN for system, level in levels.items()}


def read_back(fields: Mapping[str, object]) -> dict[str, str]:
    """The levels that a record of the trail keeps, by system."""
    kept = {
        name.removeprefix(RECORDED): str(value) for name, value in fields.items() if name.startswith(RECORDED)
    }
    return {system: "" if level == UNKNOWN else level.replace("-", " ") for system, level in kept.items()}


def isolations(stores: Mapping[str, SourceStore]) -> dict[str, str]:
    """The level of every opened source that was copied, by its system."""
    return {system: one.isolation for system, one in stores.items() if one.isolation is not None}
