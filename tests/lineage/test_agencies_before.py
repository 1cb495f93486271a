"""Questions asked backward: which agencies did this work before."""

from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_agencies import agencies_file, agency, codes, two_provinces

from merger.lineage import Agencies, AgencyRequest, Outcome, Resolution, build
from merger.mapping.models import AgenciesFile, CompetenceFile, Mapping, ServicesFile
from merger.testing import laws
from merger.testing.country import country

FIRST, SECOND = date(2025, 7, 1), date(2027, 1, 1)
EVE, BETWEEN, LATER = date(2025, 6, 30), date(2026, 1, 1), date(2027, 6, 1)

UNITS = two_provinces(("901 Huyện H", ["00001", "00002", "00003"]), ("902 Huyện K", ["00004"]))
SERVICES = ServicesFile.model_validate(
    {
        "schema": "merger/services/1",
        "id": "services",
        "fields": [{"field": "Hộ tịch", "follows": "people"}, {"field": "Xây dựng"}],
        "services": [
            {"service": "1.000001 Khai sinh", "field": "Hộ tịch"},
            {"service": "1.000002 Giấy phép", "field": "Xây dựng"},
        ],
    }
)


def engine(*files: AgenciesFile, rules: list[dict[str, Any]] | None = None) -> Agencies:
    said = {"schema": "merger/competence/1", "id": "rules", "effective": FIRST, "rules": rules or []}
    competence = (CompetenceFile.model_validate(said),) if rules else ()
    mapping = Mapping(units=(UNITS,), agencies=files, competence=competence, services=(SERVICES,))
    return Agencies(mapping, build(mapping))


def back(agencies: Agencies, code: str, at: date = FIRST, to: date = EVE, **more: Any) -> Resolution:
    return agencies.successor(AgencyRequest(code, at, to, **more))


OFFICES = agencies_file(
    FIRST,
    [
        agency("A91.05 Sở Xây dựng X", "province", "construction", "91", into="A91.05"),
        agency("A92.07 Sở Xây dựng Y", "province", "construction", "92", into="A91.05"),
        agency("A92.08 Sở Y tế Y", "province", "health", "92", into="A91.06"),
        agency("A92.09 Ban cũ", "province", "board", "92", into="A92.08"),
        agency("A92.10 Thanh tra", "province", "inspection", "92", into="A91.10"),
        agency("A92.30.03 UBND xã Ba", "commune", "committee", "00003", into="unit"),
        agency("A92.30.01 UBND xã Một", "commune", "committee", "00001", into="unit"),
        agency("A92.31.04 UBND xã Bốn", "commune", "committee", "00004", into="A92.31.04"),
    ],
    [
        agency("A91.05 Sở Xây dựng", "province", "construction", "91"),
        agency("A91.06 Sở Y tế", "province", "health", "91"),
        agency("A91.10 Thanh tra", "province", "inspection", "91"),
        agency("A91.11 Ban mới", "province", "new", "91"),
        agency("A91.101 UBND xã Một", "commune", "committee", "00001"),
        agency("A91.102 UBND xã Hai", "commune", "committee", "00002"),
        agency("A92.31.04 UBND xã Bốn", "commune", "committee", "00004"),
    ],
)


def test_one_agency_all_of_whose_work_came_is_the_answer() -> None:
    found = back(engine(OFFICES), "A91.10")
    assert (found.outcome, found.reason, codes(found)) == (Outcome.UNIQUE, "one-predecessor", ["A92.10"])
    assert found.successor.name == "Thanh tra"
    assert found.evidence[0].change == "A92.10 Thanh tra -> A91.10"


def test_several_agencies_are_all_named_and_none_is_chosen() -> None:
    found = back(engine(OFFICES), "A91.05")
    assert (found.outcome, found.reason) == (Outcome.SPLIT, "made-of-several")
    assert codes(found) == ["A91.05", "A92.07"]


def test_an_agency_that_came_by_way_of_another_of_the_same_day_is_named_too() -> None:
    assert codes(back(engine(OFFICES), "A91.06")) == ["A92.08", "A92.09"]


