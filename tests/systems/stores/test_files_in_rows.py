"""Rows with files in columns of bytes come in pieces, which make up the lines that they are as a whole."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from merger.systems.canonical import BLOB
from merger.systems.functions import canonical, file_digits
from merger.systems.functions.files import FILE
from merger.systems.kinds import Kind
from merger.systems.stores import has_files, open_source, open_target, sqlite_url
from merger.systems.stores.base import Store
from merger.systems.stores.lines import LARGE
from merger.systems.stores.mariadb import raw_of
from merger.systems.stores.mariadb_loading import Into, insert

TYPES = {"postgresql": ("bytea", "text"), "sqlite": ("BLOB", "TEXT"), "mariadb": ("LONGBLOB", "LONGTEXT")}
SMALL = bytes(range(256))
FILES = [SMALL * 2049, SMALL * 2048 + b"x", SMALL * 8000]
"""Files a little longer than FILE, and one of several pieces."""
LONG = "a\\b\tc\nđ" * 200_000
ROWS: list[tuple[int, bytes | None, bytes | None, str | None]] = [
    (1, SMALL, b"", "a"), (2, FILES[0], None, "b\tc"), (3, FILES[1], FILES[2], None), (4, None, FILES[2], ""),
    (5, FILES[2], SMALL, LONG), (6, b"x" * FILE, None, LONG), (7, b"", b"y", "z"),
]  # fmt: skip
"""Key, two columns of bytes, a text."""


def filled(url: sa.URL, dialect: str) -> sa.URL:
    bytes_, text = TYPES[dialect]
    engine = sa.create_engine(url)
    table = sa.table(
        "t", sa.column("id"), sa.column("a", sa.LargeBinary), sa.column("b", sa.LargeBinary), sa.column("c")
    )
    with engine.begin() as connection:
        connection.exec_driver_sql(
            f"CREATE TABLE t (id INTEGER PRIMARY KEY, a {bytes_}, b {bytes_}, c {text})"
        )
        for row in ROWS:
            connection.execute(sa.insert(table).values(row))
    engine.dispose()
    return url


def asked(store: Store, *, files: bool) -> sa.Select[tuple[object, ...]]:
    table = store.table("t")
    digits = [
        sa.literal(BLOB).concat(canonical(one, Kind.BYTES, Kind.BYTES)) for one in (table.c.a, table.c.b)
    ]
    if files:
        digits = [file_digits(*one) for one in zip(digits, (table.c.a, table.c.b), strict=True)]
    key = canonical(table.c.id, Kind.NUMBER, Kind.NUMBER)
    return sa.select(key, digits[0], table.c.c, digits[1], key).order_by(table.c.id)


@pytest.fixture(params=["postgresql", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path):
    if request.param == "sqlite":
        url = sqlite_url(tmp_path / "t.db")
    else:
        url = request.getfixturevalue("database")("postgresql")
    with open_source(filled(url, request.param)) as store:
        yield store


def test_lines_in_pieces_are_the_lines(store: Store) -> None:
    whole = b"".join(store.lines(asked(store, files=False)))
    parts = list(store.lines(asked(store, files=True)))
    assert b"".join(parts) == whole
    assert max(map(len, parts)) <= 2 * LARGE < max(map(len, whole.split(b"\n")))


def test_a_row_with_a_file_begins_with_its_key(store: Store) -> None:
    rows = [row for some in store.rows(asked(store, files=True)) for row in some]
    begun = [row for at, row in enumerate(rows) if at == 0 or rows[at - 1].endswith(b"\n")]
    assert [row.partition(b"\t")[0] for row in begun] == [b"%d" % row[0] for row in ROWS]


def test_whether_there_are_files_is_told(store: Store) -> None:
    table = store.table("t")
    assert has_files(store, sa.select(table.c.a, table.c.b))
    assert not has_files(store, sa.select(table.c.a).where(table.c.id.in_([1, 4, 6, 7])))
    assert not has_files(store, sa.select().select_from(table))


def test_the_connection_serves_on_after_files_that_are_left_unread(store: Store) -> None:
    parts = store.lines(asked(store, files=True))
    assert next(parts)
    parts.close()  # type: ignore[attr-defined]
    assert store.connection.execute(sa.select(sa.literal(7))).scalar() == 7


def test_large_values_are_inserted_where_load_data_is_not_allowed(database, tmp_path: Path) -> None:
    url = database("mariadb")
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE t (id INTEGER, a LONGBLOB, c LONGTEXT, b LONGBLOB, d INTEGER)"
        )
    with (
        open_source(filled(sqlite_url(tmp_path / "t.db"), "sqlite")) as source,
        open_target(url, write=True) as target,
        target.transaction(),
    ):
        known = target.columns("t")
        into = Into("t", {name: known[name] for name in ("id", "a", "c", "b", "d")})
        assert insert(raw_of(target.connection), into, source.lines(asked(source, files=True))) == len(ROWS)
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT id, a, b, c FROM t ORDER BY id").all()
    engine.dispose()
    assert [tuple(row) for row in found] == ROWS
