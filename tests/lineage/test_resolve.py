from datetime import date
from typing import Any

import pytest

from merger.lineage import Lineage, Outcome, Request, Resolution, build
from merger.mapping.models import Follows, Land, LocalitiesFile, Mapping, People, UnitKind
from merger.testing.histories import mapping, units_file

BEFORE, DAY, AFTER = date(2025, 6, 30), date(2025, 7, 1), date(2025, 12, 1)
DIVIDED = [
    {
        "clause": "1",
        "into": "00001 Xã Một",
        "from": [{"unit": "00001 Xã Một", "land": "part", "people": "all"}],
    },
    {
        "clause": "2",
        "into": "00002 Xã Hai",
        "from": ["00002 Xã Hai", {"unit": "00001 Xã Một", "land": "part", "people": "none"}],
    },
]


def ask(lineage: Lineage, code: str, at: date = BEFORE, to: date = DAY, **more: Any) -> Resolution:
    return lineage.resolve(Request(code, more.pop("kind", UnitKind.COMMUNE), at, to, **more))


def codes(resolution: Resolution) -> list[str]:
    return [successor.code for successor in resolution.successors]


def from_entries(*entries: dict[str, Any], day: date = DAY, **more: Any) -> Lineage:
    return build(mapping(units_file(day, entries, **more)))


def with_localities(*lists: tuple[str, str, list[str]], entries: list[dict[str, Any]]) -> Lineage:
    places = LocalitiesFile.model_validate(
        {
            "schema": "merger/localities/1",
            "id": "places",
            "effective": DAY,
            "localities": [{"unit": unit, "into": into, "names": names} for unit, into, names in lists],
        }
    )
    return build(Mapping(units=(units_file(DAY, entries),), localities=(places,)))


def test_a_merged_unit_has_one_successor_with_act_and_clause() -> None:
    lineage = from_entries({"clause": "7", "into": "00001 Xã A", "from": ["00001 Xã A", "00002 Xã B"]})
    found = ask(lineage, "00002")
    assert (found.outcome, found.reason, codes(found)) == (Outcome.UNIQUE, "one-successor", ["00001"])
    assert found.successor.name == "Xã A"
    assert found.successor.share == 1.0
    assert [(why.date, why.change, why.source) for why in found.evidence] == [
        (DAY, "00002 Xã B -> 00001 Xã A [land=whole, people=all]", "act-2025 §7")
    ]


def test_a_code_that_goes_on_with_more_territory_is_another_version() -> None:
    lineage = from_entries({"into": "00001", "from": ["00001", "00002"]})
    assert ask(lineage, "00001").outcome is Outcome.UNIQUE
    assert [v.valid_from for v in lineage.versions(UnitKind.COMMUNE, "00001")] == [date.min, DAY]
    assert [v.code for v in lineage.abolished_versions(DAY)] == ["00001", "00002"]
    assert lineage.abolished_versions(BEFORE) == ()


@pytest.mark.parametrize("entry", [{"keep": "00001 Xã A"}, {"into": "00001 Xã A", "from": ["00001 Xã A"]}])
def test_a_kept_unit_is_unchanged_and_says_by_which_clause(entry: dict[str, Any]) -> None:
    lineage = from_entries({"clause": "9", **entry})
    found = ask(lineage, "00001")
    assert (found.outcome, found.reason, codes(found)) == (Outcome.UNCHANGED, "same-unit", ["00001"])
    assert [why.source for why in found.evidence] == ["act-2025 §9"]
    assert len(lineage.versions(UnitKind.COMMUNE, "00001")) == 1


def test_a_renamed_unit_stays_itself_and_has_the_name_of_the_day() -> None:
    change = {"date": DAY, "from": "00001 Xã A", "to": "00001 Phường A", "what": "rename"}
    lineage = build(mapping(units_file(date(2020, 1, 1), [], changes=[change])))
    found = ask(lineage, "00001")
    assert (found.outcome, found.successor.name) == (Outcome.UNCHANGED, "Phường A")
    assert lineage.name_of(UnitKind.COMMUNE, "00001", BEFORE) == "Xã A"


