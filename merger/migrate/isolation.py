"""In which isolation sources that have to be copied were read."""

from collections.abc import Mapping

from merger.messages import text
from merger.systems.stores import SourceStore

ONE_VIEW = ("SNAPSHOT", "SERIALIZABLE", "REPEATABLE READ")
"""The levels in which all rows are read as of one moment, or nobody may change them meanwhile."""


def isolation_told(level: str) -> str:
    """A level of isolation in words, with what it means for the rows; empty: the database told none."""
    if level in ONE_VIEW:
        return text("migrate.isolation.one-view", level=level)
    return text("migrate.isolation.own", level=level) if level else text("migrate.isolation.unknown")


def isolations(stores: Mapping[str, SourceStore]) -> dict[str, str]:
    """The level of every opened source that was copied, by its system."""
    return {system: one.isolation for system, one in stores.items() if one.isolation is not None}
