"""What a unit's page tells: edges with their clauses, localities, records that follow, agencies, findings."""

from pathlib import Path

import pytest

from merger import messages
from merger.mapping.models import Land, People
from merger.review.mapping import pictures
from merger.review.mapping.book import Book, Shelf
from merger.review.mapping.following import Which
from merger.review.mapping.unit import UnitView, unit_view, version_of
from tests.review.mapping.made_up import book, write


@pytest.fixture(autouse=True)
def english():
    messages.use("en")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Book:
    return book(tmp_path_factory.mktemp("mapping") / "m")


def view(made: Book, code: str, since: str = "", kind: str = "commune") -> UnitView:
    version = version_of(made, kind, code, since)
    assert version is not None
    return unit_view(made, version, wait=None)


def test_a_divided_commune_names_act_clause_extent_share_and_localities_of_each_edge(made):
    went = view(made, "90004", "2020-01-01").went
    told = [
        (edge.other.name, edge.land, edge.people, edge.share, edge.said[0].statement.acts,
         edge.said[0].statement.clause, [one.names for one in edge.localities])
        for edge in went
    ]  # fmt: skip
    part, some = Land.PART, People.SOME
    assert told == [
        ("Xã Hòa Lạc", part, some, 0.4, ("1/NQ",), "1", [("Thôn Một", "Thôn Hai")]),
        ("Phường Ba", part, some, 0.6, ("1/NQ",), "2", [("Thôn Ba",)]),
    ]


def test_a_statement_leads_to_its_line_and_brings_the_comment_above_and_the_words_of_the_clause(made):
    edge = view(made, "90004", "2020-01-01").went[1]
    (said,) = edge.said
    line = said.file.content.decode().split("\n")[said.line - 1]
    assert "90004 Xã Hai" in line
    assert "0.6" in line
    assert said.comments == ("another list says that all of 90004 went here",)
    assert said.statement.words == ("toàn bộ xã Ba và phần còn lại của xã Hai",)


def test_a_change_of_a_list_says_between_which_days_it_happened_and_what_else_the_list_held(made):
    (edge,) = view(made, "90003").went
    (said,) = edge.said
    assert (said.statement.acts, str(said.statement.after)) == (("2/NQ",), "2019-12-01")
    assert said.statement.more == (("households", "2100"),)


def test_versions_of_a_code_are_told_apart_by_their_first_day(made):
    assert version_of(made, "commune", "90004", "start").valid_to.isoformat() == "2020-01-01"
    assert version_of(made, "commune", "90004").valid_to.isoformat() == "2025-07-01"
    assert version_of(made, "commune", "90004", "2021-01-01") is None
    assert version_of(made, "kingdom", "90004") is None
    assert [one.name for one in view(made, "90001").versions] == ["Xã Một", "Xã Hòa Lạc"]


def test_how_a_unit_came_and_went_is_said_in_one_word(made):
    assert (view(made, "90003").came_how, view(made, "90003").went_how) == ("record", "edges")
    assert view(made, "90007").went_how == "in-force"
    district = view(made, "901", kind="district")
    assert (district.went_how, [one.name for one in district.members]) == (
        "ended",
        ["Xã Một", "Xã Hai", "Xã Ba"],
    )
    assert district.ended[0].statement.what == "abolish"


def test_records_of_a_divided_unit_follow_their_locality_and_the_others_wait(made):
    follows = view(made, "90004", "2020-01-01").follows
    assert [(one.which, [goal.code for goal in one.into], one.names) for one in follows] == [
        (Which.LOCALITY, ["90001"], ("Thôn Một", "Thôn Hai")),
        (Which.LOCALITY, ["90007"], ("Thôn Ba",)),
        (Which.OTHERS, ["90001", "90007"], ()),
    ]


def test_records_by_people_follow_the_people_and_name_the_fields_that_do(made):
    follows = view(made, "91013", "start").follows
    assert [(one.which, [goal.code for goal in one.into], one.fields) for one in follows] == [
        (Which.PEOPLE, ["91013"], ("Hộ tịch",)),
        (Which.OTHERS, ["91010", "91013"], ()),
    ]
    assert follows[1].reason == "follow-missing"


