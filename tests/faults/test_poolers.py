"""A pool of connections between a run and its servers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest

from merger import cli
from merger.errors import Refused
from merger.migrate import api
from merger.migrate.lock import holding
from merger.systems.stores import open_source, own_sessions
from merger.testing.pairs.kinds import POSTGRESQL
from merger.testing.pairs.trial import entered, quiet
from merger.testing.servers import PostgreSQL
from merger.testing.servers.pooling import Mode, PgBouncer, pgbouncer
from tests.faults.conftest import PAIRS, Faulty, Ground, says_enough

pytestmark = pytest.mark.faults
SETTINGS = {"session": {}, "transaction": {}, "transaction, by turns": {"server_round_robin": "1"},
            "statement": {}}  # fmt: skip


@contextmanager
def pooled(found: Faulty, mode: Mode, settings: dict[str, str] | None = None) -> Iterator[PgBouncer]:
    """Everything that the job names is reached by PgBouncer."""
    assert isinstance(found.server, PostgreSQL)
    own_sessions._lent.clear()
    try:
        with pgbouncer(found.server, mode, settings) as pool:
            readers = {name: pool.through(url) for name, url in found.world.readers.items()}
            urls = {name: pool.through(url) for name, url in found.world.urls.items()}
            with entered(replace(found.world, readers=readers, urls=urls)):
                yield pool
    except Refused as refused:
        if refused.key != "testing.servers.missing":
            raise
        pytest.skip(str(refused))


def test_a_pool_that_lends_sessions_serves_with_workers_and_their_common_view(ground: Ground) -> None:
    found = ground.world(PAIRS[POSTGRESQL])
    with pooled(found, "session") as pool:
        platform = pool.through(found.world.urls["platform"])
        with open_source(platform) as source, source.snapshot():
            assert source.exported()
        assert all(one.state == "ok" for one in api.check(found.world.job))
        assert found.apply(workers=2) == "done"
        assert found.different() == []
        assert api.verify(str(found.plan), False, False, quiet).state == "equal"
        with holding(platform), pytest.raises(Refused, match="another run is working"), holding(platform):
            pass


@pytest.mark.parametrize("how", [one for one in SETTINGS if one != "session"])
def test_a_pool_that_lends_transactions_or_statements_is_refused_and_left_as_it_was(
    ground: Ground, how: str, capfd: pytest.CaptureFixture[str]
) -> None:
    found = ground.world(PAIRS[POSTGRESQL])
    mode: Mode = "statement" if how == "statement" else "transaction"
    with pooled(found, mode, SETTINGS[how]) as pool:
        failed = [one for one in api.check(found.world.job) if one.state == "failed"]
        assert [one.code for one in failed] == ["reach"]
        assert "by a pooler (PgBouncer) that lends a session" in failed[0].detail
        for command in (["plan", str(found.world.job), "--out", "other.json"], ["apply", str(found.plan)]):
            code = cli.run([*command, "--lang", "en"])
            printed = capfd.readouterr()
            assert code == 3
            assert "pool_mode = session" in printed.err
            assert says_enough(found, printed.err)
        platform = pool.through(found.world.urls["platform"]).set(drivername="postgresql")
        with psycopg.connect(platform.render_as_string(hide_password=False), autocommit=True) as another:
            for name, value in (("default_transaction_read_only", "off"), ("row_security", "on")):
                assert another.execute(f"SHOW {name}").fetchone() == (value,)
            locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
            assert another.execute(locks).fetchone() == (0,)
    with entered(found.world):
        assert found.apply() == "done"