def test_an_agency_that_nobody_led_to_was_created() -> None:
    found = back(engine(OFFICES), "A91.11")
    assert (found.outcome, found.reason, found.successors) == (Outcome.ENDED, "created", ())
    assert found.evidence[0].change == "A91.11 Ban mới [created]"


def test_an_agency_that_went_on_unchanged_is_unchanged_backward() -> None:
    found = back(engine(OFFICES), "A92.31.04")
    assert (found.outcome, found.reason, codes(found)) == (Outcome.UNCHANGED, "same-unit", ["A92.31.04"])


def test_between_two_days_without_a_reorganisation_nothing_changed() -> None:
    assert back(engine(OFFICES), "A91.05", LATER, BETWEEN).outcome is Outcome.UNCHANGED


def test_a_part_of_an_agencys_work_is_never_a_unique_answer() -> None:
    """The committee of a divided commune gave a part to each of two; the second has nothing else."""
    found = back(engine(OFFICES), "A91.102")
    assert (found.outcome, found.reason, codes(found)) == (Outcome.SPLIT, "part-of-work", ["A92.30.01"])
    assert (found.successors[0].extent, found.successors[0].share) == ("part", None)


def test_a_service_that_says_what_counts_makes_the_part_whole() -> None:
    agencies = engine(OFFICES)
    assert codes(back(agencies, "A91.101", service="1.000001")) == ["A92.30.01", "A92.30.03"]
    nothing = back(agencies, "A91.102", service="1.000001")
    assert (nothing.outcome, nothing.reason) == (Outcome.ENDED, "created")


def test_a_first_guess_is_marked_backward_too() -> None:
    found = back(engine(OFFICES), "000.00.10.A91")
    assert (found.outcome, found.reason, codes(found)) == (Outcome.UNIQUE, "first-guess", ["A92.10"])


RULES = [
    {"rule": "births", "levels": ["district"], "fields": ["Hộ tịch"], "to": "commune"},
    {"rule": "building", "levels": ["district"], "fields": ["Xây dựng"], "to": {"function": "construction"}},
    {"rule": "secret", "levels": ["district"], "fields": ["Tố cáo"], "to": "person"},
]
DISTRICTS = agencies_file(
    FIRST,
    [
        agency("A92.30 UBND huyện H", "district", "committee", "901", into="competence"),
        agency("A92.31 UBND huyện K", "district", "committee", "902", into="competence"),
    ],
    [
        agency("A91.05 Sở Xây dựng", "province", "construction", "91"),
        agency("A91.101 UBND xã Một", "commune", "committee", "00001"),
        agency("A91.104 UBND xã Bốn", "commune", "committee", "00004"),
    ],
)


def test_a_rule_gives_a_part_and_only_to_the_communes_of_the_district() -> None:
    found = back(engine(DISTRICTS, rules=RULES), "A91.104")
    assert (found.outcome, found.reason, codes(found)) == (Outcome.SPLIT, "part-of-work", ["A92.31"])
    assert "rule=births" in found.evidence[0].change


def test_a_rule_for_the_province_gives_parts_of_every_district() -> None:
    found = back(engine(DISTRICTS, rules=RULES), "A91.05")
    assert (found.reason, codes(found)) == ("made-of-several", ["A92.30", "A92.31"])


def test_with_a_service_the_one_rule_that_applies_is_asked() -> None:
    agencies = engine(DISTRICTS, rules=RULES)
    found = back(agencies, "A91.104", service="1.000001.000.00.00.A92")
    assert (found.outcome, codes(found)) == (Outcome.UNIQUE, ["A92.31"])
    assert back(agencies, "A91.104", service="1.000002").outcome is Outcome.ENDED


def test_one_rule_for_all_the_work_gives_the_whole_of_it() -> None:
    rules = [{"rule": "all", "levels": ["district"], "to": {"agency": "A91.05"}}]
    lone = agencies_file(
        FIRST,
        [agency("A92.30 UBND huyện H", "district", "committee", "901", into="competence")],
        [agency("A91.05 Sở Xây dựng", "province", "construction", "91")],
    )
    assert back(engine(lone, rules=rules), "A91.05").outcome is Outcome.UNIQUE
    rules.append({"rule": "some", "levels": ["district"], "fields": ["Tố cáo"], "to": "person"})
    assert back(engine(lone, rules=rules), "A91.05").reason == "part-of-work"


