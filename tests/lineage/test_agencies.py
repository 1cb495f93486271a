"""Questions asked forward: which agency goes on with the work of one that ended."""

from datetime import date
from typing import Any

import pytest
from made_up_agencies import agencies_file, agency, codes, two_provinces

from merger.lineage import Agencies, AgencyRequest, Outcome, Resolution, Services, build
from merger.mapping.models import AgenciesFile, CompetenceFile, Follows, Mapping, ServicesFile
from merger.testing.histories import units_file

BEFORE, DAY, AFTER = date(2025, 6, 30), date(2025, 7, 1), date(2026, 1, 1)
LATER = date(2026, 7, 1)

UNITS = two_provinces(("901 Huyện H", ["00001", "00002", "00003", "00004"]))

BEFORE_AGENCIES = [
    agency("A91.05 Sở Xây dựng X", "province", "construction", "91", into="A91.05"),
    agency("A92.07 Sở Xây dựng Y", "province", "construction", "92", into="A91.05", former="000.00.09.A92"),
    agency("A92.30 UBND huyện H", "district", "committee", "901", into="competence", documents="A91.01"),
    agency("A92.30.01 UBND xã Một", "commune", "committee", "00001", into="unit"),
    agency("A92.30.03 UBND xã Ba", "commune", "committee", "00003", into="unit"),
    agency("A92.30.04 UBND xã Bốn", "commune", "committee", "00004", into="A92.30.04"),
    agency("A92.08 Ban cũ", "province", "board", "92", into="A92.07"),
    agency("A92.81 Vòng một", "province", "x", "92", into="A92.82"),
    agency("A92.82 Vòng hai", "province", "x", "92", into="A92.81"),
]
AFTER_AGENCIES = [
    agency("A91.01 Văn phòng UBND", "province", "office", "91"),
    agency("A91.05 Sở Xây dựng", "province", "construction", "91"),
    agency("A95.05 Sở Xây dựng tỉnh khác", "province", "construction", "95"),
    agency("A91.101 UBND xã Một", "commune", "committee", "00001"),
    agency("A91.102 UBND xã Hai", "commune", "committee", "00002"),
    agency("A92.30.04 UBND xã Bốn", "commune", "committee", "00004"),
]
RULES = [
    {
        "rule": "civil-status",
        "levels": ["district"],
        "fields": ["Hộ tịch"],
        "to": "commune",
        "source": "decree 1",
    },
    {"rule": "building", "fields": ["Hoạt động xây dựng"], "to": {"function": "construction"}},
    {"rule": "one-licence", "services": ["1.000002.A92"], "to": {"agency": "A91.01"}},
    {"rule": "secret", "fields": ["Tố cáo"], "to": "person"},
    {"rule": "land-one", "fields": ["Đất đai"], "to": "commune"},
    {"rule": "land-two", "fields": ["Đất đai"], "to": "person"},
    {"rule": "papers", "functions": ["committee"], "works": ["documents"], "to": "commune"},
]
SERVICES = {
    "fields": [{"field": "Hộ tịch", "follows": "people"}, {"field": "Đất đai", "follows": "land"}],
    "services": [
        {"service": "1.000001 Khai sinh", "field": "Hộ tịch"},
        {"service": "1.000002 Giấy phép", "field": "Hoạt động xây dựng"},
        {"service": "1.000003 Giấy phép khác", "field": "Hoạt động xây dựng", "follows": "land"},
        {"service": "1.000004 Tố cáo", "field": "Tố cáo"},
        {"service": "1.000005 Giao đất", "field": "Đất đai"},
    ],
}


def services_file(**content: Any) -> ServicesFile:
    return ServicesFile.model_validate({"schema": "merger/services/1", "id": "services", **content})


