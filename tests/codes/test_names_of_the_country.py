"""Names compared over all official ones, and over the other spellings that other sources give for them."""

import csv
import os
from collections import defaultdict
from pathlib import Path

import pytest

from merger.codes import NameIndex, fold
from merger.codes.names import fold_text

pytestmark = pytest.mark.shared

LEVELS = {
    "commune_old": "communes_old",
    "commune_new": "communes_new",
    "district_old": "districts_old",
    "province_old": "provinces_old",
    "province_new": "provinces_new",
}
Row = dict[str, str]


def rows(name: str) -> list[Row]:
    named = os.environ.get("MERGER_SHARED")
    places = [Path(named)] if named else [parent / "shared" for parent in Path(__file__).resolve().parents]
    for place in places:
        if (place / "data" / "vn").is_dir():
            with (place / "data" / "vn" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
                return list(csv.DictReader(file))
    pytest.skip("the folder ../shared is not beside this checkout")


def full(row: Row) -> str:
    return f"{row['type']} {row['name']}"


def parent(row: Row, scope: str) -> str:
    if scope == "nation":
        return ""
    province = row.get("province_code", "")
    return row.get("district_code", province) if scope == "district" else province


def official() -> dict[str, list[Row]]:
    return {level: rows(file) for level, file in LEVELS.items()}


def joined(units: list[Row], scope: str) -> list[set[str]]:
    """Names that are officially different and equal by `fold`, within one parent."""
    names: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in units:
        names[parent(row, scope), fold(full(row))].add(full(row))
    return [group for group in names.values() if len({fold_text(name) for name in group}) > 1]


@pytest.mark.parametrize("level", LEVELS)
def test_no_two_units_of_one_parent_become_equal_that_are_not_officially(level: str) -> None:
    for scope in ("district", "province") if level == "commune_old" else ("province",):
        if level.startswith("province"):
            scope = "nation"
        assert joined(official()[level], scope) == []


def test_the_names_that_become_equal_in_the_whole_country_are_known() -> None:
    units = official()
    found = {level: sorted(map(sorted, joined(units[level], "nation"))) for level in LEVELS}
    assert found == {
        "commune_old": [
            ["Phường 1", "Phường I"],
            ["Phường 3", "Phường III"],
            ["Phường 4", "Phường IV"],
            ["Phường 5", "Phường V"],
            ["Phường 7", "Phường VII"],
        ],
        "commune_new": [["Xã Mỹ Quí", "Xã Mỹ Quý"], ["Xã Đăk Song", "Xã Đắk Song"]],
        "district_old": [],
        "province_old": [],
        "province_new": [],
    }


@pytest.mark.parametrize(
    ("scope", "counts"),
    [
        ("district", {"found": 574, "first": 199}),
        ("province", {"found": 569, "among several": 5, "first": 197, "not first": 2}),
    ],
)
def test_the_other_spellings_of_official_names_lead_to_their_units(
    scope: str, counts: dict[str, int]
) -> None:
    units = official()
    names: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    where: dict[tuple[str, str], str] = {}
    for level, listed in units.items():
        for row in listed:
            names[level, parent(row, scope)].append((full(row), row["code"]))
            where[level, row["code"]] = parent(row, scope)
    index = {key: NameIndex(pairs) for key, pairs in names.items()}
    seen: dict[str, int] = defaultdict(int)
    for row in rows("name_variants"):
        written = f"{row['variant_type']} {row['variant']}".strip()
        known = index[row["level"], where[row["level"], row["code"]]]
        codes = known.exact(written)
        if codes:
            assert row["code"] in codes, (written, codes)
            seen["found" if len(codes) == 1 else "among several"] += 1
        else:
            near = known.near(written)
            seen["first" if near and near[0].code == row["code"] else "not first"] += 1
    assert seen == counts
    assert sum(seen.values()) == 773
