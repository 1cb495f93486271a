"""Masked copies of a whole job: nobody of it is left, and it runs as before."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from string import ascii_lowercase
from types import SimpleNamespace

import yaml
from masking_files import asked, everything, quiet

from merger.cli.run import run
from merger.demo import personal_values
from merger.demo.masking import copy_like
from merger.demo.masking.cells import changed_part
from merger.demo.masking.masks import is_placeholder, may_recur
from merger.demo.masking.rehearsal_job import write_job
from merger.demo.masking.roles import Role
from merger.migrate.campaign import Campaign


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
        private = set(personal_values(one.file, one.profile)) - names
        hidden = {value for value in private if not may_recur(value)}
        assert hidden
        assert copies[one.system]
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
    assert "000000001" in before[0]
    assert [one for one in before[0] if one == "000000001"] == [one for one in after[0] if one == "000000001"]


def test_the_copy_names_no_file_store_of_the_original(original, tmp_path):
    path = original / "job.yaml"
    tree = yaml.safe_load(path.read_text("utf-8"))
    for system in (*tree["sources"], tree["target"]):
        system["files"] = {"url_env": "FILES"}
    (original / "files.yaml").write_text(yaml.safe_dump(tree, allow_unicode=True), "utf-8")
    campaign = Campaign(original / "files.yaml")
    run_ = SimpleNamespace(
        originals=(*campaign.sources, campaign.target), profile_place=lambda _: "p", place=lambda _: "d"
    )
    write_job(campaign, run_, tmp_path)
    written = yaml.safe_load((tmp_path / "job.yaml").read_text("utf-8"))
    assert not [one for one in (*written["sources"], written["target"]) if "files" in one]


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