def example(*more: AgenciesFile) -> Agencies:
    rules = {"schema": "merger/competence/1", "id": "rules", "effective": DAY, "rules": RULES}
    mapping = Mapping(
        units=(UNITS,),
        agencies=(agencies_file(DAY, BEFORE_AGENCIES, AFTER_AGENCIES), *more),
        competence=(CompetenceFile.model_validate(rules),),
        services=(services_file(**SERVICES),),
    )
    return Agencies(mapping, build(mapping))


AGENCIES = example()


def ask(
    code: str, at: date = BEFORE, to: date = DAY, agencies: Agencies = AGENCIES, **more: Any
) -> Resolution:
    return agencies.successor(AgencyRequest(code, at, to, **more))


@pytest.mark.parametrize("written", ["A92.07", "000.00.09.A92"])
def test_an_agency_is_found_by_both_written_forms_and_goes_into_the_one_named(written: str) -> None:
    found = ask(written)
    assert (found.outcome, found.reason, codes(found)) == (Outcome.UNIQUE, "one-successor", ["A91.05"])
    assert found.successor.name == "Sở Xây dựng"
    assert found.evidence[0].change == "A92.07 Sở Xây dựng Y -> A91.05"


def test_an_entered_pair_forbids_the_conversion_by_rule() -> None:
    found = ask("000.00.07.A92")
    assert (found.outcome, found.reason) == (Outcome.UNKNOWN, "code-unknown")


def test_a_conversion_by_rule_is_marked_as_a_first_guess() -> None:
    found = ask("000.00.05.A91")
    assert (found.outcome, found.reason, codes(found)) == (Outcome.UNIQUE, "first-guess", ["A91.05"])
    assert found.evidence[0].change == "000.00.05.A91 = A91.05 [first-guess]"


@pytest.mark.parametrize(
    ("code", "reason"),
    [("vxp.saas.03", "malformed"), ("null", "malformed"), ("", "code-empty"), ("A99", "code-unknown")],
)
def test_codes_that_name_no_agency_are_unknown_with_a_reason(code: str, reason: str) -> None:
    assert (ask(code).outcome, ask(code).reason) == (Outcome.UNKNOWN, reason)


def test_the_same_code_with_more_territory_is_unique_and_with_the_same_unchanged() -> None:
    assert ask("A91.05").outcome is Outcome.UNIQUE
    assert ask("A92.30.04").outcome is Outcome.UNCHANGED


def test_a_code_of_after_is_unchanged_and_one_of_before_is_not_valid_then() -> None:
    assert ask("A91.05", at=DAY, to=AFTER).outcome is Outcome.UNCHANGED
    assert ask("A92.07", at=DAY, to=AFTER).outcome is Outcome.NOT_VALID
    assert ask("A91.101", at=BEFORE).outcome is Outcome.NOT_VALID
    assert ask("A92.07", at=date(2024, 1, 1), to=BEFORE).outcome is Outcome.UNCHANGED


def test_a_successor_that_is_itself_abolished_is_followed_and_a_circle_is_undecided() -> None:
    assert codes(ask("A92.08")) == ["A91.05"]
    assert len(ask("A92.08").evidence) == 2
    assert (ask("A92.81").outcome, ask("A92.81").reason) == (Outcome.SPLIT, "agency-cycle")


def test_a_committee_goes_into_the_committee_of_its_units_successor() -> None:
    found = ask("A92.30.03")
    assert (found.outcome, codes(found)) == (Outcome.UNIQUE, ["A91.101"])
    assert [why.change for why in found.evidence] == [
        "00003 -> 00001 Xã Một [land=whole, people=all]",
        "A92.30.03 UBND xã Ba -> A91.101",
    ]


