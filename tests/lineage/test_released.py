"""Units that were merged and given back: they take back their own records, and nothing else."""

from datetime import date
from typing import Any

import pytest

from merger.lineage import Lineage, Outcome, Request, Resolution, build
from merger.mapping.models import Follows, UnitKind
from merger.testing.histories import mapping, units_file

JOIN, RELEASE = date(1994, 1, 1), date(1997, 1, 1)
FIRST, BETWEEN, LAST = date(1990, 1, 1), date(1995, 6, 1), date(2020, 1, 1)


def whole(day: date, old: str, new: str, **more: Any) -> dict[str, Any]:
    return {"date": day, "from": old, "to": new, "land": "whole", "people": "all", **more}


def part(day: date, old: str, new: str, **more: Any) -> dict[str, Any]:
    return {"date": day, "from": old, "to": new, "land": "part", "people": "some", "what": "split", **more}


def lineage_of(*changes: dict[str, Any]) -> Lineage:
    return build(mapping(units_file(LAST, [], codes="other", changes=list(changes))))


def ask(lineage: Lineage, code: str, at: date, to: date, follow: Follows | None = None) -> Resolution:
    return lineage.resolve(Request(code, UnitKind.COMMUNE, at, to, follow))


def codes(resolution: Resolution) -> list[str]:
    return [successor.code for successor in resolution.successors]


MERGED = [whole(JOIN, "62126", "62119"), whole(JOIN, "62119", "62119")]
GIVEN_BACK = [part(RELEASE, "62119", "62119"), part(RELEASE, "62119", "62126")]


@pytest.fixture(scope="module")
def bethune() -> Lineage:
    return lineage_of(*MERGED, *GIVEN_BACK)


@pytest.mark.parametrize("follow", [None, Follows.LAND, Follows.PEOPLE])
@pytest.mark.parametrize("code", ["62126", "62119"])
@pytest.mark.parametrize(("at", "to"), [(FIRST, LAST), (LAST, FIRST)])
def test_each_side_keeps_what_was_its_own(
    bethune: Lineage, code: str, at: date, to: date, follow: Follows | None
) -> None:
    found = ask(bethune, code, at, to, follow)
    assert (found.outcome, found.reason, codes(found)) == (Outcome.UNIQUE, "by-release", [code])
    assert found.decided_by == "release"
    assert (found.successor.extent.value, found.successor.population.value, found.successor.share) == (
        "whole",
        "all",
        1.0 if to > at or code == "62126" else found.successor.share,
    )
    assert len(found.evidence) == 2


@pytest.mark.parametrize("to", [FIRST, LAST])
def test_what_was_taken_on_while_both_were_one_is_divided(bethune: Lineage, to: date) -> None:
    found = ask(bethune, "62119", BETWEEN, to)
    assert (found.outcome, codes(found)) == (Outcome.SPLIT, ["62119", "62126"])
    assert ask(bethune, "62126", BETWEEN, to).outcome is Outcome.NOT_VALID
    assert codes(ask(bethune, "62126", FIRST, BETWEEN)) == ["62119"]


def test_two_steps_over_the_time_together_say_less_than_one(bethune: Lineage) -> None:
    middle = ask(bethune, "62126", FIRST, BETWEEN).successor
    assert set(codes(ask(bethune, "62126", FIRST, LAST))) < set(
        codes(ask(bethune, middle.code, BETWEEN, LAST))
    )


def test_a_unit_that_a_released_one_was_made_of_goes_back_with_it() -> None:
    earlier = [whole(date(1980, 1, 1), "9", "62126"), whole(date(1980, 1, 1), "62126", "62126")]
    lineage = lineage_of(*earlier, *MERGED, *GIVEN_BACK)
    assert codes(ask(lineage, "9", date(1979, 1, 1), LAST)) == ["62126"]
    assert codes(ask(lineage, "62126", LAST, date(1979, 1, 1))) == ["62126", "9"]


def test_a_release_counts_over_further_mergers_of_the_unit_that_held_it() -> None:
    day = date(1995, 1, 1)
    moved = [whole(day, "62119", "5"), whole(day, "6", "5")]
    back = [part(RELEASE, "5", "5"), part(RELEASE, "5", "62126")]
    lineage = lineage_of(*MERGED, *moved, *back)
    assert {code: codes(ask(lineage, code, FIRST, LAST)) for code in ("62126", "62119", "6")} == {
        "62126": ["62126"],
        "62119": ["5"],
        "6": ["5"],
    }
    assert codes(ask(lineage, "62126", LAST, FIRST)) == ["62126"]
    assert codes(ask(lineage, "5", LAST, FIRST)) == ["6", "62119"]