def test_a_place_leaves_out_the_agencies_that_did_not_serve_it() -> None:
    agencies = engine(DISTRICTS, rules=RULES)
    found = back(agencies, "A91.05", service="1.000002", place="00004")
    assert (found.outcome, codes(found)) == (Outcome.UNIQUE, ["A92.31"])
    assert back(agencies, "A91.104", place="00001").reason == "place-elsewhere"


CHAIN = agencies_file(
    SECOND,
    [
        agency("A91.05 Sở Xây dựng", "province", "construction", "91", into="A91.20"),
        agency("A91.10 Thanh tra", "province", "inspection", "91", into="A91.21"),
        agency("A91.11 Ban mới", "province", "new", "91", into="A91.20"),
        agency("A91.06 Sở Y tế", "province", "health", "91", into="A91.23"),
    ],
    [
        agency("A91.20 Sở Hạ tầng", "province", "infrastructure", "91"),
        agency("A91.21 Thanh tra tỉnh", "province", "inspection", "91"),
        agency("A91.23 Sở Y tế", "province", "health", "91"),
    ],
)


def test_several_reorganisations_are_followed_back() -> None:
    agencies = engine(OFFICES, CHAIN)
    assert codes(back(agencies, "A91.21", LATER, EVE)) == ["A92.10"]
    assert len(back(agencies, "A91.21", LATER, EVE).evidence) == 2
    assert codes(back(agencies, "A91.21", LATER, BETWEEN)) == ["A91.10"]
    assert codes(back(agencies, "A91.20", LATER, EVE)) == ["A91.05", "A92.07"]
    assert codes(back(agencies, "A91.20", LATER, BETWEEN)) == ["A91.05", "A91.11"]


def test_work_that_was_partly_created_meanwhile_has_no_unique_answer() -> None:
    first = agencies_file(
        FIRST,
        [agency("A92.10 Thanh tra", "province", "inspection", "92", into="A91.05")],
        [
            agency("A91.05 Sở Xây dựng", "province", "construction", "91"),
            agency("A91.11 Ban mới", "province", "new", "91"),
        ],
    )
    second = agencies_file(
        SECOND,
        [
            agency("A91.05 Sở Xây dựng", "province", "construction", "91", into="A91.20"),
            agency("A91.11 Ban mới", "province", "new", "91", into="A91.20"),
        ],
        [agency("A91.20 Sở Hạ tầng", "province", "infrastructure", "91")],
    )
    found = back(engine(first, second), "A91.20", LATER, EVE)
    assert (found.outcome, found.reason, codes(found)) == (Outcome.SPLIT, "part-created", ["A92.10"])


def test_an_agency_that_takes_in_others_and_is_not_listed_before_goes_on_too() -> None:
    second = agencies_file(
        SECOND,
        [agency("A91.10 Thanh tra", "province", "inspection", "91", into="A91.06")],
        [agency("A91.06 Sở Y tế", "province", "health", "91")],
    )
    assert codes(back(engine(OFFICES, second), "A91.06", LATER, BETWEEN)) == ["A91.06", "A91.10"]


def test_documents_are_asked_for_apart() -> None:
    lone = agencies_file(
        FIRST,
        [agency("A92.30 UBND", "district", "committee", "901", into="A91.05", documents="A91.01")],
        [
            agency("A91.01 Văn phòng", "province", "office", "91"),
            agency("A91.05 Sở Xây dựng", "province", "construction", "91"),
        ],
    )
    agencies = engine(lone)
    assert back(agencies, "A91.01").outcome is Outcome.ENDED
    assert codes(back(agencies, "A91.01", works="documents")) == ["A92.30"]


