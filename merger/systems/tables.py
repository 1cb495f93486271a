"""Tables of a profile's database, read and written whole: what every kind of database has to offer for it.

`PROFILE:TABLE` names one. Another kind of database needs another `Store` here and nothing elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from merger.errors import Refused
from merger.systems.profile import Database
from merger.systems.profiles import load_profile
from merger.systems.stores.urls import file_of, url_of

Cell = int | float | str | bytes | None
"""A value as a database gives and takes it."""

Batches = Iterator[list[tuple[Cell, ...]]]
"""Rows, some at a time."""

_NAMED = re.compile(r"(.+?\.ya?ml):(.+)", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a table: its name, its type as the database declares it, and the kinds of values in it, of
    `integer`, `real`, `text` and `blob`: none, one, or at least two where there are several.
    """

    name: str
    declared: str = ""
    kinds: frozenset[str] = frozenset()


class Store(Protocol):
    """A database whose tables are read, and into which new ones are written."""

    place: Path
    """The database itself, so that two names of one database are known to be one."""

    def has(self, table: str) -> bool:
        """Whether there is a table (or a view) of this name."""

    def declared(self, table: str) -> dict[str, str]:
        """The columns of a table and the types that the database declares; empty where there is no table."""

    def distinct(self, table: str, column: str) -> list[Cell]:
        """The different values of a column."""

    def read(self, table: str) -> AbstractContextManager[tuple[list[Field], Batches]]:
        """The columns and the rows of a table, some at a time, as they are at one moment. The database is
        never written. Raises DatabaseFailed where it cannot be read."""

    def writing(self) -> AbstractContextManager[Writer]:
        """One transaction: all of what is written in it is there afterwards, or nothing."""


class Writer(Protocol):
    """Writes into a database within a transaction."""

    def create(
        self, table: str, fields: Sequence[Field], rows: Iterable[Sequence[Sequence[Cell]]], *, replace: bool
    ) -> None:
        """Makes a table and fills it. One that is there is refused, unless it is to be replaced."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a profile's database. `own` are the tables that the profile itself describes."""

    store: Store
    name: str
    own: frozenset[str]


def named(written: str) -> tuple[Path, str] | None:
    """Profile and table, if `PROFILE:TABLE` is what is written."""
    found = _NAMED.fullmatch(written)
    return (Path(found[1]), found[2]) if found else None


def table_of(profile: Path, name: str) -> Table:
    """A table of a profile's database, by its name there, else by the name of its dataset.

    The table need not be there yet. Raises InputError for a profile that cannot be used, Refused for one
    that names no database or one of a kind that is not spoken here.
    """
    found = load_profile(profile).value
    store = store_of(profile, found.database)
    if name in found.datasets and not store.has(name):
        name = found.datasets[name].table
    return Table(store, name, frozenset(dataset.table for dataset in found.datasets.values()))


def store_of(profile: Path, database: Database | None) -> Store:
    """The database that a profile names. Raises Refused where it names none, or one of a kind that is not
    spoken here."""
    from merger.systems.sqlite_tables import SQLiteStore

    if database is None:
        raise Refused("systems.no-database-named", profile=profile)
    url = url_of(database, profile.parent)
    file = file_of(url)
    if file is None:
        raise Refused("systems.no-dialect", dialect=url.get_backend_name(), profile=profile)
    return SQLiteStore(file)
