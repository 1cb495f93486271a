"""Finding records, listing runs, summing up, the work list, the audit trail."""

import csv
from collections import Counter
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from merger.approval import trail
from merger.approval.trail import Bend, Bent
from merger.errors import Refused
from merger.migrate import api
from tests.migrate.world import PASSPHRASE, ask_sql, changed, dossier, fill, moved_by, quiet, run_sql


@pytest.mark.parametrize(
    ("text", "state", "reason", "holder", "place"),
    [
        ("people-divided", "moved", "", "Z01.103", "10003"),
        ("d-people-divided", "moved", "", "Z01.103", "10003"),
        ("land-divided", "held", "divided", "", ""),
        ("no-citizen", "held", "orphan", "", ""),
        ("finished", "excluded", "finished-stays", "", ""),
    ],
)
def test_a_dossier_is_found_by_its_number_or_key(
    moved: Path, text: str, state: str, reason: str, holder: str, place: str
) -> None:
    (one,) = api.find(moved / "job.yaml", text)
    assert (one.system, one.dataset, one.state, one.reason) == ("one", "dossiers", state, reason)
    assert (one.holder, one.place) == (holder, place)
    if state == "moved":
        number = ask_sql(
            moved / "platform.db", "SELECT number FROM p_dossier WHERE id = ?", int(one.target_key)
        )
        assert number == [("people-divided",)]
        assert one.run == api.runs(moved / "job.yaml")[0].run


def test_a_record_that_cannot_be_carried_over_is_found_with_the_column_that_holds_it(moved: Path) -> None:
    (one,) = api.find(moved / "job.yaml", "bad-due")
    assert (one.state, one.reason, one.column) == ("held", "unreadable-time", "due")


def test_one_number_in_two_systems_is_found_twice(moved: Path) -> None:
    found = api.find(moved / "job.yaml", "same-number")
    assert [(one.system, one.state, one.reason) for one in found] == [
        ("one", "held", "collision-number"),
        ("two", "held", "collision-number"),
    ]


def test_a_merged_citizen_is_found_where_the_other_one_is(moved: Path) -> None:
    found = [one for one in api.find(moved / "job.yaml", "c1") if one.dataset == "citizens"]
    assert [(one.system, one.state) for one in found] == [("one", "moved"), ("two", "merged")]
    assert found[0].target_key == found[1].target_key


def test_what_a_row_of_the_target_was_is_found_by_its_key_there(moved: Path) -> None:
    asked = "SELECT id FROM p_dossier WHERE number = 'people-divided'"
    ((key,),) = ask_sql(moved / "platform.db", asked)
    told = api.find(moved / "job.yaml", str(key), by_target=True)
    (one,) = [each for each in told if each.dataset == "dossiers"]
    assert (one.system, one.key, one.state, one.holder) == ("one", "d-people-divided", "moved", "Z01.103")
    ((person,),) = ask_sql(moved / "platform.db", "SELECT id FROM p_applicant WHERE name = 'Nguyễn A'")
    told = api.find(moved / "job.yaml", str(person), by_target=True)
    people = [(one.system, one.key, one.state) for one in told if one.dataset == "citizens"]
    assert people == [("one", "c1", "moved"), ("two", "c1", "merged")]


@pytest.mark.parametrize("key", ["7", "nothing", "--7", "9" * 30, "\0"])
def test_what_came_from_no_source_is_not_found_by_its_key_in_the_target(moved: Path, key: str) -> None:
    told = api.find(moved / "job.yaml", key, by_target=True)
    assert [one for one in told if one.dataset == "dossiers"] == []


def test_what_nobody_knows_is_not_found(moved: Path) -> None:
    assert api.find(moved / "job.yaml", "nothing of that name") == []


@pytest.mark.parametrize(
    "text", ["", "\0", "d-people\0", "\ud800", "'", "%", "9" * 40, "-" * 5, "²", "a" * 100_000]
)
def test_what_no_database_could_hold_names_nothing(moved: Path, text: str) -> None:
    assert api.find(moved / "job.yaml", text) == []


def test_before_any_run_a_record_is_found_and_not_planned(standard: Path) -> None:
    (one,) = api.find(standard / "job.yaml", "works")
    assert (one.state, one.target_key) == ("not-planned", "")


def test_a_record_that_is_about_to_move_says_where_to(moved: Path) -> None:
    fill(moved / "one.db", "dossier", [dossier("late")])
    (one,) = api.find(moved / "job.yaml", "late")
    assert (one.state, one.holder, one.place) == ("to-move", "Z01.05", "10001")


def test_what_was_moved_is_found_though_its_source_is_gone(moved: Path) -> None:
    (moved / "one.db").unlink()
    (moved / "two.db").unlink()
    for text in ("people-divided", "d-people-divided"):
        (one,) = api.find(moved / "job.yaml", text)
        assert (one.key, one.state, one.holder, one.place) == (
            "d-people-divided",
            "moved",
            "Z01.103",
            "10003",
        )
    with pytest.raises(Refused, match="there is no database at"):
        api.find(moved / "job.yaml", "land-divided")