def test_the_committee_of_a_divided_unit_needs_the_place_or_a_service_that_says_what_counts() -> None:
    neither = ask("A92.30.01")
    assert (neither.outcome, neither.reason, codes(neither)) == (
        Outcome.SPLIT,
        "unit-undecided",
        ["A91.101", "A91.102"],
    )
    placed = ask("A92.30.01", place="00002")
    assert (placed.outcome, codes(placed), placed.decided_by) == (Outcome.UNIQUE, ["A91.102"], "place")
    elsewhere = ask("A92.30.01", place="00004")
    assert (elsewhere.outcome, elsewhere.reason) == (Outcome.SPLIT, "place-elsewhere")
    served = ask("A92.30.01", service="1.000001.000.00.00.A92")
    assert (served.outcome, codes(served), served.decided_by) == (Outcome.UNIQUE, ["A91.101"], "people")
    assert ask("A92.30.01", service="1.000005").outcome is Outcome.SPLIT


def test_a_rule_by_field_sends_a_dossier_to_the_committee_of_the_place() -> None:
    found = ask("A92.30", service="1.000001.A92", place="00002")
    assert (found.outcome, found.reason, codes(found)) == (Outcome.UNIQUE, "by-rule", ["A91.102"])
    assert found.decided_by == "civil-status"
    assert found.evidence[0].source == "decree 1"
    missing = ask("A92.30", service="1.000001")
    assert (missing.outcome, missing.reason) == (Outcome.SPLIT, "place-missing")
    assert ask("A92.30", service="1.000001", place="99999").reason == "agency-missing"


def test_a_rule_by_service_is_more_exact_than_one_by_field() -> None:
    by_service = ask("A92.30", service="1.000002.000.00.00.A92")
    assert (codes(by_service), by_service.decided_by) == (["A91.01"], "one-licence")
    by_field = ask("A92.30", service="1.000003")
    assert (codes(by_field), by_field.decided_by) == (["A91.05"], "building")


def test_a_person_a_conflict_and_no_rule_are_undecided() -> None:
    assert ask("A92.30", service="1.000004").reason == "person-decides"
    conflict = ask("A92.30", service="1.000005", place="00001")
    assert (conflict.outcome, conflict.reason) == (Outcome.SPLIT, "rules-conflict")
    assert ask("A92.30").reason == "no-rule"
    assert ask("A92.30", service="9.999999").reason == "no-rule"


def test_documents_go_where_the_agency_says() -> None:
    found = ask("A92.30", works="documents")
    assert (found.outcome, found.reason, codes(found)) == (Outcome.UNIQUE, "by-documents", ["A91.01"])


def test_a_later_reorganisation_is_followed() -> None:
    later = agencies_file(
        LATER,
        [
            {
                "agency": "A91.05",
                "level": "province",
                "function": "construction",
                "unit": "91",
                "into": "A91.06",
            }
        ],
        [{"agency": "A91.06 Sở Hạ tầng", "level": "province", "function": "construction", "unit": "91"}],
    )
    agencies = example(later)
    assert codes(ask("A92.07", to=LATER, agencies=agencies)) == ["A91.06"]
    assert codes(ask("A92.07", to=DAY, agencies=agencies)) == ["A91.05"]
    assert ask("A91.05", at=AFTER, to=LATER, agencies=agencies).outcome is Outcome.UNIQUE


def test_wrong_registers_are_found_and_undecided() -> None:
    common = {"level": "province", "function": "x", "unit": "92"}
    file = agencies_file(
        DAY,
        [
            {"agency": "A92.01", "former": "000.00.01.A92", "into": "A91.99", **common},
            {"agency": "A92.02", "former": "000.00.01.A92", "into": "A91.01", **common},
            {"agency": "A92.03", "into": "A91.01", **common},
            {"agency": "A92.03", "into": "A91.02", **common},
        ],
        [{"agency": "A91.01", **common}, {"agency": "A91.02", **common}],
    )
    mapping = Mapping(agencies=(file,))
    agencies = Agencies(mapping, build(mapping))
    assert [one.code for one in agencies.findings] == [
        "agency-twice",
        "agency-target-unknown",
        "former-twice",
    ]
    assert all(one.message and one.mend for one in agencies.findings)
    assert ask("A92.01", agencies=agencies).reason == "successor-unknown"
    assert ask("000.00.01.A92", agencies=agencies).reason == "code-ambiguous"
    assert ask("A92.03", agencies=agencies).reason == "contradiction"


