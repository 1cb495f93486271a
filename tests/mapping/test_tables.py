"""changes-csv and crosswalk-csv: what is read, what is written, and that nothing is lost between."""

import csv
import io
import re
import time
from datetime import date
from pathlib import Path

import pytest
from csv_files import HEADER, saved, there_and_back, with_rows, written

from merger.errors import Severity
from merger.lineage import build, crosswalk
from merger.lineage.views import crosswalk_csv
from merger.mapping import load
from merger.mapping.models import Change, Land, Mapping, People, Ref, UnitKind, UnitsFile
from merger.mapping.tables import drafts as drafts_module
from merger.mapping.tables import guarded, read_changes, read_crosswalk, unguarded, write_changes
from merger.mapping.tree import MAX_NODES, Node, compose
from merger.mapping.write import to_yaml
from merger.testing.histories import mapping, units_file

HERE = Path(__file__).parent
ISLES = HERE / "cases" / "two-isles.csv"
DOCS = (HERE.parents[1] / "docs" / "exchange.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```csv\n(.*?)^```", DOCS, re.MULTILINE | re.DOTALL)
DAY = date(2025, 7, 1)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def read(path: Path, **more: str) -> tuple[Change, ...]:
    (draft,) = read_changes([path], "made-up", UnitKind.COMMUNE, **more).drafts
    return draft.value.changes


def test_a_foreign_country_is_drafted_as_the_file_beside_it() -> None:
    (draft,) = read_changes([ISLES], "two-isles", UnitKind.COMMUNE).drafts
    assert draft.name == "two-isles.yaml"
    assert draft.value == load([ISLES.with_suffix(".yaml")]).mapping.units[0]


def test_a_foreign_country_comes_back_row_for_row() -> None:
    back = write_changes(load([ISLES.with_suffix(".yaml")]).mapping)
    assert rows(back.text) == rows(ISLES.read_text("utf-8"))
    assert back.left_out == 0


def test_names_that_begin_like_formulas_are_read_without_their_guard() -> None:
    names = {change.to.name for change in read(ISLES) if change.to and change.to.code == "S01"}
    assert names == {"-Sands"}


def test_a_chain_within_a_day_is_followed_in_its_order() -> None:
    first, second = (
        change for change in read(ISLES) if change.event in ("C1", "C2") and change.from_.code != "K01"
    )
    assert (first.seq, second.seq) == (1, 2)
    lineage = build(load([ISLES.with_suffix(".yaml")]).mapping)
    pairs = {(row.old_code, row.new_code) for row in crosswalk(lineage, date(2010, 2, 28), date(2010, 3, 1))}
    assert {("K05", "K01"), ("K01", "K01")} <= pairs
    assert not any("S01" in pair for pair in pairs)


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


def test_a_formula_that_nobody_guarded_is_read_as_text_and_written_with_a_guard(tmp_path: Path) -> None:
    path = with_rows(tmp_path / "a.csv", "2025-07-01,E,merge,001,=cmd(),002,Two,whole,")
    changes = read(path)
    assert changes[0].from_ == Ref(code="001", name="=cmd()")
    text = write_changes(saved(read_changes([path], "x"), tmp_path / "x").mapping).text
    assert ",001,'=cmd(),002," in text


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


def test_line_breaks_within_quotes_stay(tmp_path: Path) -> None:
    header = f"{HEADER},remark"
    text = f'{header}\r\n2025-07-01,E,merge,A,"One\nTwo",B,Hai,whole,,"x\r\ny"\r\n'
    mapping_ = saved(read_changes([written(tmp_path / "a.csv", text)], "x"), tmp_path / "x").mapping
    (change,) = mapping_.units[0].changes
    assert (change.from_.name, change.notes) == ("One\nTwo", {"remark": "x\r\ny"})
    assert rows(write_changes(mapping_).text)[0]["remark"] == "x\r\ny"


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


@pytest.mark.parametrize(("given", "back"), [("0.50", "0.5"), ("1.0", "1"), ("0", "0"), (".25", "0.25")])
def test_a_share_keeps_its_number(given: str, back: str, tmp_path: Path) -> None:
    path = with_rows(tmp_path / "a.csv", f"2025-07-01,E,merge,A,,B,,part,{given}")
    text = write_changes(saved(read_changes([path], "x"), tmp_path / "x").mapping).text
    assert rows(text)[0]["share"] == back


def test_columns_of_notes_keep_their_order_even_if_empty(tmp_path: Path) -> None:
    header = f"{HEADER},population,seq,zeta,note,dated,alpha"
    path = with_rows(
        tmp_path / "a.csv",
        "2025-07-01,E,merge,A,,B,,whole,,all,,,,draft,",
        "2025-07-02,F,merge,B,,C,,whole,,all,,,,signed,",
        header=header,
    )
    back = write_changes(saved(read_changes([path], "x"), tmp_path / "x").mapping)
    assert back.header[11:] == ("dated", "zeta", "note", "alpha")
    assert rows(back.text) == rows(path.read_text("utf-8"))


