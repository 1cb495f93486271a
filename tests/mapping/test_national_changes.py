"""The changes before and after 2025 in Viet Nam's mapping: what they say, and the facts row for row."""

from collections import Counter
from datetime import date

import pytest
from national_files import DAY, changes, files, goes_on, lineage, rows

from merger.lineage import Outcome, Request
from merger.mapping.models import Change, Land, People, UnitKind

BEGINNING = date(2018, 3, 1)


def last_day(row: dict[str, str]) -> date:
    return date.fromisoformat(row["effective_date"].rpartition("/")[2])


def test_in_march_2018_there_were_11162_communes_and_each_is_answered_or_held() -> None:
    roster = lineage().roster(UnitKind.COMMUNE, BEGINNING)
    assert len(roster) == 11_162
    assert all(unit.name for unit in roster)
    answers = [lineage().resolve(Request(unit.code, UnitKind.COMMUNE, BEGINNING, DAY)) for unit in roster]
    assert Counter(one.outcome for one in answers) == {
        Outcome.UNIQUE: 9_452,
        Outcome.UNCHANGED: 125,
        Outcome.SPLIT: 1_585,
    }
    assert Counter(one.reason for one in answers if one.outcome is Outcome.SPLIT) == {
        "extent-unspecified": 1_095,
        "divided": 379,
        "follow-missing": 60,
        "successor-unknown": 51,
    }


def test_what_lists_do_not_tell_is_unspecified() -> None:
    for change in changes("-earlier"):
        said = (change.land, change.people)
        assert said == (
            (Land.WHOLE, People.ALL) if goes_on(change) else (Land.UNSPECIFIED, People.UNSPECIFIED)
        )
        assert change.after is None or change.after < change.date
        assert change.what != "abolish"


def test_a_unit_that_took_another_in_is_said_to_go_on_and_that_this_is_an_inference() -> None:
    told = changes("-earlier")
    takers = {(one.date, one.to.code) for one in told if one.what == "merge" and one.to is not None}
    on = {
        (one.date, one.to.code)
        for one in told
        if one.to and (one.from_ is None or one.from_.code == one.to.code)
    }
    assert takers
    assert takers <= on
    assert all("suy ra" in change.note for change in told if goes_on(change))


def test_a_name_in_the_earlier_changes_is_the_one_of_its_day() -> None:
    told = changes("-earlier")
    ends = {str(change.to) for change in told if change.what == "rename"}
    assert {"25180 Thị trấn Phước Cát", "23167 Xã Măng Tố", "25114 Xã Bà Gia"} <= ends
    merged = {str(change.from_): str(change.to) for change in told}
    assert merged["23155 Xã Măng Tố"] == "23167 Xã Măng Tố"
    assert merged["23167 Xã Đức Tân"] == "23167 Xã Măng Tố"
    assert merged["27355 Phường 06"] == "27367 Phường 2"


def test_a_code_that_came_back_is_not_joined_to_the_unit_that_bore_it_before() -> None:
    gone = [one for one in changes("-earlier") if "có lại từ" in one.note]
    assert len(gone) == 16
    assert all(one.from_ is not None and one.to is None for one in gone)
    ask = Request("11344", UnitKind.COMMUNE, date(2020, 1, 1), DAY)
    assert lineage().resolve(ask).reason == "successor-unknown"
    assert lineage().version_at(UnitKind.COMMUNE, "11344", date(2021, 1, 1)) is None


def test_later_changes_are_known_by_the_day_on_which_they_were_signed() -> None:
    told = changes("-later")
    assert Counter(change.kind for change in told) == {UnitKind.COMMUNE: 22, UnitKind.PROVINCE: 3}
    assert {(change.what, change.dated) for change in told} == {("rename", "signed")}
    names = [lineage().name_of(UnitKind.PROVINCE, "24", day) for day in (DAY, date(2026, 8, 24))]
    assert names == ["Tỉnh Bắc Ninh", "Thành phố Bắc Ninh"]
    ask = Request("25270", UnitKind.COMMUNE, DAY, date(2026, 12, 31))
    assert lineage().resolve(ask).outcome is Outcome.UNCHANGED


