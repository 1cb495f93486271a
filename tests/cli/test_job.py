"""The commands of a job, one after the other, on a small made-up country."""

import json
import re
import sqlite3
from hashlib import sha256

import pytest
import yaml
from openpyxl import load_workbook
from world import PASSPHRASE, make_world, standard_rows

from merger.cli.run import run
from merger.report.answers import COLUMNS, FIRST_ROW
from merger.report.words import Words


@pytest.fixture
def folder(tmp_path, monkeypatch):
    home = tmp_path / "country"
    make_world(home)
    standard_rows(home)
    monkeypatch.chdir(home)
    monkeypatch.setenv("MERGER_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("MERGER_PASSPHRASE", PASSPHRASE)
    monkeypatch.setenv("MERGER_LANG", "en")
    return home


@pytest.fixture
def merger(capsys):
    """Runs a command line; answers with its exit code and what it printed."""

    def command(*arguments):
        capsys.readouterr()
        code = run(arguments)
        out, err = capsys.readouterr()
        return code, out, err

    return command


def adds_up(part):
    return part["in_scope"] == part["to_move"] + part["held"] + sum(part["excluded"].values())


def test_a_job_from_check_to_roll_back(folder, merger):
    code, out, _ = merger("check", "job.yaml", "--json")
    assert code == 0, out
    assert {"code", "state", "detail"} == set(json.loads(out)["checks"][0])

    code, out, _ = merger("plan", "job.yaml", "--out", "plan.json", "--json")
    plan = json.loads(out)
    assert code == 0
    assert set(plan) == {
        "plan",
        "job",
        "mapping_digest",
        "source_fingerprints",
        "isolation",
        "caveats",
        "untried",
        "cutover",
        "datasets",
        "holds",
        "approvals_needed",
    }
    assert all(adds_up(part) for part in plan["datasets"])
    assert plan["holds"]

    code, _, err = merger("apply", "plan.json")
    assert code == 3
    assert "not approved" in err
    assert merger("approvals", "plan.json")[0] == 1
    assert merger("sign", "plan.json", "--key", "one.key")[0] == 0
    assert merger("sign", "plan.json", "--key", "two.key")[0] == 0
    code, out, _ = merger("approvals", "plan.json", "--json")
    assert (code, json.loads(out)["missing"]) == (0, 0)

    code, out, _ = merger("apply", "plan.json", "--json")
    applied = json.loads(out)
    assert (code, applied["state"]) == (0, "done")
    assert sum(part["moved"] for part in applied["datasets"]) == sum(p["to_move"] for p in plan["datasets"])
    code, out, _ = merger("apply", "plan.json", "--json")
    assert (code, json.loads(out)["state"]) == (0, "already")

    code, out, _ = merger("verify", "plan.json", "--json")
    assert (code, json.loads(out)["state"]) == (0, "equal"), out
    code, out, _ = merger("runs", "job.yaml", "--json")
    (listed,) = json.loads(out)["runs"]
    assert (listed["run"], listed["state"], listed["verified"]) == (applied["run"], "done", "equal")

    assert re.search(r"\d\d:\d\d \d{4}-\d\d-\d\d \(UTC[+-]\d\d:\d\d\)", merger("runs", "job.yaml")[1])

    code, out, _ = merger("find", "job.yaml", "Z01.05-250505-0003", "--json")
    (found,) = json.loads(out)["found"]
    assert (code, found["state"]) == (0, "moved")
    code, out, _ = merger("find", "job.yaml", found["target_key"], "--target", "--json")
    assert found in json.loads(out)["found"]
    assert merger("find", "job.yaml", "nothing-like-it", "--target")[0] == 1
    assert merger("find", "job.yaml", "nothing-like-it")[0] == 1
    assert merger("worklist", "plan.json", "--out", "work.csv")[0] == 0
    assert merger("audit", "job.yaml", "verify")[0] == 0
    code, out, _ = merger("audit", "job.yaml", "export")
    assert [json.loads(line)["seq"] for line in out.splitlines()] == list(range(1, len(out.splitlines()) + 1))

    for suffix in ("html", "xlsx", "json"):
        assert merger("report", applied["run"], "--out", f"report.{suffix}")[0] == 0
        assert (folder / f"report.{suffix}").stat().st_size > 1000
    assert merger("report", "plan.json", "--out", "report.doc")[0] == 3
    agency = json.loads((folder / "report.json").read_text())["old_agencies"][0]["code"]
    assert merger("handover", "plan.json", "--agency", agency, "--out", "record.html")[0] == 0
    assert agency in (folder / "record.html").read_text()
    assert merger("handover", "plan.json", "--agency", "no-such-agency", "--out", "record.html")[0] == 3
    assert merger("handover", "plan.json", "--agency", agency, "--out", "record.xlsx")[0] == 3


def test_a_changed_cell_is_a_difference_and_its_value_is_shown_only_when_asked(folder, merger):
    planned_and_applied(merger)
    with sqlite3.connect(folder / "platform.db") as connection:
        connection.execute("UPDATE p_dossier SET owner = 'Kẻ Lạ' WHERE number = 'Z01.05-250505-0003'")
    connection.close()
    code, out, _ = merger("verify", "plan.json", "--json")
    (difference,) = json.loads(out)["differences"]
    assert code == 1
    assert set(difference) == {"system", "dataset", "key", "column", "kind"}
    assert (difference["column"], difference["kind"]) == ("owner", "changed")
    assert "Kẻ Lạ" not in out
    assert "Kẻ Lạ" not in merger("verify", "plan.json")[1]
    assert "Kẻ Lạ" in merger("verify", "plan.json", "--show-values")[1]


def test_the_anchor_of_a_trail_is_printed_and_proves_that_nothing_was_cut_off(folder, merger):
    planned_and_applied(merger)
    code, text, _ = merger("audit", "job.yaml", "anchor")
    assert code == 0
    assert text.startswith("2: ")
    code, out, _ = merger("audit", "job.yaml", "anchor", "--json")
    kept = json.loads(out)
    assert (kept["seq"], kept["text"]) == (2, text.strip())
    assert merger("audit", "job.yaml", "verify", "--anchor", text.strip())[0] == 0

    (folder / "trail.jsonl").write_text(merger("audit", "job.yaml", "export")[1], "utf-8")
    assert merger("audit", "trail.jsonl", "verify", "--anchor", text.strip())[0] == 0
    assert merger("audit", "trail.jsonl", "anchor")[1] == text

    with sqlite3.connect(folder / "platform.db") as connection:
        connection.execute("DELETE FROM merger_trail WHERE seq = 2")
    connection.close()
    code, out, _ = merger("audit", "job.yaml", "verify", "--anchor", text.strip())
    assert (code, out) == (
        1, "the trail is broken at record 2 (the records from here on were cut off): "
        "compare it with an exported copy\n",
    )  # fmt: skip
    code, out, _ = merger("audit", "job.yaml", "anchor", "--json")
    assert (code, json.loads(out)) == (1, {"state": "broken", "bent": {"seq": 2, "bend": "truncated"}})


@pytest.mark.usefixtures("folder")
def test_an_anchor_that_was_copied_wrongly_accuses_nobody(merger):
    planned_and_applied(merger)
    kept = merger("audit", "job.yaml", "anchor")[1].strip()
    wrong = kept[:-1] + ("0" if kept[-1] != "0" else "1")
    code, out, err = merger("audit", "job.yaml", "verify", "--anchor", wrong)
    assert (code, out) == (2, "")
    assert "digits that were copied wrongly" in err


def planned_and_applied(merger):
    assert merger("plan", "job.yaml", "--out", "plan.json")[0] == 0
    for key in ("one.key", "two.key"):
        assert merger("sign", "plan.json", "--key", key)[0] == 0
    assert merger("apply", "plan.json")[0] == 0


def test_answers_to_holds_come_back_as_decisions_that_the_next_plan_uses(folder, merger):
    assert merger("plan", "job.yaml", "--out", "plan.json")[0] == 0
    before = json.loads((folder / "plan.json").read_text("utf-8"))["holds"]
    assert merger("holds", "plan.json", "--out", "holds.xlsx")[0] == 0
    book = load_workbook("holds.xlsx")
    sheet = book.worksheets[0]
    assert sheet["B2"].value == sha256((folder / "plan.json").read_bytes()).hexdigest()
    rows = range(FIRST_ROW, sheet.max_row + 1)
    at = {name: column for column, name in enumerate(COLUMNS, 1)}
    row = next(r for r in rows if "99999" in str(sheet.cell(r, at["codes"]).value))
    hold = sheet.cell(row, 1).value
    for name, value in {"exclude": "no-such-unit", "author": "one", "reason": "Biên bản 1"}.items():
        sheet.cell(row, at[name]).value = value
    book.save("holds.xlsx")
    code, out, _ = merger("holds", "plan.json", "--read", "holds.xlsx", "--out", "mapping/decisions.yaml")
    assert code == 1
    assert "1 left in the source" in out
    (decision,) = yaml.safe_load((folder / "mapping" / "decisions.yaml").read_text("utf-8"))["decisions"]
    assert decision["exclude"] == "no-such-unit"
    assert decision["when"]["place"] == "99999"
    code, out, err = merger("plan", "job.yaml", "--out", "next.json", "--json")
    assert code == 0, err
    after = json.loads(out)
    assert len(after["holds"]) < len(before)
    assert hold
    assert any("no-such-unit" in part["excluded"] for part in after["datasets"])
    code, _, err = merger("holds", "next.json", "--read", "holds.xlsx", "--out", "again.yaml")
    assert code == 3
    assert "not exactly this plan" in err


def test_more_holds_than_allowed_end_with_1(folder, merger):
    job = folder / "job.yaml"
    job.write_text(job.read_text("utf-8").replace("holds_allowed: 100", "holds_allowed: 0"), "utf-8")
    code, _, err = merger("plan", "job.yaml", "--out", "plan.json")
    assert code == 1
    assert "0 are allowed" in err


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_show_says_counts_first_and_details_when_asked(folder, merger, lang):
    assert merger("plan", "job.yaml", "--out", "plan.json")[0] == 0
    code, out, _ = merger("show", "plan.json", "--lang", lang)
    assert code == 0
    assert {"vi": "Tổng cộng", "en": "Total"}[lang] in out
    detailed = merger("show", "plan.json", "--details", "--lang", lang)[1]
    holds = json.loads((folder / "plan.json").read_text("utf-8"))["holds"]
    assert all(hold["id"] in detailed for hold in holds)


def test_every_reason_and_check_has_words_in_the_report(folder, merger):
    planned_and_applied(merger)
    merger("verify", "plan.json")
    for lang in ("vi", "en"):
        merger("report", "plan.json", "--out", "report.json")
        summary = json.loads((folder / "report.json").read_text("utf-8"))
        words = Words(lang)
        reasons = {hold["reason"] for hold in summary["holds"]}
        checks = {c["code"] for part in summary["verification"]["datasets"] for c in part["checks"]}
        assert {reason for reason in reasons if words.reason(reason) == reason} == set()
        assert {check for check in checks if words.check(check) == check} == set()


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("plan", "none.yaml", "--out", "p.json"), 2),
        (("apply", "none.json"), 2),
        (("verify", "no-run"), 3),
        (("approvals", "none.yaml"), 2),
        (("rollback", "no-run"), 3),
    ],
)
def test_what_is_not_there_is_named_without_a_traceback(merger, arguments, code):
    found, out, err = merger(*arguments)
    assert found == code, err
    assert out == ""
    assert "Traceback" not in err
    assert arguments[1] in err