def test_our_own_columns_become_parts_of_the_change(tmp_path: Path) -> None:
    path = with_rows(
        tmp_path / "a.csv",
        "2025-07-01,E,merge,A,,B,,whole,,Act 1,2025-01-01,signed,why",
        "2025-07-01,E,merge,C,,B,,whole,,,spring 2025,,",
        header=f"{HEADER},source,after,dated,note",
    )
    one, two = read(path)
    assert (one.source, one.after, one.dated, one.note) == ("Act 1", date(2025, 1, 1), "signed", "why")
    assert (two.after, two.notes) == (None, {"after": "spring 2025"})
    back = write_changes(saved(read_changes([path], "x"), tmp_path / "x").mapping)
    assert [row["after"] for row in rows(back.text)] == ["2025-01-01", "spring 2025"]


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


CHAIN = (
    "2025-07-01,E1,recode,A,,B,,whole,",
    "2025-07-01,E2,recode,B,,C,,whole,",
    "2025-07-02,E3,recode,C,,D,,whole,",
)


def test_without_seq_a_day_happens_together_and_the_codes_that_matter_are_listed(tmp_path: Path) -> None:
    imported = read_changes([with_rows(tmp_path / "a.csv", *CHAIN)], "x")
    (finding,) = imported.findings
    assert (finding.code, finding.severity) == ("DOC240", Severity.WARNING)
    assert str(finding.place).endswith("a.csv:2:1")
    assert "on 2025-07-01, 1 codes" in finding.message
    assert finding.message.endswith(": B")
    assert [change.seq for change in imported.drafts[0].value.changes] == [None, None, None]


def test_chained_events_follow_each_other_as_they_stand(tmp_path: Path) -> None:
    imported = read_changes([with_rows(tmp_path / "a.csv", *CHAIN)], "x", UnitKind.COMMUNE, "chained")
    (finding,) = imported.findings
    assert (finding.code, finding.severity) == ("DOC241", Severity.NOTE)
    assert [change.seq for change in imported.drafts[0].value.changes] == [1, 2, None]


def test_a_column_seq_says_all_about_the_day(tmp_path: Path) -> None:
    path = with_rows(
        tmp_path / "a.csv", *(f"{row},{seq}" for row, seq in zip(CHAIN, ("2", "", "7"), strict=True)),
        header=f"{HEADER},seq",
    )  # fmt: skip
    imported = read_changes([path], "x", UnitKind.COMMUNE, "chained")
    assert imported.findings == ()
    assert [change.seq for change in imported.drafts[0].value.changes] == [2, None, 7]


def test_units_that_swap_codes_in_one_event_raise_no_question(tmp_path: Path) -> None:
    path = with_rows(
        tmp_path / "a.csv", "2025-07-01,E,recode,A,,B,,whole,", "2025-07-01,E,recode,B,,A,,whole,"
    )
    assert read_changes([path], "x").findings == ()


def test_a_unit_whose_successor_nobody_names_is_unknown_not_ended(tmp_path: Path) -> None:
    path = with_rows(tmp_path / "a.csv", "2025-07-01,E,merge,A,One,,,,", "2025-07-01,F,rename,,,B,Two,,")
    imported = read_changes([path], "x")
    assert [(finding.code, finding.severity) for finding in imported.findings] == [
        ("DOC231", Severity.WARNING),
        ("DOC232", Severity.WARNING),
    ]
    mapping_ = saved(imported, tmp_path / "x").mapping
    text = write_changes(mapping_).text
    assert [row["kind"] for row in rows(text)] == ["merge", "rename"]


def test_several_files_are_one_set_of_changes_in_their_order(tmp_path: Path) -> None:
    paths = [with_rows(tmp_path / f"{name}.csv", CHAIN[number]) for name, number in (("b", 1), ("a", 0))]
    (draft,) = read_changes(paths, "x").drafts
    assert [change.event for change in draft.value.changes] == ["E2", "E1"]


