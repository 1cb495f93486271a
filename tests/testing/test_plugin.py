"""The pytest plugin: it passes on sound mappings and jobs, and each law tells what breaks it."""

import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from hashlib import sha256
from importlib.metadata import entry_points
from pathlib import Path
from random import Random

import alembic.command  # noqa: F401  what an inner run imports is forgotten after it, and this cannot be twice
import cryptography.hazmat.primitives.asymmetric.ed25519  # noqa: F401
import pytest
import yaml
from hypothesis import HealthCheck, given, settings

from merger.lineage import Agencies, Lineage, Outcome, Successor
from merger.mapping import shipped
from merger.mapping.write import to_yaml
from merger.messages import catalogue
from merger.testing import made_world, mappings
from merger.testing.suite import agencies, files, jobs, telling, units
from merger.testing.suite.own import Own
from merger.testing.trials import Trial

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
INSTALLED = [one for one in entry_points(group="pytest11") if one.name == "merger"]
PLUGIN = [] if INSTALLED else ["-p", "merger.testing.plugin"]
GUIDE = (ROOT / "docs" / "testing-guide.md").read_text("utf-8")
COMMANDS = [shlex.split(line)[1:] for line in re.findall(r"^\$ (pytest .*)$", GUIDE, re.MULTILINE)]
LAWS = len([*files.laws(), *units.laws(), *agencies.laws()])

UNITS = """\
schema: merger/units/1
id: made-up
effective: 2025-07-01
legal_basis:
  - {number: 1/NQ, date: 2025-06-01, on: communes}
province: {into: 90 Tỉnh Chín, from: [90 Tỉnh Chín]}
districts:
  - {unit: 901 Huyện Chín, province: 90, communes: [90001, 90002, 90003, 90004]}
communes:
  - {clause: 1, into: 90001 Xã Một, from: [90001 Xã Một, 90002 Xã Hai]}
  - {clause: 2, into: 90003 Xã Ba, from: [{unit: 90003 Xã Ba, land: part, people: all, share: 0.6}]}
  - clause: 3
    into: 90004 Xã Bốn
    from: [90004 Xã Bốn, {unit: 90003 Xã Ba, land: part, people: none, share: 0.4}]
"""
AGENCIES = """\
schema: merger/agencies/1
id: made-up-agencies
effective: 2025-07-01
before:
  - {agency: Z90 Tỉnh, former: 000.00.00.Z90, level: province, function: committee, unit: 90, into: Z90}
  - {agency: Z90.20 Xã Một, level: commune, function: committee, unit: 90001, into: unit}
  - {agency: Z90.21 Xã Hai, former: 000.00.21.Z90, level: commune, function: committee, unit: 90002,
     into: unit}
after:
  - {agency: Z90 Tỉnh, level: province, function: committee, unit: 90}
  - {agency: Z90.101 Xã Một, level: commune, function: committee, unit: 90001}
"""
TWICE = """\
changes:
  - {date: 2025-08-01, what: split, event: A, from: 90001 Xã Một, to: 90001 Xã Một, land: part, people: all}
  - {date: 2025-08-01, what: split, event: A, from: 90001 Xã Một, to: 90001 Xã Một, land: part, people: all}
"""
SPOILING = (
    "CREATE TRIGGER spoil AFTER INSERT ON p_file BEGIN INSERT INTO p_officer (fullName) VALUES ('x'); END"
)


@pytest.fixture(autouse=True)
def _in_english(monkeypatch):
    monkeypatch.setenv("MERGER_LANG", "en")


@pytest.fixture
def tried(pytester):
    def run(*given, examples=20):
        return pytester.runpytest_inprocess(*PLUGIN, "--merger-examples", str(examples), *map(str, given))

    return run


@pytest.fixture
def mapping(tmp_path):
    def write(*changed, more=""):
        said = {"units.yaml": UNITS + more, "agencies.yaml": AGENCIES}
        folder = tmp_path / "mapping"
        folder.mkdir()
        for old, new in changed:
            assert any(old in one for one in said.values())
            said = {name: one.replace(old, new) for name, one in said.items()}
        for name, one in said.items():
            (folder / name).write_text(one, "utf-8")
        return folder

    return write


@pytest.fixture
def job(tmp_path):
    return made_world(Random(1), dossiers=8).write(tmp_path / "job")


