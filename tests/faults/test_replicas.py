"""Sources that are replicas of other servers, and targets that are by mistake."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from merger.errors import MergerError, Refused
from merger.migrate import api
from merger.migrate.model import Check
from merger.migrate.results import RunResult
from merger.systems.stores import DatabaseFailed, following, open_source
from merger.systems.stores.failures import ENDED
from merger.testing.pairs import later
from merger.testing.pairs.kinds import MARIADB, POSTGRESQL
from merger.testing.pairs.places import world_on
from merger.testing.pairs.trial import entered, quiet
from merger.testing.pairs.world import World
from merger.testing.people import sign_by_all
from merger.testing.servers import DatabaseServer, mariadb, postgresql
from merger.testing.servers.databases import READER
from merger.testing.servers.replicas import REPLICATED, replica_of
from tests.faults.conftest import when_moving

pytestmark = pytest.mark.faults
STOP = {POSTGRESQL: "SELECT pg_wal_replay_pause()", MARIADB: "STOP SLAVE SQL_THREAD"}
GO = {POSTGRESQL: "SELECT pg_wal_replay_resume()", MARIADB: "START SLAVE"}
TOLD = {POSTGRESQL: "follows", MARIADB: "untold"}
STOPPED = {POSTGRESQL: "paused", MARIADB: "cut-off"}
APP = "app"
PATIENCE = 30.0


@dataclass
class Followed:
    """A world whose old systems are read from a replica, by accounts with SELECT alone."""

    dialect: str
    primary: DatabaseServer
    replica: DatabaseServer
    world: World
    there: World
    """The same, whose platform is the replica's too."""

    def on_replica(self, statement: str) -> None:
        run(self.replica.url(), statement)

    def stop(self) -> None:
        self.on_replica(STOP[self.dialect])
        self._until(follows=False)

    def go(self) -> None:
        self.on_replica(GO[self.dialect])
        self._until(follows=True)

    def replicas(self) -> list[Check]:
        return [one for one in api.check(self.world.job) if one.code == "replica"]

    def plan(self, name: str, *, final: bool = False) -> Path:
        path = self.world.folder / f"{name}.json"
        api.make_plan(self.world.job, path, (), final, quiet)
        sign_by_all(path)
        return path

    def _until(self, *, follows: bool) -> None:
        """Asked by a session of its own each time, since rights are those of a session's beginning."""
        end = time.monotonic() + PATIENCE
        while True:
            with open_source(self.world.readers["one"]) as source:
                if (getattr(source.following(), "state", "") == TOLD[self.dialect]) is follows:
                    return
            assert time.monotonic() < end
            time.sleep(0.02)


def run(url: sa.URL, *statements: str) -> None:
    engine = sa.create_engine(url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for one in statements:
            connection.exec_driver_sql(one)


@contextmanager
def followed(dialect: str, base: Path) -> Iterator[Followed]:
    starting = postgresql() if dialect == POSTGRESQL else mariadb(settings=REPLICATED)
    with starting as primary:
        world = world_on({dialect: primary}, base / dialect, (dialect, dialect))
        if dialect == MARIADB:
            run(
                primary.url(), f"CREATE USER {APP}@'127.0.0.1' IDENTIFIED BY '{primary.secret}'",
                f"GRANT ALL ON `{world.urls['platform'].database}`.* TO {APP}@'127.0.0.1'",
            )  # fmt: skip
        with replica_of(primary) as replica:
            world = replace(
                world, readers={name: url.set(port=replica.port) for name, url in world.readers.items()}
            )
            platform = world.urls["platform"].set(port=replica.port)
            if dialect == MARIADB:
                platform = platform.set(username=APP)
            there = replace(world, urls={**world.urls, "platform": platform})
            found = Followed(dialect, primary, replica, world, there)
            seen(replica.url(platform.database), "SELECT 1 FROM p_dossier")
            yield found


def seen(url: sa.URL, asked: str) -> None:
    """Waits until a question has an answer there."""
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with engine.connect() as connection:
                if connection.exec_driver_sql(asked).first():
                    return
        except sa.exc.DBAPIError:
            pass
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture(scope="module", params=[POSTGRESQL, MARIADB])
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Followed]:
    try:
        with followed(request.param, tmp_path_factory.mktemp("replicas")) as found:
            yield found
    except Refused as refused:
        if refused.key != "testing.servers.missing":
            raise
        pytest.skip(str(refused))


@pytest.fixture
def source(pair: Followed) -> Iterator[Followed]:
    with entered(pair.world):
        yield pair


