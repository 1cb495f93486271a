"""The example agencies, rules, services and localities."""

from pathlib import Path

import pytest

from merger.demo.overlays import agencies, dump, old_form, services, successors
from merger.demo.settings import DATA, settings
from merger.demo.world import shipped_units
from merger.mapping import read_document
from merger.mapping.models import AgenciesFile, CompetenceFile, LocalitiesFile, ServicesFile

FOLDER = Path(str(DATA))
AGENCIES = read_document(FOLDER / "agencies.yaml", AgenciesFile).value
UNITS = shipped_units(settings())


def test_every_overlay_says_that_it_is_an_example() -> None:
    assert AGENCIES.example
    assert read_document(FOLDER / "competence.yaml", CompetenceFile).value.example
    assert read_document(FOLDER / "services.yaml", ServicesFile).value.example
    assert read_document(FOLDER / "localities.yaml", LocalitiesFile).value.example


def test_the_agencies_in_the_package_are_those_that_the_rule_makes() -> None:
    comment, _, _ = (FOLDER / "agencies.yaml").read_text("utf-8").partition("\n")
    assert (FOLDER / "agencies.yaml").read_text("utf-8") == dump(agencies(settings(), UNITS), comment[2:])


def test_every_commune_and_every_district_has_a_committee_before_and_every_new_commune_one_after() -> None:
    before = {one.unit for one in AGENCIES.before if one.function == "committee"}
    after = {one.unit for one in AGENCIES.after if one.level == "commune"}
    assert set(successors(UNITS)) | {one.unit.code for one in UNITS.districts} <= before
    assert after == {entry.unit.code for entry in UNITS.communes}


def test_equal_level_2_numbers_mean_different_departments_in_the_three_provinces() -> None:
    functions: dict[str, set[str]] = {}
    for one in AGENCIES.before:
        if one.level == "province" and one.function != "committee":
            functions.setdefault(one.agency.code.partition(".")[2], set()).add(one.function)
    assert sum(len(kinds) > 1 for kinds in functions.values()) >= 10


def test_a_code_of_the_time_after_never_belonged_to_an_agency_of_another_function_or_unit() -> None:
    before = {one.agency.code: one for one in AGENCIES.before}
    new = {entry.into.code for entry in [UNITS.province] if entry}
    for one in AGENCIES.after:
        old = before.get(one.agency.code)
        assert old is None or (old.function == one.function and old.unit in new)


def test_no_code_occurs_twice_before_or_twice_after() -> None:
    for group in (AGENCIES.before, AGENCIES.after):
        codes = [one.agency.code for one in group]
        assert len(codes) == len(set(codes))


def test_every_successor_is_an_agency_of_the_time_after() -> None:
    after = {one.agency.code for one in AGENCIES.after}
    for one in AGENCIES.before:
        assert one.into in after or one.into in ("unit", "competence")
        assert not one.documents or one.documents in after


def test_the_older_form_reverses_the_groups_and_has_no_room_for_three_digits_at_level_two() -> None:
    assert old_form("H99") == "000.00.00.H99"
    assert old_form("H99.05") == "000.00.05.H99"
    assert old_form("H99.30.21") == "000.21.30.H99"
    assert old_form("H99.101") == ""


def test_the_departments_of_a_district_hand_over_by_rule_to_a_person_or_without_a_rule() -> None:
    from merger.demo.world import world

    for province in settings().provinces:
        kinds = {task.taken_over for task in world(settings(), province, UNITS).by_level["district"]}
        assert kinds == {"by-rule", "person", "no-rule"}


@pytest.mark.shared
def test_the_services_in_the_package_are_those_that_the_rule_chooses(shared: Path) -> None:
    text = (FOLDER / "services.yaml").read_text("utf-8")
    comment, _, _ = text.partition("\n")
    made = services(settings(), shared / "data" / "standards" / "lamdong_procedures_2025-03.csv")
    assert text == dump(made, comment[2:])
