"""The real mapping of Lâm Đồng: consistent in itself, and equal to the collected facts pair for pair."""

import csv
import os
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from merger.mapping import load, shipped
from merger.mapping.models import Change, UnitsFile

ROOT = Path(__file__).resolve().parents[2]
FOLDER = shipped() / "vn-2025"
OLD_PROVINCES = ("60", "67", "68")


def facts_folder() -> Path:
    given = os.environ.get("MERGER_SHARED")
    candidates = [Path(given)] if given else [parent / "shared" for parent in ROOT.parents]
    for folder in candidates:
        if (folder / "data" / "vn").is_dir():
            return folder / "data" / "vn"
    pytest.skip("not run: the folder ../shared with the collected facts is absent")


def rows(table: str) -> list[dict[str, str]]:
    with (facts_folder() / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def units(name: str) -> UnitsFile:
    (file,) = load([FOLDER / f"{name}.yaml"]).mapping.units
    return file


@cache
def edges() -> set[tuple[str, str, str, str, str]]:
    """(old code, new code, land, people, clause) of every predecessor; a kept unit is its own."""
    found = {
        (one.unit.code, entry.unit.code, one.land.value, one.people.value, entry.clause)
        for entry in units("68-lam-dong").communes
        for one in entry.from_
    }
    kept = [entry for entry in units("68-lam-dong").communes if entry.keep]
    return found | {(one.unit.code, one.unit.code, "whole", "all", one.clause) for one in kept}


def test_the_new_units_are_103_communes_20_wards_and_one_special_zone() -> None:
    kinds = Counter(entry.unit.name.split()[0] for entry in units("68-lam-dong").communes)
    assert kinds == {"Xã": 103, "Phường": 20, "Đặc": 1}
    assert sum(entry.keep is not None for entry in units("68-lam-dong").communes) == 4


def test_there_are_331_edges_and_every_code_is_new_once() -> None:
    assert len(edges()) == 331
    codes = [entry.unit.code for entry in units("68-lam-dong").communes]
    assert len(codes) == len(set(codes)) == 124


def test_entries_follow_the_clauses_of_the_resolution() -> None:
    clauses = [int(entry.clause) for entry in units("68-lam-dong").communes]
    assert clauses == sorted(clauses)
    assert set(clauses) == set(range(1, 122))


def test_every_commune_of_the_28_districts_goes_somewhere_and_no_other_does() -> None:
    districts = units("68-lam-dong").districts
    of_districts = [code for district in districts for code in district.communes]
    assert len(districts) == 28
    assert len(of_districts) == len(set(of_districts)) == 329
    assert set(of_districts) == {old for old, *_ in edges()}
    assert {district.province for district in districts} == set(OLD_PROVINCES)


def test_two_communes_are_divided_and_the_file_says_what_goes_where() -> None:
    divided = {edge for edge in edges() if edge[2:4] != ("whole", "all")}
    assert divided == {
        ("22978", "22978", "part", "some", "43"),
        ("22978", "22972", "part", "some", "44"),
        ("23053", "23041", "part", "none", "46"),
        ("23053", "23053", "part", "all", "51"),
    }


def test_the_three_provinces_and_the_acts_are_named() -> None:
    file = units("68-lam-dong")
    assert file.province is not None
    assert str(file.province.into) == "68 Tỉnh Lâm Đồng"
    assert {str(one.unit) for one in file.province.from_} == {
        "60 Tỉnh Bình Thuận",
        "67 Tỉnh Đắk Nông",
        "68 Tỉnh Lâm Đồng",
    }
    assert [(act.number, act.date.isoformat(), act.on) for act in file.legal_basis] == [
        ("202/2025/QH15", "2025-06-12", "provinces"),
        ("1671/NQ-UBTVQH15", "2025-06-16", "communes"),
    ]


def test_a_name_in_the_earlier_changes_is_the_one_of_its_day() -> None:
    ends = {str(change.to) for change in units("68-lam-dong-earlier").changes if change.what == "rename"}
    assert {"25180 Thị trấn Phước Cát", "23167 Xã Măng Tố", "25114 Xã Bà Gia"} <= ends
    merged = {str(change.from_): str(change.to) for change in units("68-lam-dong-earlier").changes}
    assert merged["23155 Xã Măng Tố"] == "23167 Xã Măng Tố"
    assert merged["23167 Xã Đức Tân"] == "23167 Xã Măng Tố"


def goes_on(change: Change) -> bool:
    """Whether a change only says that a unit which took another in goes on."""
    same = change.from_ is not None and change.to is not None and change.from_.code == change.to.code
    return same and change.what == "merge"


def test_a_unit_that_took_another_in_is_said_to_go_on() -> None:
    changes = units("68-lam-dong-earlier").changes
    takers = {(one.date, one.to.code) for one in changes if one.what == "merge" and one.to is not None}
    going_on = {
        (one.date, one.to.code)
        for one in changes
        if one.from_ is not None and one.to is not None and one.from_.code == one.to.code
    }
    assert takers <= going_on


def test_what_earlier_changes_do_not_tell_is_unspecified() -> None:
    for change in units("68-lam-dong-earlier").changes:
        if goes_on(change):
            assert (change.land.value, change.people.value) == ("whole", "all")
            continue
        whole = change.what in ("rename", "transfer")
        assert (change.land.value, change.people.value) == (
            ("whole", "all") if whole else ("unspecified", "unspecified")
        )
        assert change.after is not None
        assert change.after < change.date


@pytest.mark.shared
def test_the_file_and_the_crosswalk_agree_pair_for_pair() -> None:
    new = {row["code"] for row in rows("communes_new") if row["province_code"] == "68"}
    pairs = [row for row in rows("commune_crosswalk") if row["new_code"] in new]
    assert {row["resolution"] for row in pairs} == {"1671/NQ-UBTVQH15"}
    keys = ("old_code", "new_code", "extent", "population", "clause")
    assert edges() == {tuple(row[key] for key in keys) for row in pairs}


@pytest.mark.shared
def test_names_areas_and_points_are_those_of_the_facts() -> None:
    new = {row["code"]: row for row in rows("communes_new") if row["province_code"] == "68"}
    old = {row["code"]: f"{row['type']} {row['name']}" for row in rows("communes_old")}
    for entry in units("68-lam-dong").communes:
        row = new.pop(entry.unit.code)
        assert entry.unit.name == f"{row['type']} {row['name']}"
        assert entry.clause == row["clause"]
        assert (entry.keep is not None) == (row["formation"] == "unchanged")
        assert entry.area_km2 == (float(row["area_km2"]) if row["area_km2"] else None)
        assert entry.point == ((float(row["lat"]), float(row["lon"])) if row["lat"] else None)
        for one in entry.from_:
            assert one.unit.name == old[one.unit.code]
    assert not new


@pytest.mark.shared
def test_districts_are_those_of_the_facts() -> None:
    old = rows("communes_old")
    expected = {
        (row["code"], f"{row['type']} {row['name']}", row["province_code"]): {
            commune["code"] for commune in old if commune["district_code"] == row["code"]
        }
        for row in rows("districts_old")
        if row["province_code"] in OLD_PROVINCES
    }
    assert {
        (one.unit.code, one.unit.name, one.province): set(one.communes)
        for one in units("68-lam-dong").districts
    } == expected


@pytest.mark.shared
def test_the_earlier_changes_are_those_of_the_facts() -> None:
    words = {"renamed": "rename", "moved": "transfer", "added": "create"}

    def expected(row: dict[str, str]) -> tuple[str, ...]:
        what = words.get(row["kind"]) or ("merge" if row["new_code"] else "abolish")
        old, new = ("", row["old_code"]) if row["kind"] == "added" else (row["old_code"], row["new_code"])
        day = row["effective_date"].rpartition("/")[2]
        return what, old, new, day, row["snapshot_before"], row["resolution"]

    def written(change: Change) -> tuple[str, ...]:
        old = change.from_.code if change.from_ else ""
        new = change.to.code if change.to else ""
        return change.what, old, new, str(change.date), str(change.after), change.source

    facts = [row for row in rows("earlier_changes") if row["province_code"] in OLD_PROVINCES]
    assert len(facts) == 45
    changes = [one for one in units("68-lam-dong-earlier").changes if not goes_on(one)]
    assert Counter(map(written, changes)) == Counter(map(expected, facts))


@pytest.mark.shared
def test_the_files_are_what_the_script_makes_of_the_facts(tmp_path: Path) -> None:
    script = [sys.executable, str(ROOT / "scripts" / "make_mappings")]
    subprocess.run(
        [*script, "--facts", str(facts_folder()), "--out", str(tmp_path)], check=True, capture_output=True
    )
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert made == {path.name: path.read_bytes() for path in FOLDER.glob("68-*.yaml")}