def contents(folder):
    return {path: sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


def spoiled(job, statement):
    connection = sqlite3.connect(job.parent / "platform.db")
    connection.execute(statement)
    connection.commit()
    connection.close()


def test_without_the_options_nothing_is_collected(tried, pytester):
    tried().assert_outcomes()
    pytester.makepyfile("def test_own(): pass")
    result = tried()
    result.assert_outcomes(passed=1)
    result.stdout.no_fnmatch_line("*merger:*")


def test_without_the_options_nothing_is_imported():
    asked = (
        "import sys, merger.testing.plugin; print(*sorted(m for m in sys.modules if m.startswith('merger')))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.split() == ["merger", "merger.testing", "merger.testing.plugin"]


def test_the_shipped_mapping_and_the_demos_pass(tried):
    units_files = [str(path) for path in sorted((shipped() / "vn-2025").glob("68*.yaml"))]
    assert len(units_files) == 2
    given = [word for path in (*units_files, ROOT / "fixtures/lam-dong/mapping")
             for word in ("--merger-mapping", path)]  # fmt: skip
    tried(*given).assert_outcomes(passed=LAWS)


def test_a_sound_mapping_passes_and_each_law_is_a_sentence(tried, mapping):
    result = tried("--merger-mapping", mapping(), "-v", "--merger-seed", 7)
    result.assert_outcomes(passed=LAWS)
    result.stdout.fnmatch_lines(
        [
            "merger: --merger-seed 7 --merger-examples 20",
            "*merger::mapping::no successor is abolished on the day asked for PASSED*",
        ]
    )


def test_the_suite_runs_alone_unless_paths_are_given(tried, mapping, pytester):
    pytester.makepyfile(test_mine="def test_own(): pass")
    folder = mapping()
    tried("--merger-mapping", folder).assert_outcomes(passed=LAWS)
    tried("--merger-mapping", folder, "test_mine.py").assert_outcomes(passed=LAWS + 1)


def test_what_is_not_there_is_one_mistake_of_the_command_and_no_law_is_tried(tried, mapping, monkeypatch):
    given = ("--merger-mapping", mapping(), "--merger-mapping", "nothere", "--merger-job", "nothere.yaml")
    result = tried(*given)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert [line for line in result.stderr.lines if line] == [
        "ERROR: --merger-mapping nothere: there is no such file or folder",
        "ERROR: --merger-job nothere.yaml: there is no such file",
    ]
    result.stdout.no_fnmatch_line("*passed*")
    monkeypatch.setenv("MERGER_LANG", "vi")
    vietnamese = tried("--merger-job", "nothere.yaml")
    vietnamese.stderr.fnmatch_lines(["ERROR: --merger-job nothere.yaml: không có tệp này"])


@pytest.mark.parametrize(
    ("law", "changed", "more", "said"),
    [
        ("lint", [(", 90002 Xã Hai]", "]")], "", ["the mapping as a whole:", "*units.yaml:8:*: MAP104 *"]),
        (
            "totality",
            [(", 90002 Xã Hai]", "]")],
            "",
            ["90002 (*units.yaml:8:*), of 2025-06-30, asked for 2025-07-01:",
             "  it ends on 2025-07-01, and nothing says what became of it"],
        ),
        (
            "conservation",
            [(", {unit: 90003 Xã Ba, land: part, people: none, share: 0.4}]", "]")],
            "",
            ["90003 Xã Ba (clause 2, *units.yaml:11:*), of 2025-06-30, asked for 2025-07-01:",
             "  a part of it goes to 90003; where the rest goes is not said"],
        ),
        (
            "conservation",
            [("[90004 Xã Bốn,", "[90004 Xã Bốn, 90002 Xã Hai,")],
            "",
            ["90002 Xã Hai (clause 1, *units.yaml:10:*), of 2025-06-30, asked for 2025-07-01:",
             "  entries contradict each other on how much of it goes where: 90001, 90004"],
        ),
        (
            "contradictions",
            [("[90004 Xã Bốn,", "[90004 Xã Bốn, 90002 Xã Hai,")],
            "",
            ["the mapping as a whole:", "  * 90002 *"],
        ),
        ("shares", [("0.4", "0.7")], "", ["90003 Xã Ba (clause 2, *", "  its shares add up to 1.3"]),
        ("shares", [("0.4", "0.1")], "", ["90003 Xã Ba (clause 2, *", "  its shares add up to 0.7"]),
        (
            "changes-csv",
            [],
            TWICE,
            ["the changes of every commune:", "  what was written cannot be read again:", "*DOC228*90001*"],
        ),
        (
            "agency-codes",
            [("Z90.101 Xã Một", "Z90.21 Xã Một")],
            "",
            ["Z90.21, code of Z90.21 Xã Một (*agencies.yaml:11:*):",
             "  the code was closed with Z90.21 Xã Hai (*agencies.yaml:7:*) and may not be given again"],
        ),
        (
            "agency-codes",
            [("Z90.20", "Z90.21")],
            "",
            ["Z90.21, code of Z90.21 Xã Một (*agencies.yaml:6:*):",
             "  the same code stands for Z90.21 Xã Hai (*agencies.yaml:7:*) at the same time"],
        ),
        (
            "numbers",
            [("Z90.20", "Z90.2x")],
            "",
            ["Z90.2x, code of Z90.2x Xã Một (*agencies.yaml:6:*):", "  the code cannot be read: *A-Z, 0-9*"],
        ),
    ],
)  # fmt: skip
def test_a_broken_mapping_fails_in_its_own_words(tried, mapping, law, changed, more, said):
    folder = mapping(*changed, more=more)
    result = tried("--merger-mapping", folder, "--merger-seed", 7, "-k", law)
    result.assert_outcomes(failed=1, deselected=LAWS - 1)
    sentence = catalogue("en", "testing")[f"law.{law}"]
    command = f"  pytest --merger-mapping {folder} --merger-seed 7 --merger-examples 20 -k {law}"
    escaped = [line.replace("[", "[[]") for line in said]
    result.stdout.fnmatch_lines([f"does not hold: {sentence}", *escaped, "seed 7; to see it again:", command])


def test_every_law_is_chosen_by_its_word_alone():
    for suite in ([*files.laws(), *units.laws(), *agencies.laws()], jobs.job_laws()):
        names = {law.key: f"{catalogue('en', 'testing')[f'law.{law.key}']} {law.key}" for law in suite}
        assert len(names) == len(suite)
        for key in names:
            assert [other for other, name in names.items() if key in name] == [key]


def answering(monkeypatch, doctored):
    resolve = Lineage.resolve

    def pretended(self, request):
        answer = resolve(self, request)
        return doctored(request, answer) or answer

    monkeypatch.setattr(Lineage, "resolve", pretended)


@pytest.mark.parametrize(
    ("law", "successor", "said"),
    [
        ("in-force", "90002", ["90002 Xã Hai (clause 1, *", "  90002: 90002 is not in force then"]),
        ("inverse", "90004", ["90002 Xã Hai (clause 1, *", "  it goes to 90004, *leads to: 90003, 90004"]),
    ],
)
def test_a_wrong_answer_fails_with_the_unit(tried, mapping, monkeypatch, law, successor, said):
    def doctored(request, answer):
        if request.code == "90002" and request.to > request.at and answer.outcome is Outcome.UNIQUE:
            return type(answer)(answer.outcome, answer.reason, (Successor(successor, ""),))
        return None

    answering(monkeypatch, doctored)
    result = tried("--merger-mapping", mapping(), "-k", law)
    result.assert_outcomes(failed=1, deselected=LAWS - 1)
    result.stdout.fnmatch_lines(said)


def test_two_steps_that_find_less_than_one_are_told(tried, mapping, monkeypatch):
    later = "changes:\n  - {date: 2025-08-01, what: rename, from: 90001 Xã Một, to: 90001 Xã Mới}\n" \
            "  - {date: 2026-01-01, what: merge, from: 90001 Xã Mới, to: 90004 Xã Bốn, land: whole}\n" \
            "  - {date: 2026-01-01, what: merge, from: 90004, to: 90004, land: whole}\n"  # fmt: skip

    def doctored(request, answer):
        if request.code == "90001" and request.at.isoformat() == "2025-07-01" and request.to.year == 2026:
            return type(answer)(answer.outcome, answer.reason)
        return None

    answering(monkeypatch, doctored)
    result = tried("--merger-mapping", mapping(more=later), "-k", "composition")
    result.assert_outcomes(failed=1, deselected=LAWS - 1)
    result.stdout.fnmatch_lines(["90001 Xã Một (*, of 2025-06-30, asked for 2026-01-01*:",
                                 "  one step finds 90004; by way of 2025-07-01 it is –"])  # fmt: skip


def test_what_only_a_drawn_question_meets_is_told_as_the_smallest_and_drawn_again(
    tried, mapping, monkeypatch
):
    def doctored(request, answer):
        if request.code in ("90002", "90003") and request.at == request.to:
            return type(answer)(answer.outcome, answer.reason, (Successor("99999", ""),))
        return None

    answering(monkeypatch, doctored)
    folder = mapping()
    result = tried("--merger-mapping", folder, "--merger-seed", 3, "-k", "in-force", examples=200)
    result.stdout.fnmatch_lines(["90002 Xã Hai (clause 1, *), of 2025-06-30, asked for 2025-06-30:"])
    again = tried("--merger-mapping", folder, "--merger-seed", 3, "-k", "in-force", examples=200)
    again.stdout.fnmatch_lines(["90002 Xã Hai (clause 1, *), of 2025-06-30, asked for 2025-06-30:"])


def test_work_that_goes_to_no_agency_of_the_day_is_told(tried, mapping, monkeypatch):
    successor = Agencies.successor

    def pretended(self, request):
        answer = successor(self, request)
        if request.code == "Z90.21" and answer.outcome.decided:
            return type(answer)(answer.outcome, answer.reason, (Successor("Z90.21", ""),))
        return answer

    monkeypatch.setattr(Agencies, "successor", pretended)
    result = tried("--merger-mapping", mapping(), "-k", "agency-work")
    result.assert_outcomes(failed=1, deselected=LAWS - 1)
    result.stdout.fnmatch_lines(
        ["dossiers of Z90.21, code of Z90.21 Xã Hai (*", "  Z90.21: Z90.21 is no agency then"]
    )


def test_a_writer_that_leaves_something_out_is_told(tried, mapping, monkeypatch):
    monkeypatch.setattr(files, "to_yaml", lambda file: to_yaml(file.model_copy(update={"legal_basis": ()})))
    result = tried("--merger-mapping", mapping(), "-k", "rewriting")
    result.assert_outcomes(failed=1, deselected=LAWS - 1)
    result.stdout.fnmatch_lines(
        ["*units.yaml:", "  after writing and reading these keys differ: legal_basis"]
    )


def test_files_that_cannot_be_read_are_told_without_a_traceback(tried, mapping):
    result = tried("--merger-mapping", mapping(("clause: 1", "cluase: 1")), "-k", "totality")
    result.assert_outcomes(failed=1, deselected=LAWS - 1)
    result.stdout.fnmatch_lines(["*units.yaml:10:6: DOC*cluase*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_sound_job_passes_and_none_of_its_files_is_touched(tried, job):
    before = contents(job.parent)
    tried("--merger-job", job).assert_outcomes(passed=5)
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
    tried("--merger-job", job, "-k", "job-twice or job-rollback").assert_outcomes(passed=2, deselected=3)
    assert contents(tmp_path) == before


def test_another_database_than_sqlite_is_skipped_with_the_reason(tried, job, monkeypatch):
    monkeypatch.setenv("PLATFORM", "postgresql://somewhere/platform")
    tree = yaml.safe_load(job.read_text("utf-8"))
    tree["target"]["database"] = {"url_env": "PLATFORM"}
    job.write_text(yaml.safe_dump(tree), "utf-8")
    result = tried("--merger-job", job, "-rs")
    result.assert_outcomes(skipped=5)
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
    result.assert_outcomes(failed=1, deselected=4)
    sentence = catalogue("en", "testing")[f"law.{law}"]
    command = f"  pytest --merger-job {job} --merger-seed 7 --merger-examples 20 -k {law}"
    result.stdout.fnmatch_lines([f"does not hold: {sentence}", f"{job}:", said, command])


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
    result.stdout.fnmatch_lines(
        ["  killed at *:* and started again, these tables are not as after *:", "    p_officer: * → *"]
    )
    assert jobs.FAILPOINTS


LATER = """\
changes:
  - {date: 2025-08-01, what: rename, from: 90001 Xã Một, to: 90001 Xã Mới}
  - {date: 2026-01-01, what: merge, from: 90001 Xã Mới, to: 90004 Xã Bốn, land: whole}
  - {date: 2026-01-01, what: merge, from: 90004, to: 90004, land: whole}
"""


@pytest.mark.parametrize(
    ("outcome", "successors", "said"),
    [
        (Outcome.SPLIT, (), "  one step finds –; by way of 2025-07-01 it is 90004"),
        (
            Outcome.SPLIT,
            ("90004",),
            "  two steps decide 90004 by way of 2025-07-01; one step does not: 90004",
        ),
    ],
)
def test_one_step_that_knows_less_than_two_is_told(tried, mapping, monkeypatch, outcome, successors, said):
    def doctored(request, answer):
        asked = (request.code, request.at.isoformat(), request.to.isoformat())
        if asked == ("90002", "2025-06-30", "2026-01-01"):
            return type(answer)(outcome, "unspecified", tuple(Successor(code, "") for code in successors))
        return None

    answering(monkeypatch, doctored)
    result = tried("--merger-mapping", mapping(more=LATER), "-k", "composition")
    result.assert_outcomes(failed=1, deselected=LAWS - 1)
    result.stdout.fnmatch_lines(["90002 Xã Hai (clause 1, *units.yaml:10:*", said])


def test_an_engine_that_forgets_to_say_why_is_told(tried, mapping, monkeypatch):
    answering(monkeypatch, lambda _request, answer: type(answer)(answer.outcome, "", answer.successors))
    result = tried("--merger-mapping", mapping(), "-k", "totality")
    result.assert_outcomes(failed=1, deselected=LAWS - 1)
    result.stdout.fnmatch_lines(["900* Xã * (clause *, *units.yaml:*", "  900*: no reason"])


def test_shares_that_an_engine_doubles_are_told(tried, mapping, monkeypatch):
    walk = units.walk

    def doubled(*given):
        found = walk(*given)
        for flow in found.flows:
            flow.share = None if flow.share is None else flow.share * 2
        return found

    monkeypatch.setattr(units, "walk", doubled)
    result = tried("--merger-mapping", mapping(), "-k", "shares")
    result.assert_outcomes(failed=1, deselected=LAWS - 1)
    result.stdout.fnmatch_lines(["900* Xã * (clause *, *units.yaml:*", "  its shares add up to 2"])


def test_an_agency_that_an_engine_does_not_find_is_told(tried, mapping, monkeypatch):
    monkeypatch.setattr(Agencies, "agency_at", lambda _self, _code, _day: None)
    result = tried("--merger-mapping", mapping(), "-k", "agency-codes")
    result.assert_outcomes(failed=1, deselected=LAWS - 1)
    result.stdout.fnmatch_lines(
        [
            "Z90, code of Z90 Tỉnh (*agencies.yaml:5:*",
            "  on 2025-06-30 the code does not stand for exactly this agency",
        ]
    )


def test_numbers_that_lose_their_agency_are_told(tried, mapping, monkeypatch):
    parse = agencies.dossier_number.parse

    def shortened(text):
        return parse(text.replace("Z90.20-", "Z90-"))

    monkeypatch.setattr(agencies.dossier_number, "parse", shortened)
    result = tried("--merger-mapping", mapping(), "-k", "numbers")
    result.assert_outcomes(failed=1, deselected=LAWS - 1)
    result.stdout.fnmatch_lines(
        [
            "Z90.20, code of Z90.20 Xã Một (*agencies.yaml:6:*",
            "  number Z90.20-250701-0001 is read as one of Z90",
        ]
    )


CHANGING = (
    "CREATE TRIGGER changes AFTER INSERT ON p_dossier"
    " BEGIN UPDATE p_dossier SET ward = '99999' WHERE id = new.id; END"
)


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
    result.assert_outcomes(failed=1, deselected=4)
    result.stdout.fnmatch_lines(said)
    result.stdout.no_fnmatch_line("*merger-trial-*")


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


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_the_commands_of_the_guide_run(tried, words, monkeypatch):
    monkeypatch.chdir(ROOT)
    more = ["--collect-only"] if "--merger-job" in words else []
    result = tried("-p", "no:cacheprovider", *words, *more)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*5 tests collected*" if more else "*passed*"])


def test_the_guide_names_every_law_by_its_word():
    laws = [*files.laws(), *units.laws(), *agencies.laws(), *jobs.job_laws()]
    assert re.findall(
        r"^\| `([a-z][a-z-]+)` \| [^|]*\|$", GUIDE.partition("## The laws in")[0], re.MULTILINE
    ) == [law.key for law in laws]


@given(mappings())
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.nested_given])
def test_sound_mappings_are_no_false_alarm(mapping):
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("units", "agencies", "competence", "services", "localities"):
            for file in getattr(mapping, kind):
                (Path(folder) / f"{file.id}.yaml").write_text(to_yaml(file), "utf-8")
        own = Own([Path(folder)])
        for law in [*files.laws(), *units.laws(), *agencies.laws()]:
            law.try_on(own, 1, 5)
