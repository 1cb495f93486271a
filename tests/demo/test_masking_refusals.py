"""Masked copies that are refused, and the checks that find a mask with a flaw."""

import json
import shutil
from pathlib import Path

import pytest
import yaml
from masking_files import asked, quiet, told

from merger.cli.run import run
from merger.demo.masking import copy_like, copying, like
from merger.demo.masking.cells import change_of
from merger.demo.masking.masks import Masks
from merger.errors import InputError, Refused
from merger.migrate.ledger import upgrade


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


def test_a_run_whose_masks_meet_by_chance_is_tried_again(original, tmp_path, monkeypatch):
    tried = []

    def meets_first(checks):
        tried.append(len(checks))
        if len(tried) < like.TRIES:
            raise Refused("demo.like.somebody", found="a coincidence")

    monkeypatch.setattr(like, "_refuse_people", meets_first)
    made = copy_like(original / "job.yaml", tmp_path / "copy", rows=5, progress=quiet)
    assert len(tried) == like.TRIES
    assert made.rows > 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy"]


def test_a_run_that_finds_somebody_each_time_is_refused_and_leaves_nothing(original, tmp_path, monkeypatch):
    def always(_checks):
        raise Refused("demo.like.somebody", found="onestop-60/citizen.name: 3")

    monkeypatch.setattr(like, "_refuse_people", always)
    with pytest.raises(Refused, match=r"onestop-60/citizen\.name: 3"):
        copy_like(original / "job.yaml", tmp_path / "copy", rows=5, progress=quiet)
    assert list(tmp_path.iterdir()) == []