def entries() -> Mapping:
    return mapping(
        units_file(
            DAY,
            [
                {
                    "clause": "1",
                    "into": "00001 Phường Một",
                    "from": [
                        {"unit": "00001 Xã Một", "land": "part", "people": "all", "words": "một phần",
                         "note": "x"},
                        "00002 Xã Hai",
                    ],
                    "area_km2": 12.5,
                    "point": [11.5, 108.25],
                    "words": "Sắp xếp",
                    "note": "đã xem",
                },
                {"clause": "2", "into": "00004 Xã Bốn", "from": [
                    {"unit": "00001 Xã Một", "land": "part", "people": "none", "share": 0.25}]},
                {"keep": "00005 Xã Năm"},
                {"clause": "4", "into": "00006 Đặc khu", "areas": [{"district": "901 Huyện đảo"}]},
                {"clause": "5", "into": "00007 Phường Bảy", "from": ["00007 Xã Bảy"]},
                {"clause": "6", "into": "00008 Xã Tám", "from": ["00009 Xã Chín"]},
            ],
            id="made-up",
            province={"into": "90 Tỉnh A", "from": ["90 Tỉnh A", "91 Tỉnh B"]},
            districts=[
                {"unit": "901 Huyện đảo", "province": "90", "communes": []},
                {"unit": "902 Huyện", "province": "91", "communes": ["00002", "00010"]},
            ],
            changes=[{"date": "2020-01-01", "what": "rename", "from": "00002 Xã Nhị", "to": "00002 Xã Hai"}],
        )
    )  # fmt: skip


def test_entries_become_rows_with_their_evidence() -> None:
    made = rows(write_changes(entries()).text)
    assert [(row["event_id"], row["kind"], row["from_code"], row["to_code"]) for row in made] == [
        ("made-up:1", "split", "00001", "00001"),
        ("made-up:1", "merge", "00002", "00001"),
        ("made-up:2", "split", "00001", "00004"),
        ("made-up:entry-3", "rename", "00005", "00005"),
        ("made-up:4", "create", "", "00006"),
        ("made-up:5", "rename", "00007", "00007"),
        ("made-up:6", "recode", "00009", "00008"),
        ("", "rename", "00002", "00002"),
        ("made-up:left-out", "merge", "00010", ""),
    ]
    first, second, third, *_ = made
    assert first["source"] == "act-2025 §1"
    assert (first["note"], first["words"], first["clause"]) == ("x", "một phần", "1")
    assert (first["clause_words"], first["clause_note"]) == ("Sắp xếp", "đã xem")
    assert (first["area_km2"], first["point"]) == ("12.5", "11.5,108.25")
    assert (second["clause"], second["area_km2"]) == ("", "")
    assert (third["extent"], third["population"], third["share"]) == ("part", "none", "0.25")
    assert made[4]["areas"] == '[{"district": "901 Huyện đảo"}]'


def test_entries_give_the_same_lineage_after_a_round_trip(tmp_path: Path) -> None:
    before = entries()
    again = there_and_back(before, tmp_path)
    assert write_changes(again).text == write_changes(before).text
    for at, on in (("2025-06-30", "2025-07-01"), ("2025-07-01", "2025-06-30")):
        days = date.fromisoformat(at), date.fromisoformat(on)
        known = [row for row in crosswalk(build(before), *days) if row.old_code != "00010"]
        assert [row for row in crosswalk(build(again), *days) if row.old_code != "00010"] == known


def test_provinces_and_districts_are_exported_by_kind(tmp_path: Path) -> None:
    mapping_ = entries()
    provinces = rows(write_changes(mapping_, UnitKind.PROVINCE).text)
    assert [(row["kind"], row["from_code"], row["to_code"]) for row in provinces] == [
        ("merge", "90", "90"),
        ("merge", "91", "90"),
    ]
    districts = write_changes(mapping_, UnitKind.DISTRICT)
    assert [(row["kind"], row["from_code"], row["province"]) for row in rows(districts.text)] == [
        ("abolish", "901", "90"),
        ("abolish", "902", "91"),
    ]
    assert districts.left_out == 1
    again = there_and_back(mapping_, tmp_path, list(UnitKind))
    for kind in (UnitKind.PROVINCE, UnitKind.DISTRICT):
        before = list(crosswalk(build(mapping_), date(2025, 6, 30), DAY, kind))
        assert list(crosswalk(build(again), date(2025, 6, 30), DAY, kind)) == before


def test_the_examples_in_the_docs_are_read_without_problems(tmp_path: Path) -> None:
    changes, pairs = EXAMPLES
    imported = read_changes([written(tmp_path / "a.csv", changes)], "x")
    assert imported.findings == ()
    assert write_changes(saved(imported, tmp_path / "x").mapping).text == changes
    crossed = read_crosswalk([written(tmp_path / "b.csv", pairs)], "y", UnitKind.COMMUNE, DAY)
    assert [finding.code for finding in crossed.findings] == ["DOC231"]
    lineage = build(saved(crossed, tmp_path / "y").mapping)
    assert crosswalk_csv(crosswalk(lineage, date(2025, 6, 30), DAY)) == pairs


def test_the_columns_that_the_docs_explain_are_those_of_the_formats() -> None:
    for name in (*write_changes(Mapping()).header, "source", "note", "after", "dated"):
        assert f"`{name}`" in DOCS


