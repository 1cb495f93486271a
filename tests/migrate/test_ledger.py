import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import op
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from merger.migrate.ledger import Ledger, entered, upgrade
from merger.migrate.ledger.tables import LATEST, metadata
from merger.systems.stores import open_target, sqlite_url
from tests.migrate.world import ask_sql, platform


def shape(path: Path) -> dict[str, object]:
    """Columns, keys and indexes of every table of the ledger."""
    engine = sa.create_engine(f"sqlite:///{path}")
    inspector = sa.inspect(engine)
    found = {
        table: (
            [
                (one["name"], str(one["type"]), one["nullable"], one["default"])
                for one in inspector.get_columns(table)
            ],
            inspector.get_pk_constraint(table)["constrained_columns"],
            sorted(str(one["column_names"]) for one in inspector.get_unique_constraints(table)),
            sorted((str(one["name"]), str(one["column_names"])) for one in inspector.get_indexes(table)),
            sorted(
                (one["constrained_columns"][0], one["referred_table"])
                for one in inspector.get_foreign_keys(table)
            ),
        )
        for table in inspector.get_table_names()
        if table.startswith("merger_") and table != "merger_version"
    }
    engine.dispose()
    return found


def schema(path: Path) -> list[tuple[object, ...]]:
    return ask_sql(path, "SELECT name, sql FROM sqlite_master WHERE name LIKE 'merger_%' ORDER BY name")


def test_the_versions_make_the_tables_that_queries_expect(tmp_path: Path) -> None:
    made, expected = tmp_path / "made.db", tmp_path / "expected.db"
    upgrade(made)
    engine = sa.create_engine(f"sqlite:///{expected}")
    metadata.create_all(engine)
    engine.dispose()
    assert set(shape(made)) == set(metadata.tables)
    assert shape(made) == shape(expected)
    without_rowid = "SELECT name FROM pragma_table_list WHERE wr = 1 AND name LIKE 'merger_%' ORDER BY name"
    tables = [("merger_change",), ("merger_row",)]
    assert ask_sql(made, without_rowid) == ask_sql(expected, without_rowid) == tables


def test_a_ledger_that_was_upgraded_is_of_the_latest_version(tmp_path: Path) -> None:
    upgrade(tmp_path / "made.db")
    assert ask_sql(tmp_path / "made.db", "SELECT version_num FROM merger_version") == [(LATEST,)]


def test_alembic_finds_nothing_to_change(tmp_path: Path) -> None:
    upgrade(tmp_path / "made.db")
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'made.db'}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "merger_version"})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_making_the_ledger_twice_changes_nothing(empty: Path) -> None:
    own = platform(empty)
    upgrade(empty / "platform.db")
    before = schema(empty / "platform.db")
    upgrade(empty / "platform.db")
    assert schema(empty / "platform.db") == before
    assert len(before) > len(metadata.tables)
    assert platform(empty) == own


def test_a_ledger_with_rows_is_left_as_it_is(moved: Path) -> None:
    before = (moved / "platform.db").read_bytes()
    upgrade(moved / "platform.db")
    assert (moved / "platform.db").read_bytes() == before


def test_a_crash_while_the_ledger_is_made_leaves_none_and_the_next_time_makes_it_whole(
    empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = empty / "platform.db"

    def crash(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(op, "create_index", crash)
        with pytest.raises(KeyboardInterrupt):
            upgrade(path)
    assert [name for name, _ in schema(path) if name != "merger_version"] == []
    upgrade(path)
    assert set(shape(path)) == set(metadata.tables)


def test_a_ledger_of_which_only_the_version_table_is_there_is_completed(empty: Path) -> None:
    path = empty / "platform.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE merger_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
    connection.commit()
    connection.close()
    upgrade(path)
    assert set(shape(path)) == set(metadata.tables)


def test_a_target_without_a_ledger_is_read_as_an_empty_one(empty: Path) -> None:
    with open_target(sqlite_url(empty / "platform.db"), write=False) as target:
        ledger = Ledger(target.connection, target.schema)
        assert not ledger.there
        assert (ledger.runs(), ledger.records(), ledger.used_approvals()) == ([], [], set())
        assert ledger.count("one", "dossiers") == 0
        assert list(entered(ledger, "one", "dossiers")) == []


def test_the_ledger_says_for_every_row_where_it_went(moved: Path) -> None:
    found = ask_sql(
        moved / "platform.db",
        "SELECT p.number FROM merger_row r JOIN merger_dataset d ON d.id = r.dataset_id"
        " JOIN p_dossier p ON p.id = r.target_key"
        " WHERE d.system = 'two' AND d.dataset = 'dossiers' AND r.source_key = 'd-east'",
    )
    assert found == [("east",)]


def test_keys_keep_their_type_in_the_ledger(moved: Path) -> None:
    found = ask_sql(
        moved / "platform.db", "SELECT DISTINCT typeof(target_key), typeof(source_key) FROM merger_row"
    )
    assert found == [("integer", "text")]


def test_batches_and_rows_of_the_ledger_agree(moved: Path) -> None:
    found = ask_sql(
        moved / "platform.db",
        "SELECT b.rows - (SELECT count(*) FROM merger_row r WHERE r.batch = b.id AND NOT r.merged)"
        " FROM merger_batch b",
    )
    assert {difference for (difference,) in found} == {0}
    assert max(rows for (rows,) in ask_sql(moved / "platform.db", "SELECT rows FROM merger_batch")) == 7
