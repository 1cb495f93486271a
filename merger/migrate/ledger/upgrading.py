"""Making the ledger's tables in a target, or bringing them up to date."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from merger.errors import Refused
from merger.migrate.ledger.places import Database, engine_of, lock_name, shown
from merger.migrate.ledger.store import version_of
from merger.migrate.ledger.tables import LATEST
from merger.systems.stores.failures import connected

WAIT_SECONDS = 60
"""How long an upgrade waits for another one to end."""


def upgrade(target: Database, schema: str | None = None) -> None:
    """Makes the ledger's tables in the target, or brings them up to date. Nothing else is touched.

    `schema`: the schema of a PostgreSQL target that holds the ledger, made where it is not there yet.
    Two upgrades at once: the second waits. One that was killed: the next goes on; only MariaDB, which commits
    each step by itself, shows what was done so far. Raises Refused where another upgrade does not end, or
    where the ledger is of a later version of this program.
    """
    engine = engine_of(target)
    if engine.dialect.name == "sqlite":
        _begin_before_tables(engine)
    try:
        with connected(engine) as connection:
            latest = version_of(connection, schema) == LATEST
        if not latest:  # Alembic's imports and checks take as much as a tenth of a catch-up of few rows
            _upgrade(engine, target, schema)
    finally:
        engine.dispose()


def _upgrade(engine: sa.Engine, target: Database, schema: str | None) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script.revision import ResolutionError
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    with connected(engine) as connection, _alone(connection, target, schema):
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            if not isinstance(error.__cause__, ResolutionError):
                raise
            raise Refused("migrate.ledger-newer", target=shown(target)) from error


def _begin_before_tables(engine: sa.Engine) -> None:
    """pysqlite begins no transaction before DDL by itself; a half-made ledger must not survive a crash."""
    sa.event.listen(engine, "connect", lambda raw, _: setattr(raw, "isolation_level", None))
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))


@contextmanager
def _alone(connection: sa.Connection, target: Database, schema: str | None) -> Iterator[None]:
    if connection.dialect.name == "postgresql":
        with connection.begin():
            _wait_in_postgresql(connection, target, schema)
            yield
    elif connection.dialect.name in ("mysql", "mariadb"):
        name = lock_name(connection, "upgrade", schema)
        if connection.execute(sa.select(sa.func.get_lock(name, WAIT_SECONDS))).scalar() != 1:
            raise Refused("migrate.locked", target=shown(target))
        connection.commit()
        with connection.begin():
            yield
        # Only now is the version that was reached seen by the next one. After an error the lock goes with the
        # connection, which may be lost.
        connection.execute(sa.select(sa.func.release_lock(name)))
    else:
        with connection.begin():
            yield


def _wait_in_postgresql(connection: sa.Connection, target: Database, schema: str | None) -> None:
    name = lock_name(connection, "upgrade", schema)
    asked = sa.select(sa.func.pg_try_advisory_xact_lock(sa.func.hashtextextended(name, 0)))
    until = time.monotonic() + WAIT_SECONDS
    while not connection.execute(asked).scalar():
        if time.monotonic() > until:
            raise Refused("migrate.locked", target=shown(target))
        time.sleep(0.1)
    if schema:
        quoted = connection.dialect.identifier_preparer.quote_identifier(schema)
        if not sa.inspect(connection).has_schema(schema):
            connection.exec_driver_sql(f"CREATE SCHEMA {quoted}")
        connection.exec_driver_sql(f"SET LOCAL search_path = {quoted}")
