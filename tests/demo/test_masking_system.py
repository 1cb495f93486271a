"""The masked copy of one system: the same shapes, counts and dirt, other words in it."""

import json
import sqlite3
from contextlib import closing

import pytest
from masking_files import asked, everything, quiet, told

from merger.demo.masking import copy_like
from merger.systems.profiles import load_profile


def test_what_no_profile_speaks_of_is_masked(small, tmp_path):
    profile, database = small
    made = copy_like(profile, tmp_path / "copy", database=database, progress=quiet)
    words = everything(tmp_path / "copy/databases/small.db")
    for secret in (
        "câu cá",
        "bệnh nhân",
        "Nguyễn",
        "068190001234",
        "0912345678",
        "84912345678",
        "Tư Cải",
        "Đơn của",
    ):
        assert secret in everything(database)
        assert secret not in words
    assert made.passed
    (system,) = made.systems
    uses = {(table.table, one.column): one.use.value for table in system.tables for one in table.columns}
    assert uses["elsewhere", "words"] == "key"
    assert uses["person", "hobby"] == "masked"
    assert (uses["file", "commune"], uses["file", "state"], uses["file", "day"]) == ("code", "state", "day")
    assert system.left_out == ("found", "found_config", "found_content", "found_data", "found_docsize",
                               "found_idx", "merger_row")  # fmt: skip


def test_the_dirt_stays_dirt(small, tmp_path):
    profile, database = small
    copy_like(profile, tmp_path / "copy", database=database, progress=quiet)
    copy = tmp_path / "copy/databases/small.db"
    codes = "SELECT commune, state, day FROM file ORDER BY id"
    before, after = asked(database, codes), asked(copy, codes)
    assert [*after[:2], after[3]] == [*before[:2], before[3]]
    assert after[2][:2] == before[2][:2]
    assert len(after[2][2]) == len("hôm qua")
    assert after[2][2] != "hôm qua"
    assert after[4][0] != before[4][0]
    assert after[4][1:] == before[4][1:]
    owners = [one for (one,) in asked(copy, "SELECT owner FROM file ORDER BY id")]
    assert owners[0].upper() == owners[1]
    assert owners[2] is None
    assert owners[3][0] == " "
    assert owners[3][3:5] == "  "
    assert owners[3][-1] == " "
    assert owners[4] == ""
    people = asked(copy, "SELECT id, name, born, hobby, photo FROM person ORDER BY rowid")
    assert people[0][1] == owners[0]
    assert people[1][2][:4] == "1990"
    assert people[1][2] == people[0][2].replace("-", "")
    assert people[2][0] == "000000001"
    assert people[2][2:] == ("", "", b"")
    assert len(people[0][4]) == 4
    assert people[0][4] != b"\xff\xd8\xff\x00"
    assert people[1][4] is None
    assert [person for (person,) in asked(copy, "SELECT person FROM file ORDER BY id")] == [
        people[0][0], people[1][0], asked(copy, "SELECT person FROM file WHERE id = 3")[0][0], None, None
    ]  # fmt: skip
    data = [one for (one,) in asked(copy, "SELECT data FROM file ORDER BY id")]
    tree = json.loads(data[0])
    assert tree["owner"]["name"] == owners[0]
    assert tree["vip"] is True
    assert [type(one) for one in tree["owner"]["phones"]] == [str, int]
    assert data[1].startswith('{"')
    assert len(data[1]) == len('{"broken": "Nguyễn')
    assert data[2:] == [None, "[]", ""]


