"""What somebody meets who migrates for the first time."""

from pathlib import Path

import pytest

from merger.messages import use
from merger.migrate import api
from merger.report import html, record
from merger.report.words import Words
from merger.systems.draft import draft
from tests.migrate.world import ask_sql, changed, planned, quiet, run_sql, unsigned

NOTE = "WHERE number = 'works'"


def test_a_row_that_changed_on_both_sides_is_settled_by_saying_the_same_of_it(moved: Path) -> None:
    run_sql(moved / "one.db", f"UPDATE dossier SET note = 'của nguồn' {NOTE}")
    run_sql(moved / "platform.db", f"UPDATE p_dossier SET note = 'của đích' {NOTE}")
    held = unsigned(moved, name="held.json")
    assert sum(one.held_by_reason.get("changed-on-both-sides", 0) for one in held.datasets) == 1
    run_sql(moved / "one.db", f"UPDATE dossier SET note = 'của đích' {NOTE}")
    agreed = unsigned(moved, name="agreed.json")
    assert [
        one.held_by_reason for one in agreed.datasets if "changed-on-both-sides" in one.held_by_reason
    ] == []
    path = planned(moved, name="later.json")
    assert api.apply(path, 1, quiet).state == "done"
    assert ask_sql(moved / "platform.db", f"SELECT note FROM p_dossier {NOTE}") == [("của đích",)]
    assert api.verify(str(path), False, False, quiet).state == "equal"


def test_check_tells_of_columns_that_may_not_repeat_and_that_the_profile_does_not_name(
    standard: Path,
) -> None:
    use("en")
    assert "unsaid" not in {one.code for one in api.check(standard / "job.yaml") if one.state == "failed"}
    changed(standard / "platform.yaml", "    unique: {path: [path]}\n", "")
    rule = '  - {dataset: files, unique: path, rule: qualify, column: path, with: "{system}/{value}"}\n'
    changed(standard / "job.yaml", rule, "")
    (failed,) = [one for one in api.check(standard / "job.yaml") if one.state == "failed"]
    assert failed.code == "unsaid"
    assert failed.detail.startswith("platform: files: path may not repeat; name it under `unique`")


def test_rules_that_leave_rows_are_told_by_their_titles(standard: Path) -> None:
    changed(standard / "job.yaml", "{rule: finished-stays,",
            "{rule: finished-stays, title: {vi: Đã xong ở lại, en: Finished work stays},")  # fmt: skip
    unsigned(standard)
    titles = api.rule_titles(standard / "plan.json")
    assert Words("vi", titles).rule("finished-stays") == "Đã xong ở lại"


def test_a_record_is_found_by_the_former_form_of_an_agencys_code(standard: Path) -> None:
    unsigned(standard)
    told = api.summary(str(standard / "plan.json"))
    first, *others = told.old_agencies
    first = first.model_copy(update={"former": "000.00.99.Z01"})
    told = told.model_copy(update={"old_agencies": (first, *others)})
    assert record(told, "000.00.99.Z01", "en", gives=True) == record(told, first.code, "en", gives=True)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_report_tells_in_which_isolation_copied_sources_were_read(standard: Path, language: str) -> None:
    unsigned(standard)
    told = api.summary(str(standard / "plan.json"))
    assert "READ COMMITTED" not in html(told, language).decode()
    told = told.model_copy(update={"isolation": {"one": "READ COMMITTED"}})
    assert Words(language).isolation("READ COMMITTED") in html(told, language).decode().replace("&#39;", "'")


def test_a_draft_names_all_columns_and_what_may_not_repeat(
    standard: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use("en")
    monkeypatch.setenv("PLATFORM", str(standard / "platform.db"))
    out = standard / "drafted.yaml"
    draft("PLATFORM", out)
    text = out.read_text("utf-8")
    assert "# columns (!: never NULL): id INTEGER, dossierId INTEGER, path TEXT, content BLOB\n" in text
    assert "(in a target's profile name it under `unique`): path\n" in text
    assert "{to: p-dossier, column: dossierId, optional: true}" in text