def test_undivided_people_of_a_divided_unit_have_one_answer_and_its_land_has_none() -> None:
    lineage = from_entries(*DIVIDED)
    people = ask(lineage, "00001", follow=Follows.PEOPLE)
    assert (people.outcome, people.decided_by, people.reason) == (Outcome.UNIQUE, "people", "by-people")
    assert codes(people) == ["00001"]
    assert (people.successor.extent, people.successor.population) == (Land.PART, People.ALL)
    land = ask(lineage, "00001", follow=Follows.LAND)
    assert (land.outcome, land.reason, codes(land)) == (Outcome.SPLIT, "divided", ["00001", "00002"])
    neither = ask(lineage, "00001")
    assert (neither.outcome, neither.reason, codes(neither)) == (
        Outcome.SPLIT,
        "follow-missing",
        ["00001", "00002"],
    )


def test_a_locality_decides_where_the_definitions_leave_a_choice() -> None:
    lineage = with_localities(
        ("00001", "00001", ["Thôn 1", "Thôn 2"]), ("00001", "00002", ["Thôn 10"]), entries=DIVIDED
    )
    found = ask(lineage, "00001", follow=Follows.LAND, locality="thôn 10, xã Một")
    assert (found.outcome, codes(found), found.decided_by) == (Outcome.UNIQUE, ["00002"], "locality")
    assert found.successor.extent is Land.PART
    assert "Thôn" not in str(found.evidence)
    assert codes(ask(lineage, "00001", locality="Thôn 01")) == ["00001"]
    for text in ("Thôn 11", "Thôn 1 và Thôn 10"):
        unknown = ask(lineage, "00001", follow=Follows.LAND, locality=text)
        assert (unknown.outcome, unknown.reason) == (Outcome.SPLIT, "locality-unknown")


def test_a_locality_does_not_override_what_the_definitions_decide() -> None:
    lineage = with_localities(("00001", "00002", ["Thôn 10"]), entries=DIVIDED)
    found = ask(lineage, "00001", follow=Follows.PEOPLE, locality="Thôn 10")
    assert (found.outcome, codes(found), found.decided_by) == (Outcome.UNIQUE, ["00001"], "people")


def test_a_locality_listed_for_a_unit_that_took_nothing_decides_nothing() -> None:
    lineage = with_localities(("00001", "00003", ["Thôn 10"]), entries=DIVIDED)
    found = ask(lineage, "00001", follow=Follows.LAND, locality="Thôn 10")
    assert (found.outcome, found.reason, found.decided_by) == (Outcome.SPLIT, "locality-unknown", "")


def test_an_unspecified_extent_never_gives_one_answer_however_long_the_chain() -> None:
    old = {"date": date(2020, 1, 1), "from": "00003 Xã C", "to": "00002 Xã B", "source": "list of 2020"}
    lineage = build(mapping(units_file(DAY, [{"into": "00001", "from": ["00001", "00002"]}], changes=[old])))
    for follow in (None, Follows.LAND, Follows.PEOPLE):
        found = ask(lineage, "00003", at=date(2019, 1, 1), follow=follow)
        assert (found.outcome, found.reason, codes(found)) == (Outcome.SPLIT, "extent-unspecified", ["00001"])
        assert found.successors[0].extent is Land.UNSPECIFIED
        assert [why.source for why in found.evidence] == ["list of 2020", "act-2025"]


def test_a_unit_of_which_nobody_knows_what_became_is_neither_ended_nor_decided() -> None:
    lineage = build(mapping(units_file(DAY, [], changes=[{"date": DAY, "from": "00001 Xã A"}])))
    found = ask(lineage, "00001")
    assert (found.outcome, found.reason, found.successors) == (Outcome.SPLIT, "successor-unknown", ())
    assert found.evidence


def test_a_unit_that_was_abolished_in_so_many_words_is_ended() -> None:
    change = {"date": DAY, "from": "00001 Xã A", "what": "abolish"}
    found = ask(build(mapping(units_file(DAY, [], changes=[change]))), "00001")
    assert (found.outcome, found.reason) == (Outcome.ENDED, "ended")


def test_districts_end_without_successor_and_communes_name_their_parents() -> None:
    lineage = from_entries(
        {"into": "00001", "from": ["00001", "00002"]},
        province={"into": "91 Tỉnh X", "from": ["91 Tỉnh X", "92 Tỉnh Y"]},
        districts=[{"unit": "901 Huyện H", "province": "92", "communes": ["00001", "00002"]}],
    )
    found = ask(lineage, "901", kind=UnitKind.DISTRICT)
    assert (found.outcome, found.successors) == (Outcome.ENDED, ())
    assert [why.change for why in found.evidence] == ["901 Huyện H ->"]
    district = lineage.version_at(UnitKind.DISTRICT, "901", BEFORE)
    old, new = (lineage.version_at(UnitKind.COMMUNE, "00001", day) for day in (BEFORE, DAY))
    assert district is not None
    assert old is not None
    assert new is not None
    assert (district.name, district.parent, old.parent, new.parent) == ("Huyện H", "92", "901", "91")
    assert codes(ask(lineage, "92", kind=UnitKind.PROVINCE)) == ["91"]


