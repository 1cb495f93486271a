"""Masked copies: the same shapes, counts and dirt, and nobody in them."""

import json
import shutil
import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from string import ascii_lowercase

import pytest
import yaml

from merger.cli.run import run
from merger.demo import personal_values, write_demo
from merger.demo.masking import copy_like, copying
from merger.demo.masking.cells import change_of, changed_part
from merger.demo.masking.masks import Masks, is_placeholder, may_recur
from merger.demo.masking.roles import Role
from merger.errors import InputError, Refused
from merger.migrate.campaign import Campaign
from merger.migrate.ledger import upgrade
from merger.systems.profiles import load_profile


def quiet(*_):
    pass


def asked(database, words, *values):
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(words, values).fetchall()


def told(database, script):
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(script)


def everything(database):
    """Every cell of a database as one text."""
    with closing(sqlite3.connect(database)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        cells = (
            str(cell)
            for (name,) in names
            for row in connection.execute(f'SELECT * FROM "{name}"')
            for cell in row
        )
        return "\n".join(cells)


def digests(folder):
    return {path: sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    folder = tmp_path_factory.mktemp("original") / "demo"
    write_demo(folder, 20, 7)
    return folder


@pytest.fixture(scope="module")
def masked(original, tmp_path_factory):
    before = digests(original)
    made = copy_like(original / "job.yaml", tmp_path_factory.mktemp("masked") / "copy", progress=quiet)
    assert digests(original) == before
    return made


@pytest.fixture
def small(tmp_path):
    """A system with its profile and some rows, to be spoiled at will."""
    profile = tmp_path / "small.yaml"
    tree = {
        "schema": "merger/profile/1",
        "id": "small",
        "datasets": {
            "people": {"table": "person", "key": ["id"], "personal": ["name", "born"]},
            "cases": {
                "table": "file",
                "key": ["id"],
                "units": {"place": {"value": "commune", "role": "place"}},
                "status": "state",
                "pending": ["đang chờ"],
                "dated_by": {"column": "day", "time": "iso"},
                "references": {"person": {"to": "people", "column": "person", "optional": True}},
                "personal": ["owner"],
            },
            "papers": {
                "table": "paper",
                "key": ["id"],
                "parent": "case",
                "references": {"case": {"to": "cases", "column": "file"}},
            },
        },
    }
    profile.write_text(yaml.safe_dump(tree, allow_unicode=True), "utf-8")
    database = tmp_path / "small.db"
    told(
        database,
        """
        CREATE TABLE person (id TEXT PRIMARY KEY, name TEXT NOT NULL, born TEXT, hobby TEXT DEFAULT 'none',
          photo BLOB);
        CREATE TABLE file (id INTEGER PRIMARY KEY AUTOINCREMENT, person TEXT REFERENCES person (id),
          commune TEXT, state TEXT CHECK (length(state) < 40), day TEXT, owner TEXT COLLATE NOCASE,
          number TEXT UNIQUE, data TEXT);
        CREATE TABLE paper (id INTEGER PRIMARY KEY, file INTEGER, title TEXT, size INTEGER,
          twice INTEGER GENERATED ALWAYS AS (size * 2) VIRTUAL);
        CREATE TABLE elsewhere (code TEXT, words TEXT, PRIMARY KEY (code, words)) WITHOUT ROWID;
        CREATE TABLE loud (said TEXT);
        CREATE TABLE merger_row (hash BLOB);
        CREATE VIRTUAL TABLE found USING fts5 (words);
        CREATE INDEX by_owner ON file (owner) WHERE owner IS NOT NULL;
        CREATE VIEW waiting AS SELECT id FROM file WHERE state = 'đang chờ';
        CREATE TRIGGER speaks AFTER INSERT ON paper BEGIN INSERT INTO loud VALUES (new.title); END;
        INSERT INTO person VALUES ('068190001234', 'Nguyễn Thị Hoà', '1990-02-03', 'câu cá', x'FFD8FF00'),
          ('068190005678', 'Nguyễn Thị Hòa', '19900203', NULL, NULL), ('000000001', 'Lê An', '', '', x'');
        INSERT INTO file (person, commune, state, day, owner, number, data) VALUES
          ('068190001234', '24848', 'đang chờ', '2025-06-30', 'Nguyễn Thị Hoà', 'A-1',
           '{"owner": {"name": "Nguyễn Thị Hoà", "phones": ["0912345678", 84912345678]}, "vip": true}'),
          ('068190005678', ' 24848', 'xong', '2025-02-30', 'NGUYỄN THỊ HOÀ', 'A-2', '{"broken": "Nguyễn'),
          ('gone', '', 'đang chờ', 'hôm qua', NULL, 'A-3', NULL),
          (NULL, NULL, NULL, '', ' Lê  An ', NULL, '[]'),
          (NULL, 'Nhà bà Tư Cải', 'x', '2025-06-30', '', '', '');
        INSERT INTO paper (id, file, title, size) VALUES (1, 1, 'Đơn của Nguyễn Thị Hoà', 1200),
          (2, 77, 'Đơn', 7);
        INSERT INTO elsewhere VALUES ('068190001234', 'bệnh nhân số 12');
        INSERT INTO merger_row VALUES (x'00');
        INSERT INTO found VALUES ('Nguyễn Thị Hoà');
        PRAGMA user_version = 41;
        """,
    )
    return profile, database


def test_every_check_passes_on_the_demo_and_the_plan_is_the_same(masked):
    assert {one.code: one.state for one in masked.checks} == dict.fromkeys(
        ("source-unwritten", "nobody", "combinations", "orphans", "plan"), "passed"
    )
    assert all(one.count for one in masked.checks)


def test_nobody_of_the_demo_is_in_the_copy(masked, original):
    campaign = Campaign(original / "job.yaml")
    names = {name for some in campaign.localities().values() for name in some}
    copies = {one.system: everything(f"{masked.folder}/{one.database}") for one in masked.systems}
    for one in (*campaign.sources, campaign.target):
        private = set(personal_values(one.database, one.profile)) - names
        hidden = {value for value in private if not may_recur(value)}
        assert hidden
        assert {value for value in hidden if value in copies[one.system]} == set()


def test_the_same_person_is_the_same_person_in_every_system(masked, original):
    def numbers(folder, system, words):
        return [one for (one,) in asked(f"{folder}/databases/{system}.db", words)]

    plain = "SELECT id_number FROM citizen ORDER BY rowid"
    other = "SELECT SoDinhDanh FROM CongDan ORDER BY rowid"
    before = numbers(original, "onestop-68", plain), numbers(original, "onestop-60", other)
    after = numbers(masked.folder, "onestop-68", plain), numbers(masked.folder, "onestop-60", other)
    shared = set(before[0]) & set(before[1]) - {None, ""}
    assert len(shared) >= 3
    for number in shared:
        assert after[0][before[0].index(number)] == after[1][before[1].index(number)]
    assert [before[0].count(one) for one in before[0]] == [after[0].count(one) for one in after[0]]
    assert [one for one in before[0] if one == "000000001"] == [one for one in after[0] if one == "000000001"]


def test_the_copy_is_a_job_that_runs(masked, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("MERGER_STATE", str(tmp_path))
    job = f"{masked.folder}/{masked.job}"
    assert run(["--lang", "en", "check", job, "--json"]) in (0, 1)
    states = {one["code"]: one["state"] for one in json.loads(capsys.readouterr().out)["checks"]}
    assert "failed" not in {state for code, state in states.items() if code not in ("trust", "approvals")}
    tree = yaml.safe_load(Path(job).read_text("utf-8"))
    assert tree["id"] == "demo-2025-rehearsal"
    assert {one["database"]["path"] for one in tree["sources"]} == {
        f"databases/{one}.db"
        for one in ("onestop-60", "onestop-67", "onestop-68", "docs-60", "docs-67", "docs-68")
    }


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


def test_a_public_column_stays_and_one_that_holds_people_is_found(small, tmp_path):
    profile, database = small
    tree = yaml.safe_load(profile.read_text("utf-8"))
    tree["datasets"]["papers"]["public"] = ["size"]
    profile.write_text(yaml.safe_dump(tree, allow_unicode=True), "utf-8")
    copy_like(profile, tmp_path / "copy", database=database, progress=quiet)
    assert asked(tmp_path / "copy/databases/small.db", "SELECT size, twice FROM paper") == [
        (1200, 2400),
        (7, 14),
    ]
    tree["datasets"]["papers"]["public"] = ["size", "title"]
    profile.write_text(yaml.safe_dump(tree, allow_unicode=True), "utf-8")
    with pytest.raises(Refused) as refused:
        copy_like(profile, tmp_path / "other", database=database, progress=quiet)
    assert "small/file.owner → small/paper.title" in str(refused.value) or (
        "small/person.name → small/paper.title" in str(refused.value)
    )
    assert "Nguyễn" not in str(refused.value)
    assert not (tmp_path / "other").exists()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["copy", "small.db", "small.yaml"]


def test_rows_that_are_still_in_the_log_are_copied_and_the_log_is_left(small, tmp_path):
    profile, database = small
    with closing(sqlite3.connect(database)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("INSERT INTO paper (id, file, title, size) VALUES (3, 1, 'mới', 1)")
        writer.commit()
        made = copy_like(profile, tmp_path / "copy", database=database, progress=quiet)
    assert made.checks[0].state == "passed"
    assert asked(tmp_path / "copy/databases/small.db", "SELECT count(*) FROM paper") == [(3,)]


def test_a_smaller_copy_has_every_code_and_whole_references(original, tmp_path):
    made = copy_like(original / "job.yaml", tmp_path / "copy", rows=15, progress=quiet)
    assert {one.code: one.state for one in made.checks} == {
        "source-unwritten": "passed", "nobody": "passed", "combinations": "not-asked", "orphans": "passed",
        "plan": "not-asked",
    }  # fmt: skip
    for words in (
        "SELECT DISTINCT commune_code FROM dossier ORDER BY 1",
        "SELECT DISTINCT agency_code FROM dossier ORDER BY 1",
        "SELECT DISTINCT state FROM dossier ORDER BY 1",
    ):
        assert asked(tmp_path / "copy/databases/onestop-68.db", words) == asked(
            original / "databases/onestop-68.db", words
        )
    table = next(one for one in made.systems[2].tables if one.table == "dossier_step")
    assert 15 <= table.copied < table.rows
    assert made.rows < sum(one.rows for system in made.systems for one in system.tables)


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


def test_what_must_not_be_overwritten_is_refused(small, tmp_path, capsys):
    profile, database = small
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "notes.txt").write_text("mine")
    like = ["--lang", "en", "demo", "--like", str(profile), "--database", str(database)]
    assert run([*like, "--dir", str(mine), "--replace"]) == 3
    assert "holds no masked copy; nothing was written" in capsys.readouterr().err
    assert run([*like, "--dir", str(tmp_path), "--replace"]) == 3
    assert "which the copy would take the place of" in capsys.readouterr().err
    copy = tmp_path / "copy"
    assert run([*like, "--dir", str(copy)]) == 0
    first = (copy / "databases/small.db").read_bytes()
    assert "values of masked columns occurs in the copy" in capsys.readouterr().out
    assert run([*like, "--dir", str(copy)]) == 3
    assert "replace it with --replace" in capsys.readouterr().err
    assert (copy / "databases/small.db").read_bytes() == first
    assert run([*like, "--dir", str(copy), "--replace", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["checks"][1]["state"] == "passed"
    assert (copy / "databases/small.db").read_bytes() != first
    assert [one.name for one in mine.iterdir()] == ["notes.txt"]


def test_what_cannot_be_used_is_told_at_once(small, tmp_path):
    profile, database = small
    with pytest.raises(Refused, match="does not say where its data are"):
        copy_like(profile, tmp_path / "copy", progress=quiet)
    with pytest.raises(Refused, match="there is no database at"):
        copy_like(profile, tmp_path / "copy", database=tmp_path / "none.db", progress=quiet)
    with pytest.raises(Refused, match="cannot be opened as a database"):
        copy_like(profile, tmp_path / "copy", database=profile, progress=quiet)
    told(
        database,
        "ALTER TABLE file DROP COLUMN data; DROP TRIGGER speaks; ALTER TABLE paper RENAME TO papers;",
    )
    told(
        database,
        "ALTER TABLE person RENAME COLUMN born TO birth; ALTER TABLE file RENAME COLUMN day TO days;",
    )
    with pytest.raises(InputError) as wrong:
        copy_like(profile, tmp_path / "copy", database=database, progress=quiet)
    assert [one.message for one in wrong.value.findings] == [
        "dataset cases: the table file has no column day",
        "dataset papers: the database has no table paper",
        "dataset people: the table person has no column born",
    ]
    profile.write_text(profile.read_text("utf-8").replace("key:", "kee:").replace("time: iso", "time: isu"))
    with pytest.raises(InputError) as wrong:
        copy_like(profile, tmp_path / "copy", database=database, progress=quiet)
    assert len(wrong.value.findings) >= 3
    assert not (tmp_path / "copy").exists()


def test_a_job_whose_target_had_a_run_is_refused_before_anything_is_read(original, tmp_path, capsys):
    job = shutil.copytree(original, tmp_path / "demo") / "job.yaml"
    platform = tmp_path / "demo/databases/platform.db"
    upgrade(platform)
    told(platform, "INSERT INTO merger_run (id, job, kind, state, plan_sha256, plan, started)"
                   " VALUES ('r1', 'demo', 'apply', 'done', '00', x'', '2025-07-01T00:00:00Z')")  # fmt: skip
    like = ["demo", "--like", str(job), "--dir", str(tmp_path / "copy")]
    assert run(["--lang", "en", *like]) == 3
    said = capsys.readouterr().err
    assert "(platform) has had runs of merger; nothing was written" in said
    assert "give the PROFILE of one system instead of the job" in said
    assert run(["--lang", "vi", *like]) == 3
    assert "(platform) đã từng nhận dữ liệu do merger chuyển; chưa ghi gì" in capsys.readouterr().err
    assert [one.name for one in tmp_path.iterdir()] == ["demo"]


def test_a_short_login_behind_which_a_rule_puts_the_system_is_nobody(original, tmp_path):
    job = shutil.copytree(original, tmp_path / "demo") / "job.yaml"
    logins = [f"{letter}@onestop-60" for letter in ascii_lowercase if not is_placeholder(letter)]
    with closing(sqlite3.connect(tmp_path / "demo/databases/platform.db")) as target:
        rows = target.execute("SELECT rowid FROM opencps_employee LIMIT ?", (len(logins),)).fetchall()
        target.executemany(
            "UPDATE opencps_employee SET userName = ? WHERE rowid = ?",
            [(login, row) for login, (row,) in zip(logins, rows, strict=True)],
        )
        target.commit()
    made = copy_like(job, tmp_path / "copy", progress=quiet)
    assert {one.code: one.state for one in made.checks}["nobody"] == "passed"
    copied = asked(tmp_path / "copy/databases/platform.db", "SELECT userName FROM opencps_employee")
    assert {one for (one,) in copied} & set(logins)
    longer = Role(affixes={("", "@onestop-60")}, separators={","})
    assert changed_part("an10@onestop-60,nguyenvanan@onestop-60", longer) == "an10nguyenvanan"
    assert changed_part("an10@onestop-60", Role()) == "an10@onestop-60"


def test_a_text_that_is_no_text_is_refused_without_its_words(small, tmp_path):
    profile, database = small
    told(database, "UPDATE file SET owner = CAST(x'4E67757986E16E' AS TEXT) WHERE id = 2")
    with pytest.raises(Refused) as refused:
        copy_like(profile, tmp_path / "copy", database=database, progress=quiet)
    assert "is not UTF-8; nothing was written" in str(refused.value)
    assert "Nguy" not in str(refused.value)
    assert not (tmp_path / "copy").exists()


def test_masks_that_meet_in_a_unique_column_are_refused(small, tmp_path, monkeypatch):
    profile, database = small
    monkeypatch.setattr(Masks, "text", lambda _self, value: "x" if value else value)
    with pytest.raises(Refused, match="got the same mask"):
        copy_like(profile, tmp_path / "copy", database=database, progress=quiet)
    assert not (tmp_path / "copy").exists()


def test_a_mask_that_masks_nothing_is_found(small, tmp_path, monkeypatch):
    profile, database = small
    monkeypatch.setattr(Masks, "_words", lambda _self, value: value)
    with pytest.raises(Refused, match="values of masked columns occur in the copy"):
        copy_like(profile, tmp_path / "copy", database=database, progress=quiet)
    assert not (tmp_path / "copy").exists()


def test_a_mask_that_changes_a_code_is_found(original, tmp_path, monkeypatch):
    monkeypatch.setattr(copying, "change_of", lambda role, masks, places: (
        (lambda code: "99999" if code == "24848" else code) if role.use.value == "code"
        else change_of(role, masks, places)
    ))  # fmt: skip
    profile = original / "profiles/onestop-68.yaml"
    database = Path(shutil.copyfile(original / "databases/onestop-68.db", tmp_path / "onestop-68.db"))
    monkeypatch.setattr(copying.Columns, "at", lambda *_: None)
    told(database, "UPDATE dossier SET commune_code = '24848' WHERE rowid = 1")
    made = copy_like(profile, tmp_path / "copy", database=database, progress=quiet)
    assert {one.code for one in made.checks if one.state == "failed"} == {"combinations"}
    assert made.passed is False


def test_the_options_of_a_copy_belong_to_it(capsys):
    assert run(["--lang", "en", "demo", "--replace"]) == 2
    assert "--database, --replace and --json belong to --like" in capsys.readouterr().err
    assert run(["--lang", "vi", "demo", "--json"]) == 2
    assert "chỉ dùng cùng --like" in capsys.readouterr().err


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
    shutil.rmtree(tmp_path / "copy")
