"""Tables of a profile's database as input and output: every value as it was, and all or nothing."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_country import CODES

from merger.errors import InputError, Refused
from merger.recode import Column, Days, Task, recode
from merger.systems.stores import DatabaseFailed

TO = date(2020, 1, 1)
TASK = Task((Column("code"),), Days(TO, at=date(2017, 1, 1)))
PROFILE = """\
schema: merger/profile/1
id: small
database: {path: small.db}
datasets:
  people: {table: nguoi, key: [id]}
"""
VALUES = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
    st.binary(max_size=6),
)


@pytest.fixture
def profile(tmp_path):
    """A profile with a database whose table holds values of every kind."""
    (tmp_path / "small.yaml").write_text(PROFILE, "utf-8")
    with closing(sqlite3.connect(tmp_path / "small.db")) as database:
        database.execute(
            'CREATE TABLE nguoi (id INTEGER PRIMARY KEY, code TEXT, "x ""y" VARCHAR(9), b BLOB, n)'
        )
        rows = [
            ("F1", "", b"\0\xff", 1),
            ("007", None, None, "1"),
            ("E1", "a\0b", b"", 1.0),
            (None, "ă", b"x", b"1"),
        ]
        database.executemany('INSERT INTO nguoi (code, "x ""y", b, n) VALUES (?, ?, ?, ?)', rows)
        database.commit()
    return tmp_path / "small.yaml"


def at(profile, table):
    return Path(f"{profile}:{table}")


def rows_of(folder, table):
    with closing(sqlite3.connect(folder / "small.db")) as database:
        cursor = database.execute(f'SELECT * FROM "{table}"')
        return [one[0] for one in cursor.description], cursor.fetchall()


def tables(folder):
    with closing(sqlite3.connect(folder / "small.db")) as database:
        return sorted(name for (name,) in database.execute("SELECT name FROM sqlite_master"))


def test_a_table_becomes_a_new_one_with_every_value_of_its_kind(knowledge, profile, tmp_path):
    before = rows_of(tmp_path, "nguoi")
    result = recode(at(profile, "nguoi"), TASK, knowledge, at(profile, "moi"), at(profile, "cho"))
    names, rows = rows_of(tmp_path, "moi")
    assert names == [*before[0], "code_new", "code_outcome"]
    assert [row[:-2] for row in rows] == before[1]
    assert [tuple(map(type, row[:-2])) for row in rows] == [tuple(map(type, row)) for row in before[1]]
    assert [row[-2:] for row in rows] == [
        ("007", "unique"),
        (None, "not-valid"),
        (None, "ended"),
        (None, "unknown"),
    ]
    assert [row[-1] for row in rows_of(tmp_path, "cho")[1]] == ["not-valid-then", "ended", "code-empty"]
    assert rows_of(tmp_path, "nguoi") == before
    assert (result.rows, result.unresolved) == (4, 3)
    with closing(sqlite3.connect(tmp_path / "small.db")) as database:
        types = [(name, kind) for _, name, kind, *_ in database.execute("PRAGMA table_info(moi)")]
    assert types[:5] == [
        ("id", "INTEGER"),
        ("code", "TEXT"),
        ('x "y', "VARCHAR(9)"),
        ("b", "BLOB"),
        ("n", ""),
    ]


@settings(max_examples=30, deadline=None)
@given(rows=st.lists(st.tuples(st.sampled_from(CODES), VALUES, VALUES), max_size=8))
def test_there_and_back_is_the_same_table(knowledge, tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("there")
    (folder / "small.yaml").write_text(PROFILE, "utf-8")
    with closing(sqlite3.connect(folder / "small.db")) as database:
        database.execute("CREATE TABLE t (code, a, b)")
        database.executemany("INSERT INTO t VALUES (?, ?, ?)", rows)
        database.commit()
    recode(at(folder / "small.yaml", "t"), TASK, knowledge, at(folder / "small.yaml", "u"))
    assert [row[:3] for row in rows_of(folder, "u")[1]] == rows_of(folder, "t")[1]


def test_a_dataset_names_its_table_and_a_table_becomes_a_file(knowledge, profile, tmp_path):
    with closing(sqlite3.connect(tmp_path / "small.db")) as database:
        database.execute("ALTER TABLE nguoi DROP COLUMN b")
        database.commit()
    recode(at(profile, "people"), TASK, knowledge, tmp_path / "o.csv")
    assert (tmp_path / "o.csv").read_text("utf-8").splitlines()[:3] == [
        'id,code,"x ""y",n,code_new,code_outcome',
        '1,F1,"",1,007,unique',
        "2,007,,1,,not-valid",
    ]
    recode(at(profile, "people"), TASK, knowledge, tmp_path / "o.parquet")
    assert pl.read_parquet(tmp_path / "o.parquet")["id"].to_list() == [1, 2, 3, 4]


def test_bytes_do_not_become_text(knowledge, profile, tmp_path):
    with pytest.raises(InputError, match="the column 'b' holds Binary, which has no one form as text"):
        recode(at(profile, "nguoi"), TASK, knowledge, tmp_path / "o.csv")
    assert not (tmp_path / "o.csv").exists()


def test_types_of_parquet_are_kept_in_a_database_as_exactly_as_it_can(knowledge, profile, tmp_path):
    frame = pl.DataFrame(
        {
            "code": ["F1"],
            "d": [date(2024, 2, 29)],
            "n": [Decimal("12345678901234567890.10")],
            "i": pl.Series([2**63 - 1], dtype=pl.UInt64),
            "f": [0.1],
            "b": [True],
            "e": [""],
        }
    )
    frame.write_parquet(tmp_path / "in.parquet")
    recode(tmp_path / "in.parquet", TASK, knowledge, at(profile, "moi"))
    assert rows_of(tmp_path, "moi")[1][0][1:7] == (
        "2024-02-29",
        "12345678901234567890.10",
        2**63 - 1,
        0.1,
        1,
        "",
    )


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (pl.Series("x", [[1]]), "the column 'x' holds List(Int64), for which a database has no type"),
        (pl.Series("x", [float("nan")]), "the column 'x' holds a number that a database cannot keep"),
        (
            pl.Series("x", [2**63], dtype=pl.UInt64),
            "the column 'x' holds a number that a database cannot keep",
        ),
        (pl.Series("CODE", ["a"]), "the column 'CODE' would be there twice"),
    ],
)
def test_what_a_database_would_change_is_told_and_no_table_is_made(
    knowledge, profile, tmp_path, column, said
):
    pl.DataFrame([pl.Series("code", ["F1"]), column]).write_parquet(tmp_path / "in.parquet")
    with pytest.raises(InputError) as caught:
        recode(tmp_path / "in.parquet", TASK, knowledge, at(profile, "moi"))
    assert said in str(caught.value)
    assert tables(tmp_path) == ["nguoi"]


def test_a_table_that_is_there_is_only_replaced_where_asked_and_never_one_of_the_profile(
    knowledge, profile, tmp_path
):
    source = at(profile, "nguoi")
    recode(source, TASK, knowledge, at(profile, "moi"))
    with pytest.raises(Refused, match="MOI is there already"):
        recode(source, TASK, knowledge, at(profile, "MOI"))
    recode(source, TASK, knowledge, at(profile, "moi"), replace=True)
    (tmp_path / "in.csv").write_text("code\nF1\n")
    for name in ("nguoi", "NGUOI", "people"):
        with pytest.raises(Refused, match="is a table that its profile describes"):
            recode(tmp_path / "in.csv", TASK, knowledge, at(profile, name), replace=True)
    with pytest.raises(Refused, match="is the input or another output"):
        recode(source, TASK, knowledge, at(profile, "people"), replace=True)
    with closing(sqlite3.connect(tmp_path / "small.db")) as database:
        database.execute("CREATE VIEW nhin AS SELECT 1")
    with pytest.raises(Refused, match="there is a table or view nhin in"):
        recode(source, TASK, knowledge, at(profile, "nhin"), replace=True)


def test_an_output_file_that_is_there_is_only_replaced_where_asked(knowledge, tmp_path):
    (tmp_path / "in.csv").write_text("code\nF1\n")
    (tmp_path / "out.csv").write_text("old")
    with pytest.raises(Refused, match=r"out\.csv is there already; nothing was written"):
        recode(tmp_path / "in.csv", TASK, knowledge, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "old"
    recode(tmp_path / "in.csv", TASK, knowledge, tmp_path / "out.csv", replace=True)
    assert (tmp_path / "out.csv").read_text() == "code,code_new,code_outcome\nF1,007,unique\n"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("database: {path: small.db}\n", ""), "does not say where its database is"),
        (("small.db", "none.db"), "there is no database at"),
        (("path: small.db", "url_env: MERGER_NO_SUCH"), "the environment variable MERGER_NO_SUCH is"),
        (("path: small.db", "url_env: MERGER_PG"), "is of the kind postgresql, whose tables are not"),
    ],
)
def test_a_profile_without_a_database_that_can_be_read_is_refused(
    knowledge, profile, tmp_path, monkeypatch, change, said
):
    monkeypatch.setenv("MERGER_PG", "postgresql+psycopg://user:secret@host/db")
    profile.write_text(PROFILE.replace(*change), "utf-8")
    with pytest.raises(Refused) as caught:
        recode(at(profile, "nguoi"), TASK, knowledge, tmp_path / "o.csv")
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_url_from_the_environment_names_the_database(knowledge, profile, tmp_path, monkeypatch):
    monkeypatch.setenv("MERGER_SMALL", f"sqlite:///{tmp_path / 'small.db'}")
    profile.write_text(PROFILE.replace("path: small.db", "url_env: MERGER_SMALL"), "utf-8")
    recode(at(profile, "nguoi"), TASK, knowledge, tmp_path / "o.parquet")
    assert pl.read_parquet(tmp_path / "o.parquet").height == 4


def test_a_table_that_is_not_there_and_a_file_that_is_no_database_are_told(knowledge, profile, tmp_path):
    with pytest.raises(Refused, match="there is no table khong in"):
        recode(at(profile, "khong"), TASK, knowledge, tmp_path / "o.csv")
    (tmp_path / "small.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(DatabaseFailed, match="damaged or is no database"):
        recode(at(profile, "nguoi"), TASK, knowledge, tmp_path / "o.csv")
    with pytest.raises(InputError, match="there is no such file"):
        recode(Path("none.yaml:nguoi"), TASK, knowledge, tmp_path / "o.csv")


def test_a_text_that_is_not_utf_8_is_told_without_its_words(knowledge, profile, tmp_path):
    with closing(sqlite3.connect(tmp_path / "small.db")) as database:
        database.execute("UPDATE nguoi SET code = CAST(x'FF41' AS TEXT) WHERE id = 2")
        database.commit()
    with pytest.raises(DatabaseFailed, match="a text in a database is not UTF-8"):
        recode(at(profile, "nguoi"), TASK, knowledge, tmp_path / "o.csv")


def test_a_source_is_read_with_what_stands_in_its_write_ahead_log(knowledge, profile, tmp_path):
    with closing(sqlite3.connect(tmp_path / "small.db")) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("INSERT INTO nguoi (code) VALUES ('F1')")
        database.commit()
        assert recode(at(profile, "nguoi"), TASK, knowledge, tmp_path / "o.parquet").rows == 5


def test_an_error_in_a_later_output_leaves_no_table(knowledge, profile, tmp_path):
    with pytest.raises(InputError, match="has no one form as text"):
        recode(at(profile, "nguoi"), TASK, knowledge, at(profile, "moi"), tmp_path / "rest.csv")
    assert tables(tmp_path) == ["nguoi"]


KILLED = """
import os, signal, sys
from datetime import date
from pathlib import Path
from merger.recode import Column, Days, Task, databases, recode
from merger.recode.knowledge import Knowledge
calls = []
cells = databases.cells
def killing(*given):
    calls.append(1)
    if len(calls) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return cells(*given)
databases.cells = killing
folder = Path(sys.argv[1])
task = Task((Column("code"),), Days(date(2020, 1, 1), at=date(2017, 1, 1)))
recode(folder / "in.parquet", task, Knowledge([Path(sys.argv[2])]), Path(f"{folder / 'small.yaml'}:moi"))
"""


@pytest.mark.faults
@pytest.mark.usefixtures("profile")
def test_a_kill_in_the_midst_of_writing_leaves_nothing(tmp_path):
    from small_country import mapping

    pl.DataFrame({"code": ["F1"] * 120_000}).write_parquet(tmp_path / "in.parquet")
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), str(mapping(tmp_path))],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert ended.returncode == -9
    assert tables(tmp_path) == ["nguoi"]