def test_a_crosswalk_is_read_as_changes_of_its_day(tmp_path: Path) -> None:
    path = written(
        tmp_path / "a.csv",
        "old_code,old_name,new_code,new_name,extent,population,share,evidence,sheet\n"
        "1,One,9,Nine,whole,,,law,5\n1,,2,,,,,,\n,,3,Three,,,,,\n4,Four,4,Four B,whole,all,1,,\n",
    )
    (draft,) = read_crosswalk([path], "x", UnitKind.DISTRICT, DAY).drafts
    first, second, third, fourth = draft.value.changes
    assert (first.what, first.source, first.notes) == ("merge", "law", {"sheet": "5"})
    assert (second.land, second.people) == (Land.UNSPECIFIED, People.UNSPECIFIED)
    assert (third.what, fourth.what) == ("create", "rename")
    assert {change.date for change in draft.value.changes} == {DAY}
    assert draft.value.effective == DAY


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


def test_what_one_file_cannot_hold_is_divided_and_loaded_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts_module, "MAX_VALUES", 100)
    path = with_rows(tmp_path / "a.csv", *(f"2024-01-01,E{i},merge,A{i},,B{i},,whole," for i in range(31)))
    imported = read_changes([path], "many")
    assert len(imported.drafts) > 10
    again = write_changes(saved(imported, tmp_path / "x").mapping)
    assert [row["event_id"] for row in rows(again.text)] == [f"E{i}" for i in range(31)]


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


def chained(path: Path, *rows: str) -> tuple[list[tuple[str, int | None]], list[str]]:
    """The edges read one after the other, with their steps; and the codes for which that matters."""
    read = read_changes([with_rows(path, *rows)], "x", same_day="chained")
    edges = [
        (f"{change.from_} -> {change.to}", change.seq)
        for draft in read.drafts
        for change in draft.value.changes
    ]
    return edges, [str(finding.fields["codes"]) for finding in read.findings]


def test_rows_without_an_event_are_one_where_they_come_together_or_are_divided(tmp_path: Path) -> None:
    edges, codes = chained(
        tmp_path / "a.csv",
        "2018-01-01,,transfer,49144,,44225,,whole,",
        "2018-01-01,,merge,44225,,44180,,whole,",
        "2018-01-01,,merge,44180,,44180,,whole,",
        "2018-01-01,,split,62119,,62119,,part,",
        "2018-01-01,,split,62119,,62126,,part,",
    )
    assert edges == [
        ("49144 -> 44225", 1),
        ("44225 -> 44180", 2),
        ("44180 -> 44180", 2),
        ("62119 -> 62119", 3),
        ("62119 -> 62126", 3),
    ]
    assert codes == ["44225"]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (
            ["E,merge,B,,A,,whole,", "E,merge,A,,A,,whole,", "F,merge,C,,A,,whole,", "F,merge,A,,A,,whole,"],
            [],
        ),
        (["E,merge,B,,A,,whole,", "E,merge,A,,A,,whole,", "F,rename,A,,A,,,"], []),
        (
            ["E,merge,B,,A,,whole,", "E,merge,A,,A,,whole,", "F,split,A,,A,,part,", "F,split,A,,C,,part,"],
            ["A"],
        ),
        (["E,rename,A,,A,,whole,", "F,merge,B,,A,,whole,"], ["A"]),
        (["E,recode,A,,B,,,", "F,recode,B,,A,,,"], ["A, B"]),
        (["E,split,A,,B,,part,", "F,split,A,,C,,part,"], []),
    ],
)
def test_the_hint_names_the_codes_for_which_the_order_of_a_day_matters(
    rows: list[str], told: list[str], tmp_path: Path
) -> None:
    _, codes = chained(tmp_path / "a.csv", *(f"2018-01-01,{row}" for row in rows))
    assert codes == told


def told(path: Path, *rows: str) -> list[tuple[str, int, str]]:
    read = read_changes([with_rows(path, *rows)], "x")
    return [(one.code, one.place.line, str(one.fields["codes"])) for one in read.findings]


def test_a_survivor_that_no_row_names_is_told(tmp_path: Path) -> None:
    assert told(
        tmp_path / "a.csv",
        "1993-12-31,E,merge,62126,,62119,,whole,",  # 62119 was there before, one would think
        "1994-12-31,F,merge,A,,B,,whole,",
        "1994-12-31,F,merge,B,,B,,whole,",  # said
        "1995-12-31,G,merge,C,,E,,whole,",
        "1995-12-31,G,merge,D,,E,,whole,",  # a new one made of two
        "1996-12-31,H,recode,I,,J,,whole,",
        "1997-12-31,K,split,L,,M,,part,",  # the rest of L?
        "1997-12-31,N,split,O,,P,,part,",
        "1997-12-31,N,split,O,,O,,part,",
        "1998-12-31,Q,transfer,R,,S,,part,",  # both go on
    ) == [("DOC242", 2, "62119"), ("DOC243", 8, "L")]


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