def test_two_units_given_back_one_after_the_other_and_a_third_that_stays() -> None:
    merged = [whole(JOIN, code, "X") for code in ("A", "B", "C")]
    first = [part(RELEASE, "X", "X"), part(RELEASE, "X", "A")]
    day = date(2001, 1, 1)
    second = [part(day, "X", "X"), part(day, "X", "B")]
    lineage = lineage_of(*merged, *first, *second)
    for code, end in (("A", "A"), ("B", "B"), ("C", "X")):
        assert codes(ask(lineage, code, FIRST, LAST)) == [end]
        assert codes(ask(lineage, end, LAST, FIRST)) == [code]
    assert codes(ask(lineage, "X", date(1999, 1, 1), LAST)) == ["B", "X"]
    assert codes(ask(lineage, "X", BETWEEN, LAST)) == ["A", "B", "X"]


def test_a_unit_dissolved_into_all_that_it_was_made_of() -> None:
    lineage = lineage_of(
        *[whole(JOIN, code, "X") for code in "AB"], *[part(RELEASE, "X", code) for code in "AB"]
    )
    for code in "AB":
        assert codes(ask(lineage, code, FIRST, LAST)) == [code]
        assert codes(ask(lineage, code, LAST, FIRST)) == [code]


def test_a_unit_within_a_unit_goes_back_to_itself_not_to_what_held_it() -> None:
    lineage = lineage_of(
        whole(date(1991, 1, 1), "B", "A"),
        whole(date(1991, 1, 1), "A", "A"),
        whole(JOIN, "A", "X"),
        whole(JOIN, "X", "X"),
        *[part(RELEASE, "X", code) for code in "XAB"],
    )
    for code in "XAB":
        assert codes(ask(lineage, code, FIRST, LAST)) == [code]
        assert codes(ask(lineage, code, LAST, FIRST)) == [code]
    assert codes(ask(lineage, "A", date(1992, 1, 1), LAST)) == ["A", "B"]
    assert codes(ask(lineage, "X", date(1992, 1, 1), LAST)) == ["X"]


def test_merging_again_and_being_given_back_again() -> None:
    again, out = date(2000, 1, 1), date(2005, 1, 1)
    lineage = lineage_of(
        *MERGED,
        *GIVEN_BACK,
        whole(again, "62126", "62119"),
        whole(again, "62119", "62119"),
        part(out, "62119", "62119"),
        part(out, "62119", "62126"),
    )
    for code in ("62126", "62119"):
        assert codes(ask(lineage, code, FIRST, LAST)) == [code]
        assert codes(ask(lineage, code, LAST, FIRST)) == [code]
        assert codes(ask(lineage, code, date(1998, 1, 1), LAST)) == [code]


def test_a_code_used_again_for_something_else_is_no_release() -> None:
    of_two = [part(RELEASE, "X", "X"), part(RELEASE, "X", "A"), whole(RELEASE, "Z", "A")]
    lineage = lineage_of(whole(JOIN, "A", "X"), whole(JOIN, "X", "X"), *of_two)
    assert codes(ask(lineage, "A", FIRST, LAST)) == ["A", "X"]
    only_recoded = lineage_of(whole(JOIN, "A", "X"), part(RELEASE, "X", "X"), part(RELEASE, "X", "A"))
    assert codes(ask(only_recoded, "A", FIRST, LAST)) == ["A", "X"]
    elsewhere = lineage_of(
        whole(JOIN, "A", "Y"), whole(JOIN, "Y", "Y"), part(RELEASE, "X", "X"), part(RELEASE, "X", "A")
    )
    assert codes(ask(elsewhere, "A", FIRST, LAST)) == ["Y"]


def test_extents_that_are_not_stated_are_no_release() -> None:
    def unsaid(edge: dict[str, Any]) -> dict[str, Any]:
        return {**edge, "land": "unspecified", "people": "unspecified"}

    for changes in (
        [*MERGED, *map(unsaid, GIVEN_BACK)],
        [unsaid(MERGED[0]), MERGED[1], *GIVEN_BACK],
    ):
        found = ask(lineage_of(*changes), "62126", FIRST, LAST)
        assert (found.outcome, found.reason) == (Outcome.SPLIT, "extent-unspecified")


def test_land_given_back_without_its_people_leaves_the_people_where_they_were() -> None:
    lineage = lineage_of(
        *MERGED,
        part(RELEASE, "62119", "62119", people="all"),
        part(RELEASE, "62119", "62126", people="none"),
    )
    assert codes(ask(lineage, "62126", FIRST, LAST, Follows.LAND)) == ["62126"]
    assert codes(ask(lineage, "62126", FIRST, LAST, Follows.PEOPLE)) == ["62119"]
    assert ask(lineage, "62126", FIRST, LAST).reason == "follow-missing"


