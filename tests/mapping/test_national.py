"""The real mapping of Viet Nam: consistent in itself, and equal to the collected facts row for row."""

import csv
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from merger.lineage import Lineage, Outcome, Request, build, crosswalk
from merger.mapping import LoadedMapping, load, shipped
from merger.mapping.models import Change, Land, People, UnitEntry, UnitKind, UnitsFile

ROOT = Path(__file__).resolve().parents[2]
FOLDER = shipped() / "vn-2025"
DAY = date(2025, 7, 1)
BEFORE = date(2025, 6, 30)
BEGINNING = date(2018, 3, 1)
SAID = re.compile(r"  # (?P<old>\d{5}) (?P<name>.+?): (?P<by>(?:bảng|bản đọc|ghi chú|danh mục|phụ lục) .+)")
KEYS = {
    "bảng vac": "vac", "bảng vau": "vau", "bảng tt97": "tt97", "bản đọc dv25": "dv25", "bảng nso": "nso",
    "ghi chú nso": "nso_note", "danh mục cũ": "gso", "phụ lục 1027": "ctk1027",
}  # fmt: skip


def facts_folder() -> Path:
    given = os.environ.get("MERGER_SHARED")
    candidates = [Path(given)] if given else [parent / "shared" for parent in ROOT.parents]
    for folder in candidates:
        if (folder / "data" / "vn").is_dir():
            return folder / "data" / "vn"
    pytest.skip("not run: the folder ../shared with the collected facts is absent")


@cache
def rows(table: str) -> list[dict[str, str]]:
    with (facts_folder() / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def loaded() -> LoadedMapping:
    return load([FOLDER])


@cache
def lineage() -> Lineage:
    return build(loaded().mapping)


def files(suffix: str = "") -> list[UnitsFile]:
    """The files of the reorganisation, or those whose id ends in `suffix`."""
    found = [file for file in loaded().mapping.units if re.fullmatch(rf"vn-2025-\d\d{suffix}", file.id)]
    assert found
    return found


def changes(suffix: str) -> list[Change]:
    return [change for file in files(suffix) for change in file.changes]


def entries() -> Iterator[tuple[UnitsFile, UnitEntry]]:
    return ((file, entry) for file in files() for entry in file.communes)


@cache
def edges() -> dict[tuple[str, str], tuple[str, str, str, str]]:
    """Land, people, resolution and clause by old and new code; a kept unit is its own predecessor."""
    found = {}
    for file, entry in entries():
        (act,) = [act.number for act in file.legal_basis if act.on == "communes"]
        for one in entry.from_:
            key = (one.unit.code, entry.unit.code)
            assert key not in found
            found[key] = (one.land.value, one.people.value, act, entry.clause)
        if entry.keep:
            found[entry.unit.code, entry.unit.code] = ("whole", "all", act, entry.clause)
    return found


def full_name(row: dict[str, str]) -> str:
    return f"{row['type']} {row['name']}"


def goes_on(change: Change) -> bool:
    """Whether a change only says that a unit which took another in goes on."""
    same = change.from_ is not None and change.to is not None and change.from_.code == change.to.code
    return same and change.what == "merge"


def last_day(row: dict[str, str]) -> date:
    return date.fromisoformat(row["effective_date"].rpartition("/")[2])


# What the files say, without the facts beside them.


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


# The files beside the facts.


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


def conflicts_told() -> Counter[tuple[str, str, str, str]]:
    """(new code, old code, old name, sources) of every comment above an entry."""
    found: Counter[tuple[str, str, str, str]] = Counter()
    for path in sorted(FOLDER.glob("*.yaml")):
        above: list[tuple[str, str, str]] = []
        for line in path.read_text("utf-8").splitlines():
            said = SAID.match(line)
            if said:
                words = [
                    next(word for word in KEYS if part.startswith(word))
                    for part in said["by"].split(", ")
                    if part.startswith(tuple(KEYS))
                ]
                above.append((said["old"], said["name"], ";".join(KEYS[word] for word in words)))
            elif line.startswith("  - "):
                entry = re.search(r"(?:into|keep): (\d{5}) ", line)
                found.update((entry[1], *one) for one in above if entry)
                above = []
    return found


@pytest.mark.shared
def test_every_conflict_between_sources_is_told_above_the_entries_that_it_is_about() -> None:
    old = {row["code"]: full_name(row) for row in rows("communes_old")}
    new = {row["code"] for row in rows("communes_new")}
    takes = {}
    for row in rows("commune_crosswalk"):
        takes.setdefault(row["old_code"], []).append(row["new_code"])
    expected: Counter[tuple[str, str, str, str]] = Counter()
    for row in rows("conflicts"):
        about = [code for code in row["new_code"].split(";") if code in new] or takes[row["old_code"]]
        expected.update((code, row["old_code"], old[row["old_code"]], row["sources"]) for code in about)
    assert len(rows("conflicts")) == 356
    assert conflicts_told() == expected


@pytest.mark.shared
def test_what_some_source_asserts_and_the_law_does_not_is_no_edge_and_is_said() -> None:
    rejected = {(row["old_code"], row["new_code"]) for row in rows("rejected_pairs")}
    assert len(rejected) == 83
    assert not rejected & set(edges())
    told = {(old, new) for new, old, *_ in conflicts_told()}
    assert rejected - told == {("23938", "23737")}  # no such new code: said above 23938
    assert ("23938", "23938") in told
