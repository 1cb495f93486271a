"""changes-csv: how its cells are read – marks, line endings, guards of formulas, land and people, codes."""

import time
from datetime import date
from pathlib import Path

import pytest
from csv_files import CHAIN, DAY, HEADER, ISLES, read, there_and_back, with_rows

from merger.mapping.models import Land, Mapping, People, UnitKind, UnitsFile
from merger.mapping.tables import drafts as drafts_module
from merger.mapping.tables import guarded, read_changes, unguarded
from merger.mapping.tree import MAX_NODES, Node, compose
from merger.mapping.write import to_yaml
from merger.testing.histories import units_file


def test_names_that_begin_like_formulas_are_read_without_their_guard() -> None:
    names = {change.to.name for change in read(ISLES) if change.to and change.to.code == "S01"}
    assert names == {"-Sands"}


@pytest.mark.parametrize(
    ("cell", "guard"),
    [
        ("=1+1", "'=1+1"),
        ("+84", "'+84"),
        ("-Sands", "'-Sands"),
        ("@home", "'@home"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("'=x", "''=x"),
        ("''@", "'''@"),
        ("'s-Hertogenbosch", "'s-Hertogenbosch"),
        ("'", "'"),
        ("B'Lao", "B'Lao"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_only_what_begins_like_a_formula_is_guarded(cell: str, guard: str) -> None:
    assert guarded(cell) == guard
    assert unguarded(guard) == cell


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_marks_and_line_endings_do_not_matter(ending: str, mark: bytes, tmp_path: Path) -> None:
    first = "2025-07-01,E,merge,00070,Một,B,Hai,whole,0.50"
    text = ending.join((HEADER, first, '2025-07-01,E,merge,"C","a, ""b""",B,Hai,part,1', "", ",,,,,,,,", ""))
    path = tmp_path / "a.csv"
    path.write_bytes(mark + text.encode())
    one, two = read(path)
    assert (str(one.from_), one.share, one.people) == ("00070 Một", 0.5, People.ALL)
    assert (str(two.from_), two.share, two.people) == ('C a, "b"', 1.0, People.SOME)


@pytest.mark.parametrize(
    ("extent", "population", "land", "people"),
    [
        ("whole", "", Land.WHOLE, People.ALL),
        ("part", "", Land.PART, People.SOME),
        ("none", "", Land.NONE, People.NONE),
        ("", "", Land.UNSPECIFIED, People.UNSPECIFIED),
        ("unspecified", "all", Land.UNSPECIFIED, People.ALL),
        ("part", "none", Land.PART, People.NONE),
        ("part", "unspecified", Land.PART, People.UNSPECIFIED),
    ],
)
def test_an_empty_population_is_as_the_land(
    extent: str, population: str, land: Land, people: People, tmp_path: Path
) -> None:
    row = f"2025-07-01,E,split,A,,B,,{extent},,{population}"
    path = with_rows(tmp_path / "a.csv", row, header=f"{HEADER},population")
    (change,) = read(path)
    assert (change.land, change.people) == (land, people)
    again = there_and_back(Mapping(units=(units_file(DAY, [], changes=[change]),)), tmp_path)
    assert (again.units[0].changes[0].land, again.units[0].changes[0].people) == (land, people)


@pytest.mark.parametrize(
    ("kind", "code", "codes"),
    [
        (UnitKind.COMMUNE, "00070", "vn"),
        (UnitKind.COMMUNE, "070", "other"),
        (UnitKind.DISTRICT, "070", "vn"),
        (UnitKind.PROVINCE, "01", "vn"),
        (UnitKind.PROVINCE, "٠١", "other"),
    ],
)
def test_codes_are_viet_nams_only_if_all_have_their_digits(
    kind: UnitKind, code: str, codes: str, tmp_path: Path
) -> None:
    path = with_rows(tmp_path / "a.csv", f"2025-07-01,E,rename,{code},Xã Một,{code},Xã Hai,whole,")
    (draft,) = read_changes([path], "x", kind).drafts
    assert draft.value.codes == codes
    assert draft.value.changes[0].kind is kind


def test_codes_with_viet_nams_digits_beside_names_of_another_country_are_that_countrys(
    tmp_path: Path,
) -> None:
    rows = (
        "2016-01-01,E,merge,01033,Bellegarde,01033,Valserhône,whole,",
        "2016-01-01,E,merge,01091,Châtillon,01033,Valserhône,whole,",
    )
    imported = read_changes([with_rows(tmp_path / "a.csv", *rows)], "ain")
    (draft,) = imported.drafts
    assert isinstance(draft.value, UnitsFile)
    assert draft.value.codes == "other"
    assert [(one.code, one.severity.value, one.place.line) for one in imported.findings] == [
        ("DOC244", "note", 2)
    ]


@pytest.mark.parametrize(
    ("names", "codes"),
    [
        (("Besançon", "Dole"), "other"),
        (("川崎市", "横浜市"), "other"),
        (("Xã Hòa Bình", "川崎市"), "vn"),
        (("Đắk Wil", "Nguyễn"), "other"),
        (("", ""), "vn"),
    ],
)
def test_five_digits_are_not_viet_nams_codes_where_names_are_of_another_country(
    names: tuple[str, str], codes: str, tmp_path: Path
) -> None:
    row = f"1994-01-01,E,recode,62126,{names[0]},62119,{names[1]},whole,"
    (draft,) = read_changes([with_rows(tmp_path / "a.csv", row)], "x").drafts
    assert draft.value.codes == codes


def test_several_files_are_one_set_of_changes_in_their_order(tmp_path: Path) -> None:
    paths = [with_rows(tmp_path / f"{name}.csv", CHAIN[number]) for name, number in (("b", 1), ("a", 0))]
    (draft,) = read_changes(paths, "x").drafts
    assert [change.event for change in draft.value.changes] == ["E2", "E1"]


def test_a_hundred_thousand_rows_are_read_within_seconds(tmp_path: Path) -> None:
    lines = (
        f'2024-01-{1 + i % 28:02d},E{i // 3},merge,A{i},"Old, {i}",B{i // 3},New {i // 3},whole,0.5'
        for i in range(100_000)
    )
    path = with_rows(tmp_path / "a.csv", *lines)
    began = time.process_time()
    drafts = read_changes([path], "many").drafts
    assert time.process_time() - began < 60
    assert [draft.name for draft in drafts][:2] == ["many-01.yaml", "many-02.yaml"]
    assert sum(len(draft.value.changes) for draft in drafts) == 100_000


def test_a_file_as_large_as_it_may_be_can_be_loaded(tmp_path: Path) -> None:
    change = read(with_rows(tmp_path / "a.csv", "2024-01-01,E,merge,A,One,B,Two,part,0.5"))[0]
    full = change.model_copy(
        update={
            "after": date(2023, 1, 1),
            "dated": "signed",
            "seq": 1,
            "source": "s",
            "note": "n",
            "notes": {"a": "b"},
        }
    )
    values = drafts_module.VALUES_OF_CHANGE + 2
    tree, _ = compose(to_yaml(units_file(DAY, [], changes=[full])), "a.yaml")
    assert tree is not None
    assert count(tree.child("changes").child(0)) <= values
    assert drafts_module.MAX_VALUES < MAX_NODES


def count(node: Node) -> int:
    """How many values a reader counts in a tree, keys among them."""
    if isinstance(node.value, dict):
        return 1 + sum(1 + count(below) for below in node.value.values())
    return 1 + sum(map(count, node.value)) if isinstance(node.value, list) else 1