def test_merged_and_given_back_on_one_day_in_order() -> None:
    lineage = lineage_of(
        *[whole(JOIN, code, "X", seq=1) for code in "AB"], *[part(JOIN, "X", code, seq=2) for code in "AB"]
    )
    assert [codes(ask(lineage, code, FIRST, LAST)) for code in "AB"] == [["A"], ["B"]]


def test_a_unit_that_gets_all_the_people_of_the_one_that_held_it_is_not_given_back() -> None:
    day = date(1997, 1, 1)
    lineage = lineage_of(
        *MERGED, part(day, "62119", "62126", people="all"), part(day, "62119", "62119", people="none")
    )
    for code in ("62126", "62119"):
        assert codes(ask(lineage, code, FIRST, LAST, Follows.PEOPLE)) == ["62126"]
    assert codes(ask(lineage, "62126", LAST, FIRST, Follows.PEOPLE)) == ["62119", "62126"]
    assert ask(lineage, "62126", FIRST, LAST).outcome is Outcome.SPLIT


def test_what_was_made_of_released_units_alone_did_not_leave_anything_with_the_rest() -> None:
    lineage = lineage_of(
        *[whole(date(1990, 6, 1), code, "C") for code in "AB"],
        whole(JOIN, "C", "D"),
        whole(JOIN, "D", "D"),
        *[part(RELEASE, "D", code) for code in "DAB"],
    )
    for code in "ABD":
        assert codes(ask(lineage, code, LAST, FIRST)) == [code]
        assert codes(ask(lineage, code, FIRST, LAST)) == [code]
    assert codes(ask(lineage, "D", LAST, date(1992, 1, 1))) == ["D"]


def test_what_was_made_of_a_released_unit_and_another_may_have_left_this_one() -> None:
    lineage = lineage_of(
        *[whole(date(1990, 6, 1), code, "C") for code in "AB"],
        whole(JOIN, "C", "D"),
        whole(JOIN, "D", "D"),
        *[part(RELEASE, "D", code) for code in "DA"],
    )
    assert codes(ask(lineage, "D", LAST, FIRST)) == ["B", "D"]
    assert codes(ask(lineage, "A", LAST, FIRST)) == ["A"]


def test_a_unit_in_which_nobody_lived_is_not_given_back_with_people() -> None:
    day = date(1990, 6, 1)
    lineage = lineage_of(
        part(day, "A", "A", people="all"),
        part(day, "A", "B", people="none"),
        *[whole(JOIN, code, "A") for code in "AB"],
        *[part(RELEASE, "A", code) for code in "AB"],
    )
    assert codes(ask(lineage, "B", LAST, FIRST, Follows.PEOPLE)) == ["A"]
    assert ask(lineage, "A", FIRST, LAST, Follows.PEOPLE).outcome is Outcome.SPLIT


def test_a_unit_in_which_all_the_people_lived_is_not_given_back_where_others_get_people() -> None:
    day = date(1990, 6, 1)
    lineage = lineage_of(
        part(day, "A", "A", people="none"),
        part(day, "A", "B", people="all"),
        *[whole(JOIN, code, "A") for code in "AB"],
        *[part(RELEASE, "A", code) for code in "AB"],
    )
    assert codes(ask(lineage, "A", LAST, FIRST, Follows.PEOPLE)) == ["A"]
    assert ask(lineage, "A", FIRST, LAST, Follows.PEOPLE).outcome is Outcome.SPLIT


def test_units_among_which_another_one_must_have_been_divided_were_not_given_back() -> None:
    lineage = lineage_of(*[whole(JOIN, c, "X") for c in "ABC"], *[part(RELEASE, "X", c) for c in "AB"])
    for code in "ABC":
        assert codes(ask(lineage, code, FIRST, LAST)) == ["A", "B"]


def test_what_came_by_way_of_a_unit_that_gave_all_else_back_came_from_elsewhere() -> None:
    later = date(2004, 1, 1)
    lineage = lineage_of(
        whole(JOIN, "D", "H"),
        whole(JOIN, "B", "H"),
        part(RELEASE, "H", "D"),
        part(RELEASE, "H", "H"),
        whole(RELEASE, "C", "H"),
        part(later, "H", "B"),
        part(later, "H", "H"),
    )
    assert {code: codes(ask(lineage, code, LAST, FIRST)) for code in "BDH"} == {
        "B": ["B"],
        "D": ["D"],
        "H": ["C"],
    }
