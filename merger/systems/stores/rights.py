"""What an account may do with a database: asked of the database, nothing is tried.

PostgreSQL answers by its functions for access privileges, MariaDB by what it says to `SHOW GRANTS` of the
account and its role. A right on some columns counts as the right. Of the other databases, whose copy is in a
SQLite database without a file, nothing is known.
"""

import os
import re
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from merger.systems.stores.base import Store
from merger.systems.stores.urls import file_of

SELECT, INSERT, UPDATE, DELETE = "SELECT", "INSERT", "UPDATE", "DELETE"
WRITES = (INSERT, UPDATE, DELETE)
CREATE = "CREATE"
"""Making tables, and changing and indexing one's own."""
TEMPORARY = "CREATE TEMPORARY TABLES"
_MARIADB_CREATE = {CREATE, "ALTER", "INDEX", "REFERENCES"}
_MARIADB_ALL = {SELECT, *WRITES, TEMPORARY, *_MARIADB_CREATE}
_NAME = r"`(?:[^`]|``)*`"
_GRANT = re.compile(rf"GRANT (?P<rights>.+?) ON (?P<database>\*|{_NAME})\.(?P<table>\*|{_NAME}) TO ")
_COLUMNS = re.compile(r" \([^)]*\)")


def rights_on(store: Store, table: str, columns: Collection[str] = ()) -> frozenset[str] | None:
    """What may be done with a table: of SELECT, INSERT, UPDATE, DELETE. None where that is not known.

    `columns`: those on all of which a right must be held, where PostgreSQL gives it for some. A SQLite
    file that the system lets nobody write may only be read.
    """
    match store.dialect:
        case "postgresql":
            rights = [
                _held(sa.func.to_regclass(store.quoted(table)), columns, one) for one in (SELECT, *WRITES)
            ]
            found = store.connection.execute(sa.select(*rights)).one()
            return frozenset(right for right, has in zip((SELECT, *WRITES), found, strict=True) if has)
        case "mariadb":
            return frozenset(_mariadb(store, table)) & {SELECT, *WRITES}
        case "sqlite" if file_of(store.url) is not None:
            return frozenset({SELECT, *WRITES} if _writable(store) else {SELECT})
    return None


def _held(table: Any, columns: Collection[str], right: str) -> sa.ColumnElement[bool]:
    if right == DELETE:
        return sa.func.has_table_privilege(table, DELETE)
    if not columns:
        return sa.func.has_any_column_privilege(table, right)
    return sa.and_(*[sa.func.has_column_privilege(table, one, right) for one in sorted(columns)])


def rights_in(store: Store) -> frozenset[str] | None:
    """What may be done in the database at large: of CREATE and TEMPORARY. None where that is not known."""
    match store.dialect:
        case "postgresql":
            asked = sa.select(
                sa.func.has_schema_privilege(sa.func.current_schema(), CREATE),
                sa.func.has_database_privilege(sa.func.current_database(), "TEMPORARY"),
            )
            found = store.connection.execute(asked).one()
            return frozenset(right for right, has in zip((CREATE, TEMPORARY), found, strict=True) if has)
        case "mariadb":
            has = _mariadb(store)
            out = {TEMPORARY} & has
            return frozenset(out | {CREATE} if has >= _MARIADB_CREATE else out)
        case "sqlite":
            return frozenset({CREATE, TEMPORARY} if _writable(store) else {TEMPORARY})
    return None


def _mariadb(store: Store, table: str = "") -> set[str]:
    """The privileges that account and role have everywhere, in the database, and on the table if one is
    named."""
    here = str(store.connection.scalar(sa.select(sa.func.database())))
    out: set[str] = set()
    for (line,) in store.connection.exec_driver_sql("SHOW GRANTS").all():
        found = _GRANT.match(line)
        if found is None or not _means(found["database"], here):
            continue
        if found["table"] == "*" or _plain(found["table"]) == table:
            out.update(_COLUMNS.sub("", found["rights"]).split(", "))
    return _MARIADB_ALL if "ALL PRIVILEGES" in out else out


def _means(pattern: str, database: str) -> bool:
    """Whether a grant's database, in which `%` and `_` stand for others unless escaped, is this one."""
    if pattern == "*":
        return True
    parts = re.findall(r"\\?.", _plain(pattern), re.DOTALL)
    wild = {"%": ".*", "_": "."}
    return (
        re.fullmatch("".join(wild.get(one) or re.escape(one[-1]) for one in parts), database, re.DOTALL)
        is not None
    )


def _plain(quoted: str) -> str:
    return quoted[1:-1].replace("``", "`")


def _writable(store: Store) -> bool:
    """Whether a SQLite file can be written, and its journal beside it."""
    file = file_of(store.url)
    return file is not None and os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)