def test_an_agency_is_known_by_day() -> None:
    before, after = AGENCIES.agency_at("A91.05", BEFORE), AGENCIES.agency_at("000.00.05.A91", DAY)
    assert before is not None
    assert after is not None
    assert (before.agency.name, after.agency.name) == ("Sở Xây dựng X", "Sở Xây dựng")
    assert AGENCIES.agency_at("A92.07", DAY) is None


def test_a_service_follows_its_own_word_or_its_fields() -> None:
    services = AGENCIES.services
    assert services.follows("1.000001.000.00.00.A92") is Follows.PEOPLE
    assert services.follows("1.000003.A92") is Follows.LAND
    assert services.follows("1.000004") is None
    facts = services.facts("1.000001.A92")
    assert (facts.root, facts.name, facts.field, facts.known) == ("1.000001", "Khai sinh", "Hộ tịch", True)
    assert not services.facts("9.999999").known
    assert not services.facts(None).known


def test_services_told_differently_count_as_not_told() -> None:
    one = services_file(
        fields=[{"field": "Hộ tịch", "follows": "people"}],
        services=[{"service": "1.000001", "field": "Hộ tịch"}],
    )
    other = services_file(
        fields=[{"field": "hộ  tịch", "follows": "land"}],
        services=[{"service": "1.000001", "field": "Khác", "follows": "land"}],
    )
    services = Services(Mapping(services=(one, other)))
    assert [finding.code for finding in services.findings] == ["field-twice", "service-twice"]
    assert services.facts("1.000001").field == ""
    assert Services(Mapping(services=(one,))).findings == ()


def test_a_service_told_to_follow_both_does_not_fall_back_on_its_field() -> None:
    fields = [{"field": "Hộ tịch", "follows": "people"}]
    told = [{"service": "1.000001", "field": "Hộ tịch", "follows": follows} for follows in ("people", "land")]
    services = Services(Mapping(services=(services_file(fields=fields, services=told),)))
    assert services.follows("1.000001") is None
    assert [finding.code for finding in services.findings] == ["service-twice"]


def test_the_place_is_a_unit_of_the_day_asked_for() -> None:
    units = units_file(LATER, [{"into": "00009 Xã Chín", "from": ["00002"]}, {"keep": "00001"}])
    rules = {"schema": "merger/competence/1", "id": "rules", "effective": DAY, "rules": RULES}
    mapping = Mapping(
        units=(UNITS, units),
        agencies=(agencies_file(DAY, BEFORE_AGENCIES, AFTER_AGENCIES),),
        competence=(CompetenceFile.model_validate(rules),),
        services=(services_file(**SERVICES),),
    )
    agencies = Agencies(mapping, build(mapping))
    by_unit = ask("A92.30.01", to=LATER, place="00009", agencies=agencies)
    by_rule = ask("A92.30", to=LATER, place="00009", service="1.000001", agencies=agencies)
    assert codes(by_unit) == codes(by_rule) == ["A91.102"]
    assert ask("A92.30.01", to=DAY, place="00009", agencies=agencies).reason == "place-elsewhere"


def test_an_agency_whose_unit_ended_or_is_unknown_is_undecided() -> None:
    file = agencies_file(
        DAY,
        [
            agency("A92.31 Phòng", "district", "office", "901", into="unit"),
            agency("A92.32 Phòng", "commune", "office", "99999", into="unit"),
        ],
        [],
    )
    mapping = Mapping(units=(UNITS,), agencies=(file,))
    agencies = Agencies(mapping, build(mapping))
    for code in ("A92.31", "A92.32"):
        found = ask(code, agencies=agencies, place="00001")
        assert (found.outcome, found.reason, found.successors) == (Outcome.SPLIT, "unit-undecided", ())