def test_a_target_that_takes_no_rows_is_refused_before_anything(source: Followed) -> None:
    said = {POSTGRESQL: "is a standby of another server", MARIADB: r"\(read_only\)"}[source.dialect]
    plan = source.plan("ready")
    with entered(source.there):
        failed = [one for one in api.check(source.world.job) if one.state == "failed"]
        assert [one.code for one in failed] == ["writable"]
        with pytest.raises(Refused, match=f"{said}.* nothing was changed"):
            source.plan("never")
        with pytest.raises(Refused, match=f"{said}.* nothing was changed"):
            api.apply(plan, 1, quiet)
    assert not (source.world.folder / "never.json").exists()
    assert api.runs(source.world.job) == []


def test_workers_share_the_view_of_a_standby(source: Followed) -> None:
    url = source.world.readers["one"]
    with open_source(url) as one, one.snapshot():
        view = one.exported()
        assert (view is not None) is (source.dialect == POSTGRESQL)
        with open_source(url, view) as other, other.snapshot():
            assert other.exported() == view or source.dialect == MARIADB


def test_an_account_that_may_ask_is_told_how_far_behind_a_replica_is(source: Followed) -> None:
    if source.dialect == MARIADB:
        run(source.primary.url(), f"GRANT REPLICA MONITOR ON *.* TO {READER}@'127.0.0.1'")
    with open_source(source.world.readers["one"]) as asked:
        end = time.monotonic() + PATIENCE
        while (found := asked.following()) != following.Following("follows") and time.monotonic() < end:
            time.sleep(0.05)
        assert found == following.Following("follows")
        source.on_replica(STOP[source.dialect])
        run(source.world.urls["one"], "CREATE TABLE behind (a INTEGER)", "DROP TABLE behind")
        found = asked.following()
        assert found is not None
        assert found.state == "paused"
        source.on_replica(GO[source.dialect])
    if source.dialect == MARIADB:
        run(source.primary.url(), f"REVOKE REPLICA MONITOR ON *.* FROM {READER}@'127.0.0.1'")
    source._until(follows=True)


def test_a_replica_that_lost_its_primary_is_cut_off(source: Followed) -> None:
    source.primary.stop()
    try:
        if source.dialect == POSTGRESQL:
            with open_source(source.world.readers["one"]) as asked:
                end = time.monotonic() + PATIENCE
                while getattr(asked.following(), "state", "") != "cut-off" and time.monotonic() < end:
                    time.sleep(0.05)
                found = asked.following()
                assert found is not None
                assert found.state == "cut-off"
    finally:
        source.primary.start()
        source.on_replica({POSTGRESQL: "SELECT 1", MARIADB: "STOP SLAVE"}[source.dialect])
        source.go()


def test_a_standby_that_ends_what_is_read_of_it_does_not_keep_a_run_from_its_end(source: Followed) -> None:
    if source.dialect == MARIADB:
        pytest.skip("only standbys of PostgreSQL end what is read")
    source.on_replica("ALTER SYSTEM SET max_standby_streaming_delay = 0")
    source.on_replica("SELECT pg_reload_conf()")
    plan = source.plan("conflicts")

    def clean() -> None:
        name = source.world.urls["one"]
        run(name, "UPDATE dossier SET process = process", "VACUUM dossier")
        time.sleep(0.3)

    assert api.apply(plan, 1, when_moving(clean)).state == "done"
    assert api.verify(str(plan), False, False, quiet).state == "equal"
    with open_source(source.world.readers["one"]) as one, one.snapshot():
        one.run("SELECT count(*) FROM dossier")
        clean()
        with pytest.raises(DatabaseFailed) as told:
            one.run("SELECT count(*) FROM dossier")
    assert told.value.key in ENDED


def test_a_replica_serves_as_source_and_a_final_run_asks_whether_it_follows(source: Followed) -> None:
    dialect = source.dialect
    if api.runs(source.world.job):  # what there was is moved
        later.go_on(source.world)
        source.go()
    assert {one.state for one in source.replicas()} == {"ok"}
    source.stop()
    assert [one.state for one in source.replicas()] == ["failed", "failed"]
    with pytest.raises(Refused, match=r"source one is a replica .* So nothing can prove that nobody writes"):
        source.plan("final", final=True)
    assert [one.code for one in api.load_plan(source.plan("bulk")).caveats["one"]] == [STOPPED[dialect]]
    source.go()
    final = source.plan("final", final=True)
    assert [one.code for one in api.load_plan(final).caveats["one"]] == [TOLD[dialect]]
    source.stop()
    with pytest.raises(Refused, match=r"is a replica .* nothing was changed"):
        api.apply(final, 2, quiet)
    source.go()
    with pytest.raises(MergerError, match=r"is a replica .* the run is not done"):
        api.apply(final, 2, when_moving(source.stop))
    source.go()
    done: RunResult = api.apply(final, 2, quiet)
    assert done.state == "done"
    assert [one.code for one in done.caveats["two"]] == [TOLD[dialect]]
    assert api.verify(str(final), False, False, quiet).state == "equal"
    recorded = [one.detail for one in api.audit_export(source.world.job) if one.action == "run-done"]
    assert recorded[-1]["caveats:one"] == TOLD[dialect]