def test_holder_and_place_are_what_the_target_has_now_also_of_what_belongs_to_a_dossier(moved: Path) -> None:
    ((key,),) = ask_sql(moved / "one.db", "SELECT id FROM file WHERE number = 'Z01.05-250505-0003'")
    run_sql(
        moved / "platform.db",
        "UPDATE p_dossier SET agency = 'Z01.999' WHERE number LIKE 'Z01.05-250505-0003'",
    )
    (file,) = [
        one
        for one in api.find(moved / "job.yaml", str(key))
        if one.dataset == "files" and one.system == "one"
    ]
    assert (file.state, file.holder, file.place) == ("moved", "Z01.999", "10001")


def test_a_record_that_was_taken_out_again_is_said_to_be(moved: Path) -> None:
    run_sql(moved / "one.db", "DELETE FROM dossier WHERE id = 'd-people-divided'")
    moved_by(moved, "later.json")
    (one,) = api.find(moved / "job.yaml", "d-people-divided")
    assert (one.state, one.holder) == ("withdrawn", "")
    fill(moved / "one.db", "dossier", [dossier("people-divided", id="d-people-divided")])
    (one,) = api.find(moved / "job.yaml", "d-people-divided")
    assert one.state == "to-move"


def test_no_source_is_surveyed_for_what_the_ledger_knows(
    moved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("merger.migrate.survey.Survey.follow", None)
    (one,) = api.find(moved / "job.yaml", "people-divided")
    assert one.state == "moved"


def test_runs_are_listed_oldest_first(moved: Path) -> None:
    fill(moved / "one.db", "dossier", [dossier("late")])
    moved_by(moved, "later.json")
    runs = api.runs(moved / "job.yaml")
    assert [(one.kind, one.state, one.verified) for one in runs] == [
        ("bulk", "done", ""),
        ("catch-up", "done", ""),
    ]
    assert runs[0].started <= runs[1].started
    assert all(one.ended is not None and one.ended >= one.started for one in runs)


def test_a_job_without_runs_has_none(standard: Path) -> None:
    assert api.runs(standard / "job.yaml") == []
    assert api.audit_export(standard / "job.yaml") == []
    assert trail.verify(api.audit_export(standard / "job.yaml")) is None


def test_a_plan_is_summed_up(ready: Path) -> None:
    told = api.summary(str(ready / "plan.json"))
    assert (told.what, told.state, told.approvals_needed, told.trail_anchor) == ("plan", "planned", 2, "")
    assert sorted(one.name for one in told.approvals) == ["one", "two"]
    assert [act.number for act in told.legal_basis] == ["1/ACT"]
    assert sum(one.to_move for one in told.datasets) == 87
    assert {one.code for one in told.new_agencies} >= {"Z01.05", "Z01.06", "Z01.103", "Z01.104", "Z01.105"}
    assert told.services["1.000001"] == "Register a birth"
    assert sum(one.rows for one in told.flows) == sum(
        one.to_move for one in told.datasets if one.dataset == "dossiers"
    )


def test_flows_count_what_goes_from_whom_to_whom(ready: Path) -> None:
    flows = api.summary(str(ready / "plan.json")).flows
    (one,) = [one for one in flows if one.service == "1.000001"]
    assert (one.from_agency, one.to_agency, one.rows, one.state) == ("Z01.30", "Z01.103", 1, "4")
    assert sum(one.running for one in flows) == 1


def test_overdue_and_soon_due_work_is_counted_at_the_cut_over(empty: Path) -> None:
    days = {"over": "2025-07-09 23:59:59", "soon": "2025-07-10 00:00:00", "week": "2025-07-17 00:00:00",
            "later": "2025-07-18 00:00:00", "none": None}  # fmt: skip
    fill(empty / "one.db", "dossier", [dossier(name, due=due) for name, due in days.items()])
    moved_by(empty)
    told = api.summary(str(empty / "plan.json"))
    (one,) = told.flows
    assert (one.rows, one.overdue, one.due_soon) == (5, 1, 2)
    assert told.due == ((1, 1, 1, 1, 0, 1),)


def test_what_each_agency_gives_and_keeps_adds_up_to_the_whole(ready: Path) -> None:
    told = api.summary(str(ready / "plan.json"))
    with_holder = [one for one in told.datasets if one.by_agency]
    assert {one.dataset for one in with_holder} >= {"dossiers", "files"}
    for one in with_holder:
        held: Counter[str] = Counter()
        excluded: Counter[str] = Counter()
        for part in one.by_agency:
            held.update(part.held)
            excluded.update(part.excluded)
        assert sum(part.moved for part in one.by_agency) == one.to_move
        assert (held, excluded) == (one.held_by_reason, one.excluded)
    moved: Counter[tuple[str, str]] = Counter()
    for one in with_holder:
        if one.dataset == "dossiers":
            moved.update({(part.old, part.new): part.moved for part in one.by_agency if part.moved})
    flows: Counter[tuple[str, str]] = Counter()
    for flow in told.flows:
        flows[flow.from_agency, flow.to_agency] += flow.rows
    assert moved == flows


def test_signatures_of_the_plan_and_of_what_it_rests_on_are_told_with_keys_and_files(ready: Path) -> None:
    job = ready / "job.yaml"
    api.sign(job, ready / "one.key", PASSPHRASE, datetime.now(UTC).replace(microsecond=0))
    told = api.summary(str(ready / "plan.json"))
    assert {(one.name, one.what) for one in told.approvals} == {("one", "plan"), ("two", "plan")}
    assert [(one.name, one.what) for one in told.approvals_before] == [("one", "job")]
    for one in told.approvals:
        envelope = ready / f"plan.json.{one.keyid[:8]}.sig.json"
        assert one.envelope == sha256(envelope.read_bytes()).hexdigest()
    for envelope in ready.glob("plan.json.*.sig.json"):
        envelope.write_bytes(envelope.read_bytes().replace(b'"payload":"', b'"payload":"AAAA'))
    assert api.summary(str(ready / "plan.json")).approvals == ()


def test_the_sums_of_both_sides_are_kept_with_the_time(moved: Path) -> None:
    for quick in (False, True):
        api.verify(str(moved / "plan.json"), quick, False, quiet)
        kept = api.summary(str(moved / "plan.json")).verification
        assert kept is not None
        assert kept.when is not None
        assert all(one.expected is not None and one.expected == one.found for one in kept.datasets)
    with_rows = [one for one in kept.datasets if one.rows]
    assert len({one.expected.fold for one in with_rows if one.expected}) == len(with_rows)


def test_a_run_is_summed_up_with_what_was_verified(moved: Path) -> None:
    api.verify(str(moved / "plan.json"), False, False, quiet)
    told = api.summary(str(moved / "plan.json"))
    assert (told.what, told.state) == ("run", "done")
    assert told.verification is not None
    assert (told.verification.state, told.verification.strength) == ("equal", "full")
    last = api.audit_export(moved / "job.yaml")[-1]
    assert told.trail_anchor == f"{last.seq}:{last.hash}"
    by_id = api.summary(told.id)
    assert by_id.model_dump() == told.model_dump()


def test_the_work_list_names_the_dossiers_whose_workflow_must_be_started_again(moved: Path) -> None:
    out = moved / "work.csv"
    assert api.work_list(str(moved / "plan.json"), out) == 1
    with out.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["agency"], row["agency_name"], row["number"], row["system"]) == (
        "Z01.05", "Lands", "former-agency", "one",
    )  # fmt: skip
    key = ask_sql(moved / "platform.db", "SELECT id FROM p_dossier WHERE number = 'former-agency'")
    assert [(int(row["target_key"]),)] == key


