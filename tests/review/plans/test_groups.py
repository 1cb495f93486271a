"""Holds put together, narrowed, and compared between two plans."""

from datetime import UTC, datetime

import pytest

from merger.migrate.model import Candidate, DatasetPlan, Decision, Digests, Fate, Hold, Outcome, Plan
from merger.report.words import Words
from merger.review.plans import where
from merger.review.plans.changes import changes
from merger.review.plans.groups import facets, groups_of, narrowed

EAST, SOUTH = Candidate(field="place", code="20001", name="East"), Candidate(field="place", code="20002")
PARTS = ("place", "holder", "service", "rule")


def hold(name, place="10001", holder="A1", service="1.1", reason="divided", system="one", **more):
    return Hold(
        id=f"h-{name}",
        system=system,
        dataset="dossiers",
        codes={"place": place, "holder": holder, "service": service},
        reason=reason,
        rows=more.pop("rows", 10),
        **{"field": "place", "candidates": (EAST, SOUTH)} | more,
    )


def plan(*holds, decisions=(), outcomes=(), classes=None, counts=(30, 10, 20)):
    scope, moved, held = counts
    dataset = DatasetPlan(
        system="one", dataset="dossiers", target="d", in_scope=scope, to_move=moved, held=held, excluded={},
        collisions=0, batches=1, parts=PARTS, decisions=decisions, outcomes=outcomes,
    )  # fmt: skip
    now = datetime(2025, 7, 1, tzinfo=UTC)
    return Plan(
        schema="merger/plan/1", id="p", job="j", job_file="j", author="a", kind="bulk",
        cutover=now, created=now,
        digests=Digests(job="0", mapping="1", profiles={}, engine="e"), source_fingerprints={},
        target_schema="t", datasets=(dataset,), holds=holds, approvals_needed=2,
        service_classes=classes or {"one": {}},
    )  # fmt: skip


def test_holds_for_values_of_two_columns_are_two_groups_that_say_so():
    blank = {"codes": {}, "field": "", "candidates": (), "reason": "untranslated"}
    holds = [Hold(id=f"h-{name}", system="one", dataset="dossiers", rows=1, column=name, **blank)
             for name in ("status", "kind")]  # fmt: skip
    found = groups_of(plan(*holds))
    assert {one.column for one in found} == {"status", "kind"}
    told = {Words("en").reason(one.reason, one.column) for one in found}
    assert "the profile has no translation for one of its values (column status)" in told
    assert Words("vi").reason("untranslated", "kind").endswith(" (cột kind)")


def test_one_cause_is_one_group_whatever_the_service_agency_and_system():
    listed = [hold("a"), hold("b", holder="A2"), hold("c", service="1.2"), hold("d", system="two")]
    (group,) = groups_of(plan(*listed))
    assert (group.rows, group.cause, group.fields) == (40, (("place", "10001"),), ("place",))
    assert group.where == (("one", "dossiers"), ("two", "dossiers"))


@pytest.mark.parametrize(
    "other",
    [
        hold("b", place="10002"),
        hold("b", reason="day-unclear"),
        hold("b", candidates=(EAST,)),
        hold("b", place=None),
        hold("b", field="holder", candidates=()),
    ],
)
def test_another_cause_is_another_group(other):
    assert len(groups_of(plan(hold("a"), other))) == 2


def test_without_successors_each_system_stands_for_itself():
    unknown = {"candidates": (), "reason": "code-unknown"}
    assert len(groups_of(plan(hold("a", **unknown), hold("b", system="two", **unknown)))) == 2


def test_every_hold_is_in_exactly_one_group_and_no_row_is_lost():
    listed = [hold(f"{n}", place=f"1000{n % 3}", holder=f"A{n % 5}", rows=n) for n in range(40)]
    listed.append(Hold(id="h-x", system="one", dataset="files", codes={}, reason="parent-held", rows=7))
    groups = groups_of(plan(*listed))
    assert sorted(one.id for group in groups for one in group.holds) == sorted(one.id for one in listed)
    assert sum(group.rows for group in groups) == sum(one.rows for one in listed)
    assert [group.decidable for group in groups] == [True, True, True, False]


def test_successors_that_not_all_have_are_not_offered():
    agency = Candidate(field="holder", code="B1")
    (group,) = groups_of(plan(hold("a", candidates=(EAST, SOUTH, agency)), hold("b")))
    assert group.candidates == (EAST, SOUTH)


def test_a_group_is_narrowed_by_any_code_and_null_is_not_the_empty_text():
    (group,) = groups_of(plan(hold("a"), hold("b", service=None), hold("c", service="")))
    assert facets(group) == {"service": (("1.1", 10), ("~", 10), ("∅", 10))}
    assert [one.id for one in narrowed(group, {"service": "~"}).holds] == ["h-b"]
    assert [one.id for one in narrowed(group, {"service": "∅"}).holds] == ["h-c"]
    assert narrowed(group, {"service": "9"}).holds == ()


def test_old_plans_that_name_no_field_are_put_together_by_their_codes():
    listed = [hold("a", field="", candidates=()), hold("b", field="", candidates=(), service="1.2")]
    (group,) = groups_of(plan(*listed))
    assert group.fields == ("place", "holder")


def test_what_became_of_settled_rows_is_told_by_group():
    old = plan(hold("a"), hold("b", holder="A2"), hold("c", place="10009"), hold("d", holder="A3"))
    moves = Outcome(fate=Fate.MOVE, gives={"place.code": "20001", "place.name": "East"},
                    decided_by="decision hold-h-a")  # fmt: skip
    left = Outcome(fate=Fate.EXCLUDE, why="test-records", decided_by="decision hold-h-b")
    new = plan(
        hold("e", place="10009", reason="day-unclear"),
        decisions=(
            Decision(("10001", "A1", "class-1", None), 0, 10),
            Decision(("10001", "A2", "class-1", None), 1, 10),
        ),
        outcomes=(moves, left),
        classes={"one": {"1.1": "class-1"}},
        counts=(30, 20, 10),
    )  # fmt: skip
    found = changes(old, new)
    told = {(one.fate, one.why, one.by, one.rows) for one in found.settled}
    assert told == {
        (Fate.MOVE, "", "decision", 10),
        (Fate.EXCLUDE, "test-records", "decision", 10),
        (None, "", "", 10),
        (Fate.HOLD, "day-unclear", "", 10),
    }
    assert found.newly == ()
    assert found.total.pairs == ((30, 30), (10, 20), (20, 10), (0, 0))


def test_rows_that_are_held_for_the_first_time_are_told():
    found = changes(plan(), plan(hold("a")))
    assert [(group.cause, rows) for group, rows in found.newly] == [((("place", "10001"),), 10)]
    assert changes(plan(hold("a")), plan(hold("a"))).settled == ()


def test_destinations_of_a_unit_are_counted_by_what_becomes_of_them():
    def outcome(agency):
        return Outcome(fate=Fate.MOVE, gives={"place.code": "2"}, old_unit="10001", old_agency=agency)

    made = plan(
        decisions=(
            Decision(("10001", "A1", "1", None), 0, 4),
            Decision(("10001", "A1", "2", None), 0, 5),
            Decision(("10001", "A2", "1", None), 1, 7),
        ),
        outcomes=(outcome("A1"), outcome("A2")),
    )
    goes = where.destinations(made, "10001")
    assert [(one.agency, one.rows, one.gives) for one in goes] == [
        ("A1", 9, (("place", "2", ""),)),
        ("A2", 7, (("place", "2", ""),)),
    ]
    assert where.destinations(made, "10002") == []
