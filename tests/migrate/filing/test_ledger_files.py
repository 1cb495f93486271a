"""The ledger's table of files, on PostgreSQL, MariaDB and SQLite alike."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from merger.migrate.filing import LedgerFiles
from merger.migrate.filing.model import FileRow
from merger.migrate.ledger import Ledger, upgrade
from merger.systems.stores import open_target

MakeDatabase = Callable[..., sa.URL]


@contextmanager
def book(url: sa.URL) -> Iterator[LedgerFiles]:
    """The book of an opened target that has two runs, and a dataset whose rows they moved."""
    upgrade(url)
    with open_target(url, write=True) as target:
        ledger = Ledger(target.connection, target.schema)
        with target.transaction():
            for run in ("r1", "r2"):
                values = {"id": run, "job": "job", "kind": "bulk", "state": "running", "plan_sha256": run,
                          "plan": b"", "started": "2026-03-01T08:00:00+00:00"}  # fmt: skip
                target.connection.execute(sa.insert(ledger.run).values(values))
            number = ledger.add_dataset("one", "files", "files")
            rows = [("a", "r1", None, "moved"), ("A", "r1", "r2", "updated"), ("ạ", "r1", "r2", "withdrawn"),
                    ("b", "r2", None, "moved")]  # fmt: skip
            target.connection.execute(
                sa.insert(ledger.row),
                [
                    {"dataset_id": number, "source_key": key, "target_key": position, "row_hash": bytes(32),
                     "merged": False, "run": run, "batch": 1, "state": state, "changed_by": changed}
                    for position, (key, run, changed, state) in enumerate(rows)
                ],
            )  # fmt: skip
        yield LedgerFiles(target, ledger)


def row(key: str, name: str = "p", state: str = "done", run: str = "r1", **more: object) -> FileRow:
    return FileRow(1, key, name, f"to-{name}", "pending", run).now(state, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql", "mariadb"])
def test_a_book_of_files_is_kept_in_every_database(database: MakeDatabase, dialect: str) -> None:
    with book(database(dialect)) as files:
        first = [row("a", size=3, sha256="s", copied=3), row("a", "q", "held", why="missing"),
                 row("A", "A", "copying"), row("ạ", "w", size=2**40, copied=2**40)]  # fmt: skip
        files.keep(first)
        assert sorted(files.known(1, ["a"]), key=lambda one: one.path_sha256) == first[:2]
        assert list(files.known(2, ["a"])) == []
        files.keep([first[1].now("done", size=1, copied=1), row("b", run="r2")])
        assert {one.state for one in files.known(1, ["a"])} == {"done"}
        assert files.named_by_others(["to-p", "to-A", "to-x"], "r1") == ["to-p"]
        assert files.unfinished("r1")
        assert files.counts(1, "r1").states == {"done": 3, "copying": 1}
        assert files.counts(1, "r2").states == {"done": 2, "copying": 1}
        assert files.counts(1, "r1").bytes == 2**40 + 4
        assert files.of_run(1, "r1", ["a", "A", "b"]) == {"a", "A"}
        assert (files.changed_by(1, "r2"), files.changed_by(1, "r1")) == (["r1"], [])
        assert [row.source_key for row in files.of_withdrawn(1, "r2")] == ["ạ"]
        files.forget([row("A", "A"), row("a", "q")])
        assert not files.unfinished("r1")
        assert files.left_of(1, "r1") == ["a", "ạ"]


def test_a_book_of_files_counts_what_is_held_by_reason(database: MakeDatabase) -> None:
    with book(database("sqlite")) as files:
        files.keep([row("a", name, "held", why=why) for name, why in (("1", "missing"), ("2", "unreadable"),
                                                                      ("3", "missing"))])  # fmt: skip
        assert files.counts(1, "r1").held == {"missing": 2, "unreadable": 1}
