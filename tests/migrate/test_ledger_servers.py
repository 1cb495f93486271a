"""The ledger on PostgreSQL, MariaDB and SQLite alike."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from alembic import command, op
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from merger.approval import trail
from merger.errors import Refused
from merger.migrate.ledger import Ledger, PlannedBatch, upgrade, version_of
from merger.migrate.ledger.tables import KEY_WIDTH, metadata

SERVERS = ("postgresql", "mariadb")
ALL = ("sqlite", *SERVERS)
MakeDatabase = Callable[..., sa.URL]


@contextmanager
def connected(url: sa.URL, **options: object) -> Iterator[sa.Connection]:
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool, **options)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@contextmanager
def ledger_in(url: sa.URL) -> Iterator[Ledger]:
    """A ledger in a transaction that is committed at the end."""
    with connected(url) as connection, connection.begin():
        yield Ledger(connection, None)


def a_run(ledger: Ledger, run: str = "run-1") -> int:
    """A run with one dataset; its number."""
    ledger.connection.execute(
        sa.insert(ledger.run).values(
            id=run, job="job", kind="bulk", state="running", plan_sha256=run, plan=bytes(70_000),
            started="2026-03-01T08:00:00+00:00",
        )
    )  # fmt: skip
    return ledger.add_dataset("one", "dossiers", "dossier")


def rows(ledger: Ledger, dataset: int, keys: dict[str, object], run: str = "run-1") -> None:
    ledger.connection.execute(
        sa.insert(ledger.row),
        [
            {"dataset_id": dataset, "source_key": key, "target_key": target, "row_hash": bytes(32),
             "merged": False, "run": run, "batch": 1}
            for key, target in keys.items()
        ],
    )  # fmt: skip


def shape(url: sa.URL) -> dict[str, object]:
    """Columns with types, keys and indexes of every table of the ledger."""
    with connected(url) as connection:
        inspector = sa.inspect(connection)
        return {
            name: (
                [
                    (one["name"], str(one["type"]), getattr(one["type"], "collation", None), one["nullable"],
                     one["default"])
                    for one in inspector.get_columns(name)
                ],
                inspector.get_pk_constraint(name)["constrained_columns"],
                sorted((str(one["name"]), str(one["column_names"]), bool(one["unique"]))
                       for one in inspector.get_indexes(name)),
                sorted((one["constrained_columns"][0], one["referred_table"])
                       for one in inspector.get_foreign_keys(name)),
            )
            for name in inspector.get_table_names()
            if name.startswith("merger_") and name != "merger_version"
        }  # fmt: skip


@pytest.mark.parametrize("dialect", ALL)
def test_the_versions_make_the_tables_that_queries_expect(database: MakeDatabase, dialect: str) -> None:
    made, expected = database(dialect, "made"), database(dialect, "expected")
    upgrade(made)
    with connected(expected) as connection, connection.begin():
        metadata.create_all(connection)
    assert set(shape(made)) == set(metadata.tables)
    assert shape(made) == shape(expected)


@pytest.mark.parametrize("dialect", ALL)
def test_alembic_finds_nothing_to_change(database: MakeDatabase, dialect: str) -> None:
    url = database(dialect)
    upgrade(url)
    with connected(url) as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "merger_version"})
        assert compare_metadata(context, metadata) == []


@pytest.mark.parametrize("dialect", ALL)
def test_an_upgrade_that_is_killed_anywhere_goes_on_the_next_time(
    database: MakeDatabase, dialect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, url = database(dialect, "whole"), database(dialect, "stopped")
    upgrade(whole)
    seen: set[str] = set()
    every = 1 if dialect == "mariadb" else 7  # the others take back all that was not committed

    def killed_when_new(step: Callable[..., object], name: str) -> Callable[..., object]:
        def do(*given: object, **named: object) -> object:
            what = f"{name} {' '.join(str(one) for one in given)}"
            if what not in seen:
                seen.add(what)
                if len(seen) % every == 0:
                    raise KeyboardInterrupt
            return step(*given, **named)

        return do

    for name in ("create_table", "create_index", "add_column", "rename_table", "drop_table", "execute"):
        monkeypatch.setattr(op, name, killed_when_new(getattr(op, name), name))
    kills = 0
    while True:
        try:
            upgrade(url)
            break
        except KeyboardInterrupt:
            kills += 1
    assert kills == len(seen) // every
    assert len(seen) >= 29
    assert shape(url) == shape(whole)
    with ledger_in(url) as ledger:
        assert ledger.connection.execute(sa.select(ledger.lock.c.name)).scalars().all() == ["trail"]


@pytest.mark.parametrize("dialect", ALL)
def test_all_rows_are_seen_at_every_moment_of_an_upgrade(
    database: MakeDatabase, dialect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = database(dialect)
    newest = command.upgrade
    monkeypatch.setattr(command, "upgrade", lambda config, _: newest(config, "0001"))
    upgrade(url)
    monkeypatch.setattr(command, "upgrade", newest)
    names = ("dataset_id", "source_key", "target_key", "row_hash", "merged", "run", "batch")
    with connected(url) as connection, connection.begin():
        ledger = Ledger(connection, None)
        run = sa.table(
            "merger_run", *map(sa.column, ("id", "job", "kind", "state", "plan_sha256", "plan", "started"))
        )
        connection.execute(sa.insert(run).values(["r", "j", "bulk", "done", "x", b"p", "2026"]))
        connection.execute(sa.insert(ledger.dataset).values(id=1, system="one", dataset="d", target="t"))
        batch = sa.table(
            "merger_batch", *map(sa.column, ("id", "run", "dataset_id", "first_key", "last_key", "rows"))
        )
        connection.execute(sa.insert(batch).values([1, "r", 1, "a", "b", 2]))
        for key in ("a", "b"):
            row = sa.table("merger_row", *map(sa.column, names))
            connection.execute(sa.insert(row).values([1, key, f"t{key}", bytes(32), False, "r", 1]))
    seen: list[tuple[int, bool]] = []

    def look_before(step: Callable[..., object]) -> Callable[..., object]:
        def do(*given: object, **named: object) -> object:
            if dialect == "mariadb":  # the others show nothing before all is committed
                look()
            return step(*given, **named)

        return do

    def look() -> None:
        with connected(url) as connection:
            ledger = Ledger(connection, None)
            seen.append((ledger.count("one", "d"), bool(ledger.find("a"))))

    for name in ("create_table", "create_index", "rename_table", "drop_table", "execute"):
        monkeypatch.setattr(op, name, look_before(getattr(op, name)))
    upgrade(url)
    look()
    assert set(seen) == {(2, True)}
    assert dialect != "mariadb" or len(seen) > 10


@pytest.mark.parametrize("dialect", ALL)
def test_two_upgrades_at_once_make_one_ledger(database: MakeDatabase, dialect: str) -> None:
    url = database(dialect)
    failed: list[BaseException] = []

    def go() -> None:
        try:
            upgrade(url)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=go) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert set(shape(url)) == set(metadata.tables)


@pytest.mark.parametrize("dialect", ALL)
def test_a_ledger_of_a_later_version_is_refused(database: MakeDatabase, dialect: str) -> None:
    url = database(dialect)
    upgrade(url)
    with connected(url) as connection, connection.begin():
        connection.exec_driver_sql("UPDATE merger_version SET version_num = '9999'")
    with pytest.raises(Refused, match="made by a later version of this program; nothing was changed") as told:
        upgrade(url)
    assert url.password is None or url.password not in str(told.value)


def test_postgresql_keeps_the_ledger_in_a_schema_of_its_own_where_asked(database: MakeDatabase) -> None:
    url = database("postgresql")
    upgrade(url, "ledger")
    upgrade(url, "ledger")
    with connected(url) as connection, connection.begin():
        inspector = sa.inspect(connection)
        assert inspector.get_table_names() == []
        assert set(inspector.get_table_names(schema="ledger")) == {*metadata.tables, "merger_version"}
        assert version_of(connection, None) == ""
        ledger = Ledger(connection, "ledger")
        dataset = a_run(ledger)
        rows(ledger, dataset, {"a": 7})
        ledger.record("somebody", "run-started", {"run": "run-1"})
        assert [(one.source_key, one.target_key) for one in ledger.find("a")] == [("a", "7")]


@pytest.mark.parametrize("dialect", ALL)
def test_keys_are_kept_byte_by_byte(database: MakeDatabase, dialect: str) -> None:
    url = database(dialect)
    upgrade(url)
    keys = ["Hòa", "Hoà", "hòa", "hòa ", "HOA", "hoa", "012", "12", "😀", "a" * KEY_WIDTH]
    with ledger_in(url) as ledger:
        dataset = a_run(ledger)
        rows(ledger, dataset, {key: f"{key[:200]}x" for key in keys})
    with ledger_in(url) as ledger:
        for key in keys:
            assert [(one.source_key, one.target_key) for one in ledger.find(key)] == [(key, f"{key[:200]}x")]
            (back,) = ledger.find_target("dossier", f"{key[:200]}x")
            assert (back.system, back.dataset, back.source_key, back.state) == (
                "one",
                "dossiers",
                key,
                "moved",
            )
        assert ledger.find("Hòa ") == ledger.find("nobody") == []


@pytest.mark.parametrize("dialect", ALL)
def test_an_integer_key_of_the_target_is_found(database: MakeDatabase, dialect: str) -> None:
    url = database(dialect)
    upgrade(url)
    with ledger_in(url) as ledger:
        dataset = a_run(ledger)
        rows(ledger, dataset, {"a": 9_000_000_001, "b": 9_000_000_002, "c": 9_000_000_002})
    with ledger_in(url) as ledger:
        (found,) = ledger.find("a")
        assert str(found.target_key) == "9000000001"
        assert [one.source_key for one in ledger.find_target("dossier", "9000000002")] == ["b", "c"]
        assert ledger.find_target("other", "9000000002") == []


def plan_of(connection: sa.Connection, asked: sa.Select[tuple[object, ...]]) -> str:
    """How the database would answer, in its own words."""
    compiled = asked.compile(connection, compile_kwargs={"render_postcompile": True})
    explain = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
    positional = compiled.positional
    given = (
        tuple(compiled.params[one] for one in compiled.positiontup or ()) if positional else compiled.params
    )
    return "\n".join(str(one) for one in connection.exec_driver_sql(f"{explain} {compiled}", given))


@pytest.mark.parametrize("dialect", ALL)
def test_find_is_one_look_up_in_an_index(database: MakeDatabase, dialect: str) -> None:
    url = database(dialect)
    upgrade(url)
    with ledger_in(url) as ledger:
        a_run(ledger)
        numbers = [ledger.add_dataset(f"s{number}", "dossiers", "dossier") for number in range(10)]
        for dataset in numbers:
            rows(ledger, dataset, {f"k{number}": number for number in range(2000)})
    with connected(url) as connection:
        if dialect != "sqlite":
            table = "TABLE " if dialect == "mariadb" else ""
            connection.exec_driver_sql(f"ANALYZE {table}merger_row")
        ledger = Ledger(connection, None)
        by_source = plan_of(connection, ledger.looked_up(ledger.row.c.source_key == "k77"))
        by_target = plan_of(connection, ledger.looked_up(ledger.row.c.target_key.in_(["77"])))
        assert len(ledger.find("k77")) == len(ledger.find_target("dossier", "77")) == 10
    words = {
        "sqlite": ("USING PRIMARY KEY (dataset_id=? AND source_key=?)", "INDEX merger_row_by_target"),
        "postgresql": ("_pkey on merger_row ", "merger_row_by_target"),
        "mariadb": ("'range', 'PRIMARY', 'PRIMARY'", "'merger_row_by_target', '1026'"),
    }[dialect]
    assert (words[0] in by_source, words[1] in by_target) == (True, True), f"{by_source}\n{by_target}"
    assert "Seq Scan" not in by_source + by_target
    assert "SCAN" not in by_source + by_target


@pytest.mark.parametrize("dialect", ALL)
def test_batches_are_planned_taken_once_and_settled(database: MakeDatabase, dialect: str) -> None:
    url = database(dialect)
    upgrade(url)
    with ledger_in(url) as ledger:
        dataset = a_run(ledger)
        ledger.plan_batches(
            "run-1", dataset, [PlannedBatch("1", "9", 9, 100), PlannedBatch("10", "12", 3, 109)]
        )
        ledger.plan_batches("run-1", dataset, [PlannedBatch("7", "Hòa", 2, None, ("7", "Hòa"))])
    with ledger_in(url) as ledger:
        planned = ledger.batches("run-1", dataset, "planned")
        assert [(one.number, one.expected, one.first_target, one.keys) for one in planned] == [
            (1, 9, 100, None), (2, 3, 109, None), (3, 2, None, ("7", "Hòa")),
        ]  # fmt: skip
        assert ledger.take_batch(planned[1].id, "worker 1")
        ledger.settle_batch(planned[1].id, 3, 0.5)
        assert not ledger.take_batch(planned[1].id, "worker 2")
    with ledger_in(url) as ledger:
        assert [one.number for one in ledger.batches("run-1", dataset, "planned")] == [1, 3]
        (done,) = ledger.batches("run-1", dataset, "done")
        assert (done.rows, done.seconds, done.worker) == (3, 0.5, "worker 1")


@pytest.mark.parametrize("dialect", SERVERS)
def test_of_two_workers_with_one_batch_the_second_waits_and_does_nothing(
    database: MakeDatabase, dialect: str
) -> None:
    url = database(dialect)
    upgrade(url)
    with ledger_in(url) as ledger:
        dataset = a_run(ledger)
        ledger.plan_batches("run-1", dataset, [PlannedBatch("1", "9", 9)])
        (batch,) = ledger.batches("run-1", dataset)
    answers: list[bool] = []

    def second() -> None:
        with ledger_in(url) as ledger:
            answers.append(ledger.take_batch(batch.id, "second"))

    with ledger_in(url) as ledger:
        assert ledger.take_batch(batch.id, "first")
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.3)
        assert answers == []
    thread.join()
    assert answers == [False]


@pytest.mark.parametrize("dialect", ALL)
def test_what_a_later_run_changes_is_noted_as_hashes(database: MakeDatabase, dialect: str) -> None:
    url = database(dialect)
    upgrade(url)
    with ledger_in(url) as ledger:
        dataset = a_run(ledger)
        a_run(ledger, "run-2")
        rows(ledger, dataset, {"a": 1, "b": 2, "c": 3})
        changed = sa.union_all(
            *[
                sa.select(sa.literal(key).label("source_key"), sa.literal(bytes([2]) * 32).label("row_hash"))
                for key in ("a", "c", "unknown")
            ]
        ).subquery("changed")
        assert ledger.note_changes("run-2", dataset, 5, changed, "updated") == 2
    with ledger_in(url) as ledger:
        assert ledger.changes_of("run-2") == {"updated": 2}
        assert ledger.changes_of("run-1") == {}
        states = {key: ledger.find(key)[0] for key in "abc"}
        assert {key: (one.state, one.run, one.changed_by) for key, one in states.items()} == {
            "a": ("updated", "run-1", "run-2"), "b": ("moved", "run-1", None),
            "c": ("updated", "run-1", "run-2"),
        }  # fmt: skip
        found = ledger.connection.execute(
            sa.select(ledger.change).where(ledger.change.c.source_key == "a")
        ).one()
        assert (bytes(found.hash_before), bytes(found.hash_after)) == (bytes(32), bytes([2]) * 32)
        assert (found.state_before, found.changed_before, found.batch) == ("moved", None, 5)
        hashes = ledger.connection.execute(sa.select(ledger.row.c.source_key, ledger.row.c.row_hash)).all()
        assert {key: bytes(one)[:1] for key, one in hashes} == {"a": b"\2", "b": b"\0", "c": b"\2"}


@pytest.mark.parametrize("dialect", ALL)
@pytest.mark.parametrize("isolation", ["READ COMMITTED", None])
def test_the_trail_is_one_chain_however_many_write_it(
    database: MakeDatabase, dialect: str, isolation: str | None
) -> None:
    url = database(dialect)
    upgrade(url)
    options = {"isolation_level": isolation} if isolation and dialect != "sqlite" else {}
    failed: list[BaseException] = []

    def write(name: str) -> None:
        try:
            with connected(url, **options) as connection:
                ledger = Ledger(connection, None)
                connection.rollback()
                for _ in range(10):
                    if dialect == "sqlite":
                        connection.connection.driver_connection.isolation_level = None
                        connection.exec_driver_sql("BEGIN IMMEDIATE")
                    ledger.record(name, "verified", {"rows": 1})
                    if dialect == "sqlite":
                        connection.exec_driver_sql("COMMIT")
                    connection.commit()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(name,)) for name in ("a", "b", "c", "d")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with ledger_in(url) as ledger:
        records = ledger.records()
        assert len(records) == 40
        assert trail.verify(records) is None
        assert {one.actor for one in records} == {"a", "b", "c", "d"}