def test_tables_keys_indexes_views_triggers_and_counters_are_the_same(small, tmp_path):
    profile, database = small
    told(database, "DELETE FROM loud; UPDATE sqlite_sequence SET seq = 900 WHERE name = 'file'")
    copy_like(profile, tmp_path / "copy", database=database, progress=quiet)
    copy = tmp_path / "copy/databases/small.db"
    declared = (
        "SELECT type, name, sql FROM sqlite_master"
        " WHERE tbl_name NOT LIKE 'found%' AND tbl_name <> 'merger_row' ORDER BY 1, 2"
    )
    assert asked(copy, declared) == asked(database, declared)
    assert asked(copy, "PRAGMA user_version") == [(41,)]
    assert asked(copy, "SELECT seq FROM sqlite_sequence WHERE name = 'file'") == [(900,)]
    assert asked(copy, "SELECT count(*) FROM loud") == [(0,)]
    assert asked(copy, "PRAGMA integrity_check") == [("ok",)]
    assert (
        len(asked(copy, "PRAGMA foreign_key_check")) == len(asked(database, "PRAGMA foreign_key_check")) == 1
    )


def test_rows_that_are_still_in_the_log_are_copied_and_the_log_is_left(small, tmp_path):
    profile, database = small
    with closing(sqlite3.connect(database)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("INSERT INTO paper (id, file, title, size) VALUES (3, 1, 'mới', 1)")
        writer.commit()
        made = copy_like(profile, tmp_path / "copy", database=database, progress=quiet)
    assert made.checks[0].state == "passed"
    assert asked(tmp_path / "copy/databases/small.db", "SELECT count(*) FROM paper") == [(3,)]


def test_a_copy_of_a_thousand_rows_takes_a_few_of_them(small, tmp_path):
    profile, database = small
    with closing(sqlite3.connect(database)) as writer:
        people = [(f"p{n:05d}x", f"Trần Văn {n}") for n in range(1000)]
        writer.executemany("INSERT INTO person (id, name) VALUES (?, ?)", people)
        rows = [(key, "24848" if n else "rare", "xong") for n, (key, _) in enumerate(people)]
        writer.executemany("INSERT INTO file (person, commune, state) VALUES (?, ?, ?)", rows)
        writer.commit()
    copy_like(profile, tmp_path / "copy", database=database, rows=100, progress=quiet)
    copy = tmp_path / "copy/databases/small.db"
    ((files,),) = asked(copy, "SELECT count(*) FROM file")
    assert 70 <= files <= 140
    assert asked(copy, "SELECT count(*) FROM file WHERE commune = 'rare'") == [(1,)]
    lost = "SELECT count(*) FROM file WHERE person NOT IN (SELECT id FROM person)"
    assert asked(copy, lost) == [(1,)] == asked(database, lost)


def test_the_same_source_has_other_masks_in_every_run(small, tmp_path):
    profile, database = small
    for name in ("a", "b"):
        copy_like(profile, tmp_path / name, database=database, progress=quiet)
    one, other = (asked(tmp_path / name / "databases/small.db", "SELECT name FROM person") for name in "ab")
    assert one != other


def test_a_masked_copy_can_be_masked_again(small, tmp_path):
    profile, database = small
    copy_like(profile, tmp_path / "a", database=database, progress=quiet)
    again = copy_like(profile, tmp_path / "b", database=tmp_path / "a/databases/small.db", progress=quiet)
    assert again.passed


@pytest.mark.parametrize("written", ["database: {path: small.db}\n", "database:\n  path: small.db\n"])
def test_a_profile_that_names_its_database_names_the_copy_in_the_copy(small, tmp_path, written):
    profile, database = small
    profile.write_text(written + profile.read_text("utf-8"), "utf-8")
    made = copy_like(profile, tmp_path / "copy", progress=quiet)
    file = tmp_path / "copy" / made.systems[0].profile
    named = load_profile(file).value
    assert named.datasets == load_profile(profile).value.datasets
    assert (file.parent / named.database.path).resolve() == tmp_path / "copy/databases/small.db"
    again = copy_like(file, tmp_path / "again", progress=quiet)
    assert again.passed
    assert database.is_file()


def test_a_profile_of_the_copy_lies_beside_it(small, tmp_path):
    profile, database = small
    made = copy_like(profile, tmp_path / "copy", database=database, progress=quiet)
    (system,) = made.systems
    assert load_profile(tmp_path / "copy" / system.profile).value == load_profile(profile).value
    assert json.loads((tmp_path / "copy/masking.json").read_text("utf-8"))["systems"][0]["system"] == "small"