def test_an_agency_entered_twice_differently_is_a_contradiction_and_a_circle_ends() -> None:
    lone = agencies_file(
        FIRST,
        [
            agency("A92.81 Vòng một", "province", "x", "92", into="A92.82"),
            agency("A92.82 Vòng hai", "province", "x", "92", into="A92.81"),
        ],
        [
            agency("A91.05 Sở Xây dựng", "province", "construction", "91"),
            agency("A91.05 Sở Khác", "province", "other", "91"),
            agency("A91.06 Sở Y tế", "province", "health", "91"),
        ],
    )
    assert back(engine(lone), "A91.05").reason == "contradiction"
    assert back(engine(lone), "A91.06").reason == "created"


def test_work_that_may_have_come_from_an_agency_of_an_unknown_unit_is_not_decided() -> None:
    more = agency("A92.30.09 UBND xã Lạ", "commune", "committee", "99999", into="unit")
    said = OFFICES.model_dump(mode="json")
    file = agencies_file(FIRST, [*said["before"], more], said["after"])
    found = back(engine(file), "A92.31.04")
    assert (found.outcome, found.reason, codes(found)) == (
        Outcome.SPLIT,
        "predecessor-unknown",
        ["A92.31.04"],
    )
    assert back(engine(file), "A91.10").outcome is Outcome.UNIQUE


@pytest.mark.parametrize("files", [(OFFICES, CHAIN), (CHAIN, OFFICES)])
def test_the_order_of_files_makes_no_difference(files: tuple[AgenciesFile, ...]) -> None:
    assert codes(back(engine(*files), "A91.20", LATER, EVE)) == ["A91.05", "A92.07"]


CLOSED_AGAIN = [
    pytest.param("A92.10", "A92.10 Sở khác", "", id="the same code on the same day"),
    pytest.param("A92.10", "A92.010 Sở khác", "", id="a code that is the same without zeros"),
    pytest.param("A92.10", "A92.44 Sở khác", "000.00.10.A92", id="its former form"),
]


@pytest.mark.parametrize(("closed", "again", "former"), CLOSED_AGAIN)
def test_a_closed_code_given_again_is_a_finding(closed: str, again: str, former: str) -> None:
    more = {"former": former} if former else {}
    file = agencies_file(
        FIRST,
        [agency(f"{closed} Thanh tra", "province", "inspection", "92", into="A91.10")],
        [
            agency("A91.10 Thanh tra", "province", "inspection", "91"),
            agency(again, "province", "other", "91", **more),
        ],
    )
    (found,) = engine(file).findings
    assert found.code == "agency-code-again"
    assert found.message == (
        f"agency {again.split()[0]} on 2025-07-01: its code stood for A92.10, which was closed on 2025-07-01"
    )


def test_a_code_closed_in_one_reorganisation_and_given_in_a_later_one_is_a_finding() -> None:
    second = agencies_file(SECOND, [], [agency("A92.10 Sở mới", "province", "other", "91")])
    agencies = engine(OFFICES, second)
    assert [one.code for one in agencies.findings] == ["agency-code-again"]
    assert codes(back(agencies, "A92.10", LATER, EVE)) == []
    assert back(agencies, "A92.10", EVE - timedelta(days=30), EVE - timedelta(days=60)).outcome.decided


def test_a_former_code_that_converts_to_two_is_ambiguous() -> None:
    file = agencies_file(
        FIRST,
        [
            agency("A92.5 Sở Năm", "province", "five", "92", into="A92.5"),
            agency("A92.05 Sở Không Năm", "province", "nought-five", "92", into="A92.05"),
        ],
        [
            agency("A92.5 Sở Năm", "province", "five", "92"),
            agency("A92.05 Sở Không Năm", "province", "nought-five", "92"),
        ],
    )
    agencies = engine(file)
    found = agencies.successor(AgencyRequest("000.00.05.A92", EVE, FIRST))
    assert (found.outcome, found.reason) == (Outcome.SPLIT, "code-ambiguous")
    assert agencies.successor(AgencyRequest("A92.5", EVE, FIRST)).outcome.decided


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32))
def test_whoever_goes_on_with_work_names_backward_who_did_it(seed: int) -> None:
    laws.work_is_found_both_ways(country(Random(seed)))
