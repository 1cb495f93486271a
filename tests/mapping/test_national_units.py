"""The units of 2025 in Viet Nam's mapping: consistent in themselves, and the facts row for row."""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from national_files import (
    BEFORE,
    DAY,
    FOLDER,
    ROOT,
    edges,
    entries,
    facts_folder,
    files,
    full_name,
    lineage,
    rows,
)

from merger.lineage import crosswalk
from merger.mapping.models import Land, People, UnitKind


def test_63_provinces_and_696_districts_with_10035_communes_become_34_provinces_and_3321_communes() -> None:
    before, after = lineage().roster, [entry.unit.code for _, entry in entries()]
    assert len(files()) == 34
    assert len(before(UnitKind.PROVINCE, BEFORE)) == 63
    assert len(before(UnitKind.DISTRICT, BEFORE)) == 696
    assert len(before(UnitKind.COMMUNE, BEFORE)) == 10_035
    assert len(before(UnitKind.PROVINCE, DAY)) == 34
    assert len(before(UnitKind.DISTRICT, DAY)) == 0
    assert len(before(UnitKind.COMMUNE, DAY)) == len(after) == len(set(after)) == 3_321
    assert len(edges()) == 10_566


def test_the_new_communes_are_2621_communes_687_wards_and_13_special_zones() -> None:
    kinds = Counter(entry.unit.name.split()[0] for _, entry in entries())
    assert kinds == {"Xã": 2_621, "Phường": 687, "Đặc": 13}


def test_no_definition_contradicts_another() -> None:
    assert lineage().findings == ()


def test_every_commune_of_a_district_goes_somewhere_and_no_other_does() -> None:
    listed = [code for file in files() for district in file.districts for code in district.communes]
    assert len(listed) == len(set(listed))
    assert set(listed) == {old for old, _ in edges()}


def test_441_communes_are_divided_and_60_of_them_keep_their_people_together() -> None:
    divided = Counter(old for (old, _), said in edges().items() if said[:2] != ("whole", "all"))
    together = {old for (old, _), said in edges().items() if said[0] == "part" and said[1] == "all"}
    assert len(divided) == 441
    assert min(divided.values()) == 2
    assert len(together) == 60


def test_each_divided_commune_is_listed_above_the_communes_of_its_province() -> None:
    divided = {old for (old, _), said in edges().items() if said[:2] != ("whole", "all")}
    listed = [
        code
        for path in FOLDER.glob("*.yaml")
        for code in re.findall(r"^#   (\d{5}) .+:$", path.read_text("utf-8"), re.M)
    ]
    assert sorted(listed) == sorted(divided)


def test_entries_follow_the_clauses_and_their_units_the_words_of_the_resolution() -> None:
    for file in files():
        clauses = [int(entry.clause) for entry in file.communes]
        assert clauses == sorted(clauses)
    first = next(entry for file, entry in entries() if file.id == "vn-2025-68")
    assert [one.unit.name for one in first.from_] == ["Xã Đạ Sar", "Xã Đạ Nhim", "Xã Đạ Chais"]


def test_seven_areas_had_no_commune_and_five_of_them_were_districts() -> None:
    found = {entry.unit.code: area for _, entry in entries() for area in entry.areas}
    assert len(found) == 7
    assert str(found["11948"].district) == "318 Huyện Bạch Long Vĩ"
    assert found["07537"].name == "Trường bắn TB1"
    assert found["07537"].district is None
    assert str(found["14698"].district) == "376 Huyện Kim Sơn"
    assert found["14698"].name.startswith("Khu vực bãi bồi ven biển")
    assert sum(area.district is not None and not area.name for area in found.values()) == 5


