"""What a server's own settings, or the keeping of its tables, would do to a run."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from merger import cli
from merger.errors import InputError
from merger.migrate import api
from merger.migrate.ledger.places import engine_of
from merger.systems.stores import DatabaseFailed, Store, mariadb, open_source, open_target, postgresql
from merger.testing.cutting import Wire
from merger.testing.pairs.kinds import MARIADB, POSTGRESQL
from merger.testing.pairs.trial import entered, quiet
from merger.testing.servers import DatabaseServer
from tests.faults.conftest import PAIRS, Faulty, Ground

pytestmark = pytest.mark.faults
LIMITS: Mapping[str, tuple[str, ...]] = {
    POSTGRESQL: ("statement_timeout", "idle_in_transaction_session_timeout", "idle_session_timeout"),
    MARIADB: (
        "max_statement_time", "idle_transaction_timeout", "idle_readonly_transaction_timeout",
        "idle_write_transaction_timeout",
    ),
}  # fmt: skip


@contextmanager
def limited(server: DatabaseServer, dialect: str, database: str | None) -> Iterator[None]:
    """A server that gives every session a minute for everything."""
    engine = sa.create_engine(server.url(), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    known = set(LIMITS[dialect])
    with engine.connect() as connection:
        if dialect == POSTGRESQL:
            known &= set(connection.exec_driver_sql("SELECT name FROM pg_settings").scalars())
        for name in known:
            words = f'ALTER DATABASE "{database}" SET {name} = 60000'
            connection.exec_driver_sql(words if dialect == POSTGRESQL else f"SET GLOBAL {name} = 60")
        try:
            yield
        finally:
            for name in known:
                words = f'ALTER DATABASE "{database}" RESET {name}'
                connection.exec_driver_sql(words if dialect == POSTGRESQL else f"SET GLOBAL {name} = 0")


def limits(connection: sa.Connection, dialect: str) -> set[float]:
    """The limits of a session."""
    ask = "SELECT current_setting('{}', true)" if dialect == POSTGRESQL else "SELECT @@{}"
    found = (connection.exec_driver_sql(ask.format(name)).scalar() for name in LIMITS[dialect])
    return {float(one) for one in found if one is not None}


def test_limits_that_a_server_sets_end_no_connection_of_a_run(faulty: Faulty) -> None:
    assert faulty.server is not None
    url, dialect = faulty.world.urls["platform"], faulty.trial.dialect
    with limited(faulty.server, dialect, url.database):
        with open_source(url) as source, open_target(url, write=True) as target:
            assert limits(source.connection, dialect) == limits(target.connection, dialect) == {0}
        for_lock_and_ledger = engine_of(url)
        with for_lock_and_ledger.connect() as connection:
            assert limits(connection, dialect) == {0}
            connection.rollback()
            assert limits(connection, dialect) == {0}
        for_lock_and_ledger.dispose()


def test_a_connection_whose_other_end_is_gone_is_given_up_within_minutes(faulty: Faulty) -> None:
    with open_source(faulty.world.urls["platform"]) as source:
        if faulty.trial.dialect == POSTGRESQL:
            own = socket.socket(fileno=postgresql.raw_of(source.connection).fileno())
        else:
            own = mariadb.raw_of(source.connection)._sock  # type: ignore[attr-defined]
        options = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
        assert own.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert [own.getsockopt(socket.IPPROTO_TCP, one) for one in options] == [60, 15, 6]
        if faulty.trial.dialect == POSTGRESQL:
            own.detach()


def look(store: Store) -> None:
    for table in ("p_dossier", "p_step"):
        store.columns(table)
        store.primary_key(table)
        store.uniques(table)


def test_a_connection_lost_after_its_tables_were_looked_at_is_told(faulty: Faulty, wire: Wire) -> None:
    with open_source(wire.through(faulty.world.urls["platform"])) as source:
        look(source)
        wire.cut()
        with pytest.raises(DatabaseFailed, match="the connection to a database was lost"):
            source.connection.exec_driver_sql("SELECT 1")


def test_a_target_that_cannot_take_rows_back_is_refused_before_a_plan(ground: Ground) -> None:
    found = ground.world(PAIRS[MARIADB])
    engine = found.world.engine("platform")
    with entered(found.world), engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE counter ENGINE=MyISAM")
        try:
            with pytest.raises(InputError) as told:
                api.make_plan(found.world.job, found.world.folder / "other.json", (), False, quiet)
        finally:
            connection.exec_driver_sql("ALTER TABLE counter ENGINE=InnoDB")
            engine.dispose()
    assert [one.code for one in told.value.findings] == ["no-transactions"]
    assert "kept by MyISAM, which cannot take back" in told.value.findings[0].message


def test_tables_of_a_source_that_are_not_read_as_of_one_moment_are_told(
    ground: Ground, capsys: pytest.CaptureFixture[str]
) -> None:
    found = ground.world(PAIRS[MARIADB])
    engine = found.world.engine("one")
    kept = {"dossier": "MyISAM", "step": "Aria"}
    with entered(found.world), engine.connect() as connection:
        for table, kind in kept.items():
            connection.exec_driver_sql(f"ALTER TABLE {table} ENGINE={kind}")
        try:
            told = [one for one in api.check(found.world.job) if one.code == "no-one-view"]
            plan = found.world.folder / "other.json"
            caveats = api.make_plan(found.world.job, plan, (), False, quiet).caveats
            assert cli.run(["show", str(plan), "--lang", "en"]) == 0
        finally:
            for table in kept:
                connection.exec_driver_sql(f"ALTER TABLE {table} ENGINE=InnoDB")
            engine.dispose()
    assert [one.state for one in told] == ["ok"]
    assert "one: has tables that are not read as of one moment" in told[0].detail
    assert "dossier (MyISAM), step (Aria)" in told[0].detail
    assert [one.tables for one in caveats["one"]] == [("dossier (MyISAM)", "step (Aria)")]
    assert told[0].detail in capsys.readouterr().out


def test_the_ledger_is_kept_with_transactions_whatever_the_server_makes_otherwise(ground: Ground) -> None:
    found = ground.world(PAIRS[MARIADB])
    assert found.server is not None
    engine = sa.create_engine(found.server.url(), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with entered(found.world), engine.connect() as connection:
        connection.exec_driver_sql("SET GLOBAL default_storage_engine = MyISAM")
        try:
            assert found.apply() == "done"
        finally:
            connection.exec_driver_sql("SET GLOBAL default_storage_engine = InnoDB")
        asked = sa.text(
            "SELECT DISTINCT ENGINE FROM information_schema.TABLES"
            " WHERE TABLE_SCHEMA = :name AND TABLE_NAME LIKE 'merger%'"
        )
        database = found.world.urls["platform"].database
        assert list(connection.execute(asked, {"name": database}).scalars()) == ["InnoDB"]
    assert found.different() == []