def test_records_of_a_merged_unit_all_follow_through_later_changes(made):
    (only,) = view(made, "90007", "start").follows
    assert (only.which, [goal.code for goal in only.into]) == (Which.ALL, ["90007"])
    assert [one.which for one in view(made, "90007").follows] == [Which.STAYS]


def test_a_unit_that_was_there_on_no_day_has_no_records_of_its_own(tmp_path: Path):
    text = (
        "schema: merger/units/1\nid: steps\ncodes: other\neffective: 2019-01-01\nchanges:\n"
        "  - {date: 2019-01-01, what: rename, from: A One, to: B Two, land: whole, people: all, seq: 1}\n"
        "  - {date: 2019-01-01, what: rename, from: B Two, to: C Three, land: whole, people: all, seq: 2}\n"
    )
    steps = Shelf().book([write(tmp_path / "m", text=text)])
    version = version_of(steps, "commune", "B", "2019-01-01~1")
    assert [one.which for one in unit_view(steps, version).follows] == [Which.NEVER]
    assert [one.which for one in view(steps, "A").follows] == [Which.ALL]


def test_a_decision_of_a_person_on_a_divided_unit_is_said_to_be_one(tmp_path: Path):
    folder = write(tmp_path / "m")
    (folder / "decisions.yaml").write_text(
        "schema: merger/decisions/1\nid: decisions\nunits:\n"
        "  - {decision: hai, author: A, date: 2025-07-10, reason: archive, unit: 90004 Xã Hai,\n"
        "     on: 2025-07-01, into: 90001 Xã Hòa Lạc}\n",
        "utf-8",
    )
    (only,) = view(book(tmp_path / "m"), "90004", "2020-01-01").follows
    assert (only.which, [goal.code for goal in only.into]) == (Which.DECISION, ["90001"])


def test_agencies_of_the_unit_say_to_whom_their_work_goes(made):
    (one,) = view(made, "90004", "2020-01-01").agencies
    assert one.agency.former == "000.04.21.H90"
    assert [(code, whole) for code, _, whole in one.takers] == [("H90.30.1", False), ("H90.30.2", False)]
    assert [each.agency.agency.code for each in view(made, "90001").agencies] == ["H90.30.1"]
    assert view(made, "90001", "start").agencies == ()


def test_findings_stand_at_the_entry_whose_lines_they_are_in(tmp_path: Path):
    spoilt = book(tmp_path / "m", ("{clause: 3, keep: 91001 Xã Bốn}", "{clause: 3, keep: 9100 Xã Bốn}"))
    page = view(spoilt, "9100")
    assert page.findings
    assert {one.place.line for one in page.findings} == {page.began[0].line}
    assert "9100" in page.findings[0].message
    assert not view(spoilt, "90007").findings


def test_what_contradicts_itself_is_marked_on_the_edge(tmp_path: Path):
    spoilt = book(tmp_path / "m", ("land: part, people: none}]}", "land: part, people: all}]}"))
    edges = view(spoilt, "91013", "start").went
    assert [edge.contradicted for edge in edges] == [("people",), ("people",)]


def test_the_picture_holds_every_step_back_and_forth_and_no_more_units_than_allowed(made):
    version = version_of(made, "commune", "90004", "2020-01-01")
    picture = pictures.around(made, version, lambda one: f"/{one.code}")
    assert [one.label for one in picture.nodes.values()] == [
        "Xã Hai", "Xã Cũ", "Xã Hai", "Xã Hòa Lạc", "Phường Ba",
    ]  # fmt: skip
    assert [(one.value, one.tone) for one in picture.links] == [
        (1.0, ""), (1.0, ""), (0.4, "part"), (0.6, "part"),
    ]  # fmt: skip
    small = pictures.around(made, version, str, largest=3)
    assert (len(small.nodes), small.cut) == (3, True)


def test_a_mapping_that_cannot_be_read_whole_is_shown_as_far_as_it_was_understood(tmp_path: Path):
    folder = write(tmp_path / "m")
    (folder / "broken.yaml").write_text("schema: merger/units/1\nid: broken\n  x", "utf-8")
    spoilt = book(tmp_path / "m")
    assert spoilt.problems
    assert view(spoilt, "90007").came
    assert len(spoilt.linted().findings) > len(spoilt.problems) - 1