@pytest.mark.shared
def test_every_earlier_change_of_the_facts_is_told_once() -> None:
    words = {"renamed": "rename", "moved": "transfer", "added": "merge", "removed": "merge"}
    provinces = {row["old_code"]: row["new_code"] for row in rows("province_crosswalk")}
    back = "code_in_use_again_by_2025-06-30"

    def expected(row: dict[str, str]) -> tuple[object, ...]:
        old, new = (row["old_code"], row["new_code"]) if row["method"] != back else (row["old_code"], "")
        old_name, day, after = row["old_name"], last_day(row), date.fromisoformat(row["snapshot_before"])
        if row["kind"] == "added":
            old, new, old_name = "", row["old_code"], ""
        if (old, new) == ("27355", "27367"):  # the taker is in no list before this day
            day = date(2025, 2, 1)
        seen_after = None if after == day else after
        return (
            words[row["kind"]],
            old,
            old_name,
            new,
            day,
            seen_after,
            row["resolution"],
            provinces[row["province_code"]],
        )

    def written(change: Change, province: str) -> tuple[object, ...]:
        old = (change.from_.code, change.from_.name) if change.from_ else ("", "")
        if change.what == "transfer" and change.to:  # the facts name a unit that moved as it is called then
            old = (old[0], change.to.name)
        new = change.to.code if change.to else ""
        return change.what, *old, new, change.date, change.after, change.source, province

    facts = rows("earlier_changes")
    told = [
        written(change, file.id.split("-")[2])
        for file in files("-earlier")
        for change in file.changes
        if not goes_on(change)
    ]
    assert len(facts) == len(told) == 2_469
    assert Counter(told) == Counter(map(expected, facts))


@pytest.mark.shared
def test_new_names_and_districts_of_earlier_changes_are_those_of_the_facts() -> None:
    facts = rows("earlier_changes")
    told = changes("-earlier")
    renamed = Counter((row["old_code"], row["new_name"]) for row in facts if row["kind"] == "renamed")
    assert Counter((one.to.code, one.to.name) for one in told if one.what == "rename" and one.to) == renamed
    added = Counter((row["old_code"], row["old_name"]) for row in facts if row["kind"] == "added")
    assert Counter((one.to.code, one.to.name) for one in told if not one.from_ and one.to) == added
    moved = Counter(row["district"].replace("->", "→") for row in facts if row["kind"] == "moved")
    assert Counter(one.note.removeprefix("chuyển huyện: ") for one in told if one.what == "transfer") == moved


@pytest.mark.shared
def test_earlier_changes_say_how_the_taker_is_known_and_what_is_a_correction() -> None:
    methods = Counter(row["method"] for row in rows("earlier_changes"))
    notes = [change.note for change in changes("-earlier")]
    assert sum("danh mục tên cũ, cùng huyện" in note for note in notes) == methods["alias_same_district"]
    assert sum("danh mục tên cũ, cùng tỉnh" in note for note in notes) == methods["alias_same_province"]
    assert sum("tên trùng" in note for note in notes) == methods["same_name_same_district"]
    assert sum("không rõ nhập vào đâu" in note for note in notes) == methods["target_unknown"] == 42
    assert sum("không phải đổi tên theo luật" in note for note in notes) == 32


@pytest.mark.shared
def test_every_later_change_of_the_facts_is_told_once() -> None:
    provinces = {row["code"]: row["province_code"] for row in rows("communes_new")}
    assert sorted(
        (file.id[8:10], change.kind.value, str(change.from_), str(change.to), str(change.date), change.source)
        for file in files("-later")
        for change in file.changes
    ) == sorted(
        (
            provinces.get(row["code"], row["code"]),
            row["level"],
            f"{row['code']} {row['type_2025_07_01']} {row['name']}",
            f"{row['code']} {row['type_later']} {row['name']}",
            row["resolution_date"],
            row["resolution"],
        )
        for row in rows("later_changes")
    )