def test_a_commune_of_a_district_that_no_entry_names_is_undecided_and_found() -> None:
    lineage = from_entries(districts=[{"unit": "901 H", "province": "91", "communes": ["00001"]}])
    assert ask(lineage, "00001").reason == "successor-unknown"
    assert [finding.code for finding in lineage.findings] == ["left-out"]
    assert "00001" in lineage.findings[0].message


def test_unknown_codes_and_codes_of_another_time_are_told_apart() -> None:
    lineage = from_entries({"into": "00003", "from": ["00001", "00002"]})
    assert ask(lineage, "99999").outcome is Outcome.UNKNOWN
    assert ask(lineage, "").reason == "code-empty"
    assert ask(lineage, "00003").outcome is Outcome.NOT_VALID
    assert ask(lineage, "00001", at=DAY, to=AFTER).outcome is Outcome.NOT_VALID
    assert ask(lineage, "00003", at=DAY, to=AFTER).outcome is Outcome.UNCHANGED


def test_codes_swapped_on_one_day_are_not_chained() -> None:
    lineage = from_entries({"into": "00001", "from": ["00002"]}, {"into": "00002", "from": ["00001"]})
    assert codes(ask(lineage, "00001")) == ["00002"]
    assert codes(ask(lineage, "00002")) == ["00001"]
    assert ask(lineage, "00001").outcome is Outcome.UNIQUE


def test_parts_that_come_together_again_are_whole() -> None:
    halves = [
        {"into": code, "from": [{"unit": "00001", "land": "part", "people": "some", "share": 0.5}]}
        for code in ("00002", "00003")
    ]
    lineage = build(
        mapping(
            units_file(date(2020, 1, 1), halves),
            units_file(DAY, [{"into": "00004", "from": ["00002", "00003"]}]),
        )
    )
    found = ask(lineage, "00001", at=date(2019, 1, 1))
    assert (found.outcome, codes(found), found.successor.share) == (Outcome.UNIQUE, ["00004"], 1.0)
    assert found.successor.extent is Land.WHOLE
    between = ask(lineage, "00001", at=date(2019, 1, 1), to=BEFORE)
    assert [(s.code, s.share) for s in between.successors] == [("00002", 0.5), ("00003", 0.5)]
    assert between.outcome is Outcome.SPLIT


def test_backward_a_unit_of_one_predecessor_is_unique_and_a_merged_one_is_not() -> None:
    lineage = from_entries(
        {"into": "00003", "from": ["00001", "00002"]}, {"into": "00004", "from": ["00005"]}
    )
    several = ask(lineage, "00003", at=AFTER, to=BEFORE)
    assert (several.outcome, several.reason, codes(several)) == (
        Outcome.SPLIT,
        "made-of-several",
        ["00001", "00002"],
    )
    one = ask(lineage, "00004", at=AFTER, to=BEFORE)
    assert (one.outcome, one.reason, codes(one)) == (Outcome.UNIQUE, "one-predecessor", ["00005"])


def test_backward_a_created_unit_has_no_predecessor() -> None:
    found = ask(from_entries({"into": "00003 Đặc khu"}), "00003", at=AFTER, to=BEFORE)
    assert (found.outcome, found.reason) == (Outcome.ENDED, "created")


def test_a_part_alone_leaves_the_rest_unknown() -> None:
    lineage = from_entries({"into": "00002", "from": [{"unit": "00001", "land": "part", "people": "some"}]})
    found = ask(lineage, "00001")
    assert (found.outcome, found.reason, codes(found)) == (Outcome.SPLIT, "rest-unknown", ["00002"])


def test_a_unit_given_away_twice_is_a_finding_and_undecided() -> None:
    lineage = from_entries({"into": "00002", "from": ["00001"]}, {"into": "00003", "from": ["00001"]})
    found = ask(lineage, "00001")
    assert (found.outcome, found.reason, codes(found)) == (Outcome.SPLIT, "contradiction", ["00002", "00003"])
    assert [finding.code for finding in lineage.findings] == ["land-given-twice", "people-given-twice"]
    assert "00001" in lineage.findings[0].message
    assert ask(lineage, "00002", at=AFTER, to=BEFORE).outcome is Outcome.SPLIT