@pytest.mark.shared
def test_the_files_are_what_the_script_makes_of_the_facts(tmp_path: Path) -> None:
    script = [sys.executable, str(ROOT / "scripts" / "make_mappings")]
    command = [*script, "--facts", str(facts_folder()), "--out", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert made == {path.name: path.read_bytes() for path in FOLDER.glob("*.yaml")}


@pytest.mark.shared
def test_the_files_and_the_crosswalk_agree_pair_for_pair_with_resolution_and_clause() -> None:
    columns = ("extent", "population", "resolution", "clause")
    assert edges() == {
        (row["old_code"], row["new_code"]): tuple(row[column] for column in columns)
        for row in rows("commune_crosswalk")
    }


@pytest.mark.shared
def test_the_lineage_gives_the_crosswalk_pair_for_pair_for_land_and_people() -> None:
    made = [
        (row.old_code, row.new_code, row.extent.value, row.population.value)
        for row in crosswalk(lineage(), BEFORE, DAY)
    ]
    assert sorted(made) == sorted(
        (row["old_code"], row["new_code"], row["extent"], row["population"])
        for row in rows("commune_crosswalk")
    )


@pytest.mark.shared
def test_names_clauses_areas_and_points_are_those_of_the_facts() -> None:
    new = {row["code"]: row for row in rows("communes_new")}
    old = {row["code"]: full_name(row) for row in rows("communes_old")}
    for file, entry in entries():
        row = new.pop(entry.unit.code)
        assert entry.unit.name == full_name(row)
        assert file.province is not None
        assert file.province.into.code == row["province_code"]
        assert (row["resolution"], row["resolution_date"]) in {
            (act.number, act.date.isoformat()) for act in file.legal_basis
        }
        assert entry.clause == row["clause"]
        assert (entry.keep is not None) == (row["formation"] == "unchanged")
        assert entry.area_km2 == (float(row["area_km2"]) if row["area_km2"] else None)
        assert entry.point == ((float(row["lat"]), float(row["lon"])) if row["lat"] else None)
        for one in entry.from_:
            assert one.unit.name == old[one.unit.code]
    assert not new


@pytest.mark.shared
def test_provinces_are_those_of_the_facts() -> None:
    old = {row["code"]: full_name(row) for row in rows("provinces_old")}
    new = {row["code"]: row for row in rows("provinces_new")}
    pairs = set()
    for file in files():
        assert file.province is not None
        row = new[file.province.into.code]
        assert file.province.into.name == full_name(row)
        on_provinces = [act.number for act in file.legal_basis if act.on == "provinces"]
        assert on_provinces == ([row["resolution"]] if row["resolution"] else [])
        for one in file.province.from_:
            assert (one.unit.name, one.land, one.people) == (old[one.unit.code], Land.WHOLE, People.ALL)
            pairs.add((one.unit.code, file.province.into.code))
    assert pairs == {(row["old_code"], row["new_code"]) for row in rows("province_crosswalk")}


@pytest.mark.shared
def test_districts_are_those_of_the_facts() -> None:
    communes: dict[str, set[str]] = {row["code"]: set() for row in rows("districts_old")}
    for row in rows("communes_old"):
        communes[row["district_code"]].add(row["code"])
    assert {
        (one.unit.code, one.unit.name, one.province, frozenset(one.communes))
        for file in files()
        for one in file.districts
    } == {
        (row["code"], full_name(row), row["province_code"], frozenset(communes[row["code"]]))
        for row in rows("districts_old")
    }


@pytest.mark.shared
def test_the_counts_of_a_file_are_those_of_the_lists_of_units() -> None:
    into = {row["old_code"]: row["new_code"] for row in rows("province_crosswalk")}
    before: dict[str, Counter[str]] = {row["code"]: Counter() for row in rows("provinces_new")}
    after: dict[str, Counter[str]] = {row["code"]: Counter() for row in rows("provinces_new")}
    for row in rows("communes_old"):
        before[into[row["province_code"]]][row["type"].lower()] += 1
    for row in rows("communes_new"):
        after[row["province_code"]][row["type"].lower()] += 1
    for file in files():
        assert file.counts is not None
        assert file.province is not None
        assert file.counts.before == before.pop(file.province.into.code)
        assert file.counts.after == after.pop(file.province.into.code)
    districts = sum(sum(file.counts.districts.values()) for file in files() if file.counts)
    communes = sum(sum(file.counts.communes.values()) for file in files() if file.counts)
    kept = sum(sum(file.counts.kept.values()) for file in files() if file.counts)
    assert (districts, communes, kept) == (696, 10_035, 127)
    assert not before


@pytest.mark.shared
def test_the_areas_without_a_commune_are_those_of_the_facts() -> None:
    districts = {row["code"]: f"{row['code']} {full_name(row)}" for row in rows("districts_old")}
    expected = set()
    for row in rows("special_sources"):
        name = "" if row["kind"] == "district_without_communes" else row["name"]
        district = districts.get(row["district_code"], "None")
        expected.add((row["new_code"], name, district, row["extent"], row["clause"]))
    assert expected == {
        (entry.unit.code, area.name, str(area.district), area.land.value, entry.clause)
        for _, entry in entries()
        for area in entry.areas
    }