def test_a_number_that_looks_like_a_formula_is_only_text(empty: Path) -> None:
    fill(empty / "one.db", "dossier", [dossier("=1+1", process="p")])
    moved_by(empty)
    api.work_list(str(empty / "plan.json"), empty / "work.csv")
    with (empty / "work.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["number"] for row in csv.DictReader(file)] == ["'=1+1"]


def test_the_trail_of_a_run_is_whole(moved: Path) -> None:
    records = api.audit_export(moved / "job.yaml")
    assert [(one.seq, one.action) for one in records] == [(1, "run-started"), (2, "run-done")]
    assert records[1].previous == records[0].hash
    assert records[1].detail["rows"] == 87
    assert trail.verify(api.audit_export(moved / "job.yaml")) is None


@pytest.mark.parametrize(
    ("statement", "bent"),
    [
        ("UPDATE merger_trail SET detail = replace(detail, 'run', 'ran') WHERE seq = 1", Bent(1, Bend.HASH)),
        ("UPDATE merger_trail SET actor = 'nobody' WHERE seq = 2", Bent(2, Bend.HASH)),
        ("UPDATE merger_trail SET at = '2020-01-01T00:00:00Z' WHERE seq = 2", Bent(2, Bend.HASH)),
        ("DELETE FROM merger_trail WHERE seq = 1", Bent(1, Bend.GAP)),
        ("UPDATE merger_trail SET previous = hash WHERE seq = 2", Bent(2, Bend.LINK)),
    ],
)
def test_a_bent_record_is_named(moved: Path, statement: str, bent: Bent) -> None:
    run_sql(moved / "platform.db", statement)
    assert trail.verify(api.audit_export(moved / "job.yaml")) == bent


def test_how_many_holds_the_job_allows_is_told(standard: Path) -> None:
    changed(standard / "job.yaml", "holds_allowed: 100", "holds_allowed: 3")
    api.make_plan(standard / "job.yaml", standard / "plan.json", (), False, quiet)
    assert api.holds_allowed(standard / "plan.json") == 3