def test_a_kept_unit_that_also_loses_land_is_not_unchanged() -> None:
    lineage = from_entries(
        {"keep": "00001"},
        {"into": "00002", "from": ["00002", {"unit": "00001", "land": "part", "people": "none"}]},
    )
    assert ask(lineage, "00001").reason == "contradiction"
    assert ask(lineage, "00001", follow=Follows.PEOPLE).outcome is Outcome.UNIQUE


def test_a_unit_that_takes_in_another_without_a_word_on_itself_is_undecided() -> None:
    first = units_file(date(2020, 1, 1), [{"into": "00001", "from": ["00002"]}])
    second = units_file(DAY, [{"into": "00001", "from": ["00003"]}])
    lineage = build(mapping(first, second))
    assert ask(lineage, "00001").reason == "successor-unknown"
    assert ask(lineage, "00003").outcome is Outcome.UNIQUE
    assert ask(lineage, "00001", at=AFTER, to=BEFORE).outcome is Outcome.SPLIT
    assert [finding.code for finding in lineage.findings] == ["goes-on-unsaid"]


def test_a_unit_that_acts_after_its_end_is_a_finding_and_undecided() -> None:
    first = units_file(date(2020, 1, 1), [{"into": "00001", "from": ["00002", "00001"]}])
    second = units_file(DAY, [{"into": "00003", "from": ["00002"]}])
    lineage = build(mapping(first, second))
    found = ask(lineage, "00002")
    assert (found.outcome, found.reason, codes(found)) == (Outcome.SPLIT, "contradiction", ["00003"])
    assert [finding.code for finding in lineage.findings] == ["not-in-force"]


def test_two_files_that_say_the_same_agree_and_two_that_differ_do_not() -> None:
    entry = {"into": "00002", "from": ["00001"]}
    other = {"into": "00002", "from": [{"unit": "00001", "land": "part", "people": "all"}]}
    agreed = build(mapping(units_file(DAY, [entry]), units_file(DAY, [entry], id="other")))
    assert ask(agreed, "00001").outcome is Outcome.UNIQUE
    assert agreed.findings == ()
    at_odds = build(mapping(units_file(DAY, [entry]), units_file(DAY, [other], id="other")))
    assert ask(at_odds, "00001").reason == "contradiction"
    assert ask(at_odds, "00001", follow=Follows.PEOPLE).outcome is Outcome.UNIQUE
    assert [finding.code for finding in at_odds.findings] == ["land-told-differently"]


def test_shares_above_one_are_dropped_and_found() -> None:
    parts = [
        {"into": code, "from": [{"unit": "00001", "land": "part", "people": "some", "share": 0.8}]}
        for code in ("00002", "00003")
    ]
    lineage = from_entries(*parts)
    assert [successor.share for successor in ask(lineage, "00001").successors] == [None, None]
    assert [finding.code for finding in lineage.findings] == ["shares-above-one"]


def test_the_roster_and_the_days_of_change_are_told() -> None:
    lineage = from_entries({"into": "00003", "from": ["00001", "00002"]}, {"keep": "00004"})
    assert [unit.code for unit in lineage.roster(UnitKind.COMMUNE, BEFORE)] == ["00001", "00002", "00004"]
    assert [unit.code for unit in lineage.roster(UnitKind.COMMUNE, DAY)] == ["00003", "00004"]
    assert lineage.change_dates() == (DAY,)


def test_a_unit_said_to_go_on_without_an_extent_is_not_unchanged() -> None:
    change = {"date": DAY, "from": "00001 Xã A", "to": "00001 Xã A"}
    found = ask(build(mapping(units_file(DAY, [], changes=[change]))), "00001")
    assert (found.outcome, found.reason, codes(found)) == (Outcome.SPLIT, "extent-unspecified", ["00001"])


def halves(unit: str, *targets: str) -> list[dict[str, Any]]:
    part = {"unit": unit, "land": "part", "people": "some", "share": 0.5}
    return [{"into": code, "from": [part]} for code in targets]


def extents(found: Resolution) -> list[tuple[str, str, str, float | None]]:
    return [(one.code, one.extent.value, one.population.value, one.share) for one in found.successors]


def test_some_of_some_may_be_none() -> None:
    with_others = halves("00001", "00002", "00003")
    with_others[0]["from"].append("00009")
    lineage = build(
        mapping(
            units_file(date(2020, 1, 1), with_others),
            units_file(DAY, [*halves("00002", "00004", "00005"), {"keep": "00003"}]),
        )
    )
    assert extents(ask(lineage, "00001", at=date(2019, 1, 1))) == [
        ("00003", "part", "some", 0.5),
        ("00004", "unspecified", "unspecified", 0.25),
        ("00005", "unspecified", "unspecified", 0.25),
    ]


