"""The pytest plugin on jobs: none of their files is touched, and each law tells what breaks it."""

import re
import shutil
import sqlite3
from hashlib import sha256

import pytest
import yaml
from plugin_runs import JOB_LAWS, ROOT

from merger.messages import catalogue
from merger.testing.suite import telling
from merger.testing.trials import Trial

pytest_plugins = ["pytester"]

SPOILING = (
    "CREATE TRIGGER spoil AFTER INSERT ON p_file BEGIN INSERT INTO p_officer (fullName) VALUES ('x'); END"
)

CHANGING = (
    "CREATE TRIGGER changes AFTER INSERT ON p_dossier"
    " BEGIN UPDATE p_dossier SET ward = '99999' WHERE id = new.id; END"
)


def contents(folder):
    return {path: sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


def spoiled(job, statement):
    connection = sqlite3.connect(job.parent / "platform.db")
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_sound_job_passes_and_none_of_its_files_is_touched(tried, job):
    before = contents(job.parent)
    tried("--merger-job", job).assert_outcomes(passed=JOB_LAWS)
    assert contents(job.parent) == before


def test_a_target_outside_of_the_folder_is_copied_first(tried, job, tmp_path, monkeypatch):
    for name in ("platform", "one"):
        shutil.move(job.parent / f"{name}.db", tmp_path / f"{name}.db")
    monkeypatch.setenv("ONE", f"sqlite:///{tmp_path / 'one.db'}")
    tree = yaml.safe_load(job.read_text("utf-8"))
    tree["target"]["database"] = {"path": str(tmp_path / "platform.db")}
    tree["sources"][0]["database"] = {"url_env": "ONE"}
    job.write_text(yaml.safe_dump(tree), "utf-8")
    before = contents(tmp_path)
    tried("--merger-job", job, "-k", "job-twice or job-rollback").assert_outcomes(
        passed=2, deselected=JOB_LAWS - 2
    )
    assert contents(tmp_path) == before


def test_another_database_than_sqlite_is_skipped_with_the_reason(tried, job, monkeypatch):
    monkeypatch.setenv("PLATFORM", "postgresql://somewhere/platform")
    tree = yaml.safe_load(job.read_text("utf-8"))
    tree["target"]["database"] = {"url_env": "PLATFORM"}
    job.write_text(yaml.safe_dump(tree), "utf-8")
    result = tried("--merger-job", job, "-rs")
    result.assert_outcomes(skipped=JOB_LAWS)
    result.stdout.fnmatch_lines(
        ["*the database of platform is no SQLite file; only those are copied and tried"]
    )


@pytest.mark.parametrize(
    ("law", "statement", "said"),
    [
        (
            "job-conservation",
            SPOILING,
            "  p_officer: the target's table has * rows; with those of before and those moved *",
        ),
        (
            "job-rollback",
            SPOILING,
            "  p_officer: * rows were not there before or were otherwise, the first with the key *",
        ),
        ("job-can-run", "ALTER TABLE p_officer RENAME COLUMN fullName TO otherName", "  columns *fullName*"),
    ],
)
def test_a_broken_job_fails_with_what_was_found(tried, job, law, statement, said):
    spoiled(job, statement)
    result = tried("--merger-job", job, "--merger-seed", 7, "-k", law)
    result.assert_outcomes(failed=1, deselected=JOB_LAWS - 1)
    sentence = catalogue("en", "testing")[f"law.{law}"]
    command = f"  pytest --merger-job {job} --merger-seed 7 --merger-examples 20 -k {law}"
    result.stdout.fnmatch_lines([f"does not hold: {sentence}", f"{job}:", said, command])


@pytest.mark.parametrize(
    ("language", "law", "said"),
    [
        (
            "en",
            "job-conservation",
            [
                "  just applied, these checks fail:",
                "    */dossiers: No holder and no place names an abolished unit or agency (*)",
                "  */dossiers, row * of 1000? * (clause *, *job/mapping/units.yaml:*):"
                " column ward of the target is not what was moved",
            ],
        ),
        (
            "vi",
            "job-resume",
            [
                "  bị ngắt ở *:* rồi chạy tiếp, các kiểm tra này không đạt:",
                "  */dossiers, dòng * của 1000? * (khoản *, *job/mapping/units.yaml:*):"
                " cột ward ở hệ thống đích không phải là giá trị đã chuyển",
            ],
        ),
    ],
)
def test_a_changed_row_is_told_with_its_unit_and_clause(tried, job, monkeypatch, language, law, said):
    monkeypatch.setenv("MERGER_LANG", language)
    spoiled(job, CHANGING)
    result = tried("--merger-job", job, "-k", law)
    result.assert_outcomes(failed=1, deselected=JOB_LAWS - 1)
    result.stdout.fnmatch_lines(said)
    result.stdout.no_fnmatch_line("*merger-trial-*")


def test_a_job_that_adds_rows_every_time_fails(tried, job, monkeypatch):
    def spoiling(method):
        def done(self, *given):
            result = method(self, *given)
            connection = sqlite3.connect(self.target)
            connection.execute("INSERT INTO p_officer (fullName) VALUES ('x')")
            connection.commit()
            connection.close()
            return result

        return done

    monkeypatch.setattr(Trial, "apply", spoiling(Trial.apply))
    result = tried("--merger-job", job, "-k", "job-twice")
    result.assert_outcomes(failed=1, deselected=JOB_LAWS - 1)
    result.stdout.fnmatch_lines(["  the second time changed these tables *:", "    p_officer: * → *"])


def test_a_resumed_run_that_ends_otherwise_fails_with_its_failpoint(tried, job, monkeypatch):
    die = Trial.apply_and_die

    def die_and_double(self, failpoint):
        reached = die(self, failpoint)
        connection = sqlite3.connect(self.target)
        connection.execute("INSERT INTO p_officer (fullName) VALUES ('x')")
        connection.commit()
        connection.close()
        return reached

    monkeypatch.setattr(Trial, "apply_and_die", die_and_double)
    result = tried("--merger-job", job, "-k", "job-resume")
    result.assert_outcomes(failed=1, deselected=JOB_LAWS - 1)
    result.stdout.fnmatch_lines(
        ["  killed at *:* and started again, these tables are not as after *:", "    p_officer: * → *"]
    )


def test_every_phrase_of_the_laws_of_jobs_has_its_message():
    source = (ROOT / "merger" / "testing" / "laws" / "jobs.py").read_text("utf-8")
    found = re.findall(r"(?<!check)_equal\(.*, f?\"([^\"]+)\"\)", source)
    fields = {"where": "one/x", "table": "t", "one.unit": "1", "name": "n", "failpoint": "in-batch:2",
              "when": "just applied"}  # fmt: skip
    assert len(found) > 12
    for phrase in found:
        if not phrase.startswith("differences"):  # these are of a law that the suite does not try
            words = re.sub(r"\{([^}]*)\}", lambda match: fields[match[1]], phrase)
            assert not [one for one in telling._said(f"{words}: 1 instead of 2") if words in one], phrase
