"""What an account may do with a database: asked of the database, nothing is tried.

PostgreSQL answers by its functions for access privileges, MariaDB by the privilege tables of its information
schema (those of the account, and of its roles as they are now). A right on some columns counts as the right.
Of the other databases nothing is known.
"""

import os

import sqlalchemy as sa

from merger.systems.stores.base import Store
from merger.systems.stores.urls import file_of

SELECT, INSERT, UPDATE, DELETE = "SELECT", "INSERT", "UPDATE", "DELETE"
WRITES = (INSERT, UPDATE, DELETE)
CREATE = "CREATE"
"""Making tables, and changing and indexing one's own."""
TEMPORARY = "CREATE TEMPORARY TABLES"
_MARIADB_CREATE = {"CREATE", "ALTER", "INDEX", "REFERENCES"}


def rights_on(store: Store, table: str) -> frozenset[str] | None:
    """What may be done with a table: of SELECT, INSERT, UPDATE, DELETE. None where that is not known.

    A SQLite file that the system lets nobody write may only be read.
    """
    match store.dialect:
        case "postgresql":
            rights = [
                sa.func.has_table_privilege(sa.func.to_regclass(store.quoted(table)), DELETE)
                if right == DELETE
                else sa.func.has_any_column_privilege(sa.func.to_regclass(store.quoted(table)), right)
                for right in (SELECT, *WRITES)
            ]
            found = store.connection.execute(sa.select(*rights)).one()
            return frozenset(right for right, has in zip((SELECT, *WRITES), found, strict=True) if has)
        case "mariadb":
            return frozenset(_mariadb(store, table)) & {SELECT, *WRITES}
        case "sqlite":
            return frozenset({SELECT, *WRITES} if _writable(store) else {SELECT})
    return None


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
    """The privileges that the account has everywhere, in the database and, if one is named, on the table."""
    user, _, host = str(store.connection.scalar(sa.select(sa.func.current_user()))).rpartition("@")
    known = sa.table("enabled_roles", sa.column("role_name"), schema="information_schema")
    roles = [str(one) for one in store.connection.scalars(sa.select(known.c.role_name)) if one]
    names = [f"'{user}'@'{host}'", *(form for one in roles for form in (f"'{one}'@''", f"'{one}'", one))]
    selects = []
    for view in ("user_privileges", "schema_privileges", "table_privileges", "column_privileges"):
        rights = sa.table(
            view, *map(sa.column, ("grantee", "privilege_type", "table_schema", "table_name")),
            schema="information_schema",
        )  # fmt: skip
        asked = sa.select(rights.c.privilege_type).where(rights.c.grantee.in_(names))
        if view == "schema_privileges":
            asked = asked.where(sa.func.database().like(rights.c.table_schema))
        elif view != "user_privileges":
            asked = asked.where(rights.c.table_schema == sa.func.database(), rights.c.table_name == table)
        selects.append(asked)
    return {str(one) for one in store.connection.scalars(sa.union(*selects))}


def _writable(store: Store) -> bool:
    """Whether a SQLite file can be written, and its journal beside it."""
    file = file_of(store.url)
    return file is not None and os.access(file, os.W_OK) and os.access(file.parent, os.W_OK)