def test_a_part_of_what_was_made_of_nothing_else_is_some() -> None:
    lineage = build(
        mapping(
            units_file(date(2020, 1, 1), halves("00001", "00002", "00003")),
            units_file(DAY, [*halves("00002", "00004", "00005"), {"keep": "00003"}]),
        )
    )
    assert extents(ask(lineage, "00001", at=date(2019, 1, 1))) == [
        ("00003", "part", "some", 0.5),
        ("00004", "part", "some", 0.25),
        ("00005", "part", "some", 0.25),
    ]


def test_of_a_unit_that_took_all_in_and_was_divided_nobody_knows_what_went_where() -> None:
    lineage = build(
        mapping(
            units_file(date(2020, 1, 1), [{"into": "00002", "from": ["00001", "00002"]}]),
            units_file(DAY, halves("00002", "00004", "00005")),
        )
    )
    assert extents(ask(lineage, "00001", at=date(2019, 1, 1))) == [
        ("00004", "unspecified", "unspecified", 0.5),
        ("00005", "unspecified", "unspecified", 0.5),
    ]


def test_where_only_land_came_the_land_tells_what_was_before() -> None:
    parts = [
        {"unit": "00001", "land": "part", "people": "none"},
        {"unit": "00001", "land": "part", "people": "all"},
    ]
    day = [{"into": "00002", "from": [parts[0]]}, {"into": "00003", "from": [parts[1]]}]
    lineage = build(mapping(units_file(DAY, day)))
    back = ask(lineage, "00002", at=DAY, to=date(2019, 1, 1))
    assert (back.outcome, codes(back)) == (Outcome.UNIQUE, ["00001"])
    people = ask(lineage, "00002", at=DAY, to=date(2019, 1, 1), follow=Follows.PEOPLE)
    assert (people.outcome, people.reason) == (Outcome.ENDED, "none-came")


def one_change(**change: Any) -> Lineage:
    return build(mapping(units_file(DAY, [], changes=[{"date": DAY, **change}])))


def test_a_unit_that_comes_from_nobody_knows_where_was_not_created() -> None:
    back = ask(one_change(to="00009 Xã Chín", what="merge"), "00009", at=DAY, to=BEFORE)
    assert (back.outcome, back.reason) == (Outcome.SPLIT, "predecessor-unknown")
    assert [why.change for why in back.evidence] == ["-> 00009 Xã Chín"]
    created = ask(one_change(to="00009 Xã Chín", what="create"), "00009", at=DAY, to=BEFORE)
    assert (created.outcome, created.reason) == (Outcome.ENDED, "created")


def test_what_came_from_nobody_knows_where_beside_a_known_part_leaves_the_predecessors_open() -> None:
    part = {"unit": "00001", "land": "part", "people": "some"}
    entries = [{"into": "00001", "from": [part]}, {"into": "00002", "from": [part]}]
    unknown = {"date": DAY, "to": "00002", "what": "merge"}
    back = ask(from_entries(*entries, changes=[unknown]), "00002", at=DAY, to=BEFORE)
    assert (back.outcome, back.reason, codes(back)) == (Outcome.SPLIT, "predecessor-unknown", ["00001"])


@pytest.mark.parametrize("what", ["transfer", "rename"])
def test_a_change_to_another_code_without_extents_is_not_taken_for_all(what: str) -> None:
    found = ask(one_change(**{"from": "00001", "to": "00002", "what": what}), "00001")
    assert (found.outcome, found.reason, codes(found)) == (Outcome.SPLIT, "extent-unspecified", ["00002"])


def test_a_change_of_code_without_extents_is_all_of_the_unit() -> None:
    found = ask(one_change(**{"from": "00001", "to": "00002", "what": "recode"}), "00001")
    assert (found.outcome, codes(found)) == (Outcome.UNIQUE, ["00002"])


def test_the_whole_beside_an_unspecified_part_is_not_decided() -> None:
    unspecified = {"unit": "00001", "land": "unspecified", "people": "unspecified"}
    lineage = from_entries({"into": "00002", "from": ["00001"]}, {"into": "00003", "from": [unspecified]})
    found = ask(lineage, "00001")
    assert (found.outcome, found.reason, codes(found)) == (
        Outcome.SPLIT,
        "extent-unspecified",
        ["00002", "00003"],
    )
