"""Two sources of one reorganisation: each verdict, each kind of source, the facts of the whole country."""

import csv
import os
from datetime import date
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from merger import messages
from merger.errors import InputError
from merger.mapping import shipped
from merger.mapping.models import Land, People, UnitKind
from merger.mapping.tables import read_changes, read_crosswalk
from merger.quality.compare import Comparison, Pair, Source, Verdict, compare, pair_in_words, read_sources

ROOT = Path(__file__).parents[2]

UNITS = """\
schema: merger/units/1
id: units
effective: 2025-07-01
legal_basis: [{number: 1/NQ, date: 2025-06-16, on: communes}]
communes:
  - {clause: 1, into: 90001 Xã Một, from: [90001 Xã Một, {unit: 90004 Xã Hai, land: part, people: all}]}
  - {clause: 2, into: 90007 Phường Ba, from: [90007 Xã Ba, {unit: 90004 Xã Hai, land: part, people: none}]}
  - {clause: 3, keep: 90010 Xã Bốn}
"""
DAY = date(2025, 7, 1)
CROSSWALK = """\
old_code,old_name,new_code,new_name,extent,population,share,evidence
90001,Xã Một,90001,Xã Một,whole,all,,
90004,Xã Hai,90001,Xã Một,part,all,,clause 1
90004,Xã Hai,90007,Phường Ba,part,none,,clause 2
90007,Xã Ba,90007,Phường Ba,whole,all,,
90010,Xã Bốn,90010,Xã Bốn,whole,all,,
"""


@pytest.fixture(autouse=True)
def english():
    messages.use("en")


def shared() -> Path | None:
    """The folder of facts beside the checkout, if there is one."""
    folders = [Path(os.environ["MERGER_SHARED"])] if "MERGER_SHARED" in os.environ else []
    folders += [parent / "shared" for parent in ROOT.parents]
    return next((folder for folder in folders if (folder / "data" / "vn").is_dir()), None)


def sides(tmp_path: Path, b: str, a: str = UNITS, name: str = "b.csv", **more: object) -> Comparison:
    (tmp_path / "a.yaml").write_text(a, "utf-8")
    (tmp_path / name).write_bytes(b.encode("utf-8"))
    return compare(*read_sources(tmp_path / "a.yaml", tmp_path / name, **more))


def verdicts(found: Comparison) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Verdict and aspects of every unit on which the sides do not agree."""
    return {
        unit.code: (unit.verdict.value, unit.aspects)
        for unit in found.units
        if unit.verdict is not Verdict.AGREE
    }


def test_a_mapping_and_a_crosswalk_that_say_the_same_agree(tmp_path):
    found = sides(tmp_path, CROSSWALK)
    assert verdicts(found) == {}
    assert found.names == ()
    counts = found.counts
    assert (counts.pairs_a, counts.pairs_b, counts.pairs_both, counts.jaccard) == (5, 5, 5, 1.0)
    assert (counts.units_both, counts.identical, counts.land_same, counts.people_same) == (4, 4, 5, 5)


@pytest.mark.parametrize(
    ("before", "after", "code", "verdict"),
    [
        ("90007,Xã Ba,90007,", "90007,Xã Ba,90001,", "90007", ("contradict", ("successors",))),
        ("90004,Xã Hai,90007,Phường Ba,part,none,,clause 2\n", "", "90004", ("contradict", ("successors",))),
        ("90007,Phường Ba,whole,all", "90007,Phường Ba,part,all", "90007", ("contradict", ("land",))),
        ("Xã Một,part,all", "Xã Một,part,some", "90004", ("contradict", ("people",))),
        ("90007,Xã Ba,90007,Phường Ba", "90007,Xã Ba,,", "90007", ("contradict", ("successors",))),
        ("Xã Một,part,all", "Xã Một,part,unspecified", "90004", ("differ", ("people",))),
        ("Xã Một,part,all", "Xã Một,,", "90004", ("differ", ("land", "people"))),
        ("Xã Một,part,all,,", "Xã Một,part,all,0.5,", "90004", ("differ", ("share",))),
        ("90010,Xã Bốn,90010,Xã Bốn,whole,all,,\n", "", "90010", ("only-a", ())),
        ("90010,Xã Bốn,90010", "90013,Xã Bốn,90010", "90013", ("only-b", ())),
    ],
)
def test_each_way_of_saying_something_else_has_its_verdict(tmp_path, before, after, code, verdict):
    assert before in CROSSWALK
    assert verdicts(sides(tmp_path, CROSSWALK.replace(before, after)))[code] == verdict


@pytest.mark.parametrize("lost", ["90001 Xã Một", "90007 Xã Ba"])
@pytest.mark.parametrize("into", ["90001 Xã Một", "90013 Xã Mới"])
def test_a_unit_of_a_district_list_that_goes_nowhere_contradicts_also_where_its_code_is_used_again(
    tmp_path, lost, into
):
    code = lost[:5]
    again = f"""\
schema: merger/units/1
id: units
effective: 2025-07-01
districts:
  - {{unit: 901 Huyện D, province: 90, communes: {{{code}: {code}, 90004: {into[:5]}}}}}
communes:
  - {{clause: 1, into: {into}, from: [90004 Xã Hai]}}
"""
    found = sides(tmp_path, f"old_code,new_code\n{code},{code}\n90004,{into[:5]}\n", again)
    (unit,) = found.of(Verdict.CONTRADICT)
    assert (unit.code, unit.aspects, [one.new for one in unit.a]) == (code, ("successors",), [""])
    assert [pair_in_words(one) for one in unit.a] == ["nowhere"]


def test_a_divided_unit_that_only_a_list_of_localities_still_names_contradicts(tmp_path):
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "units.yaml").write_text(UNITS.replace("from: [90007 Xã Ba, ", "from: ["), "utf-8")
    (folder / "localities.yaml").write_text(
        "schema: merger/localities/1\nid: localities\neffective: 2025-07-01\nlocalities:\n"
        "  - {unit: 90007 Xã Ba, into: 90007 Phường Ba, names: [Thôn 1]}\n",
        "utf-8",
    )
    (tmp_path / "b.csv").write_text(CROSSWALK, "utf-8")
    (unit,) = compare(*read_sources(folder, tmp_path / "b.csv")).of(Verdict.CONTRADICT)
    assert (unit.code, unit.name, unit.a[0].new) == ("90007", "Xã Ba", "")
    assert str(unit.a[0].place) == f"{folder / 'localities.yaml'}:5:5"


def test_a_contradiction_is_shown_with_the_evidence_and_the_place_of_both_sides(tmp_path):
    found = sides(tmp_path, CROSSWALK.replace("Xã Một,part,all", "Xã Một,part,some"))
    (unit,) = found.of(Verdict.CONTRADICT)
    assert (unit.code, unit.name) == ("90004", "Xã Hai")
    assert [(one.new, one.evidence) for one in unit.a] == [("90001", "1/NQ §1"), ("90007", "1/NQ §2")]
    assert [(one.new, one.evidence) for one in unit.b] == [("90001", "clause 1"), ("90007", "clause 2")]
    assert [one.place.line for one in (*unit.a, *unit.b)] == [6, 7, 3, 4]


def test_shares_that_are_rounded_agree_and_others_contradict(tmp_path):
    a = UNITS.replace("people: all}", "people: all, share: 0.333}")
    assert verdicts(sides(tmp_path, CROSSWALK.replace("part,all,,", "part,all,0.33,"), a)) == {}
    found = verdicts(sides(tmp_path, CROSSWALK.replace("part,all,,", "part,all,0.4,"), a))
    assert found == {"90004": ("contradict", ("share",))}


def test_names_are_compared_as_a_reader_would(tmp_path):
    assert sides(tmp_path, CROSSWALK.replace("Phường Ba", "P. BA")).names == ()
    (one,) = sides(tmp_path, CROSSWALK.replace("Phường Ba", "Phường Bá")).names
    assert (one.code, one.after, one.a, one.b) == ("90007", True, "Phường Ba", "Phường Bá")


def test_a_table_of_two_columns_is_enough(tmp_path):
    table = "note,new_code,old_code\n,90001,90001\n,90001,90004\n,90007,90004\n,90007,90007\n,90010,90010\n"
    found = sides(tmp_path, "\ufeff" + table.replace("\n", "\r\n"))
    assert {verdict for verdict, _ in verdicts(found).values()} == {"differ"}
    assert found.counts.pairs_both == 5
    assert found.counts.land_both == found.counts.people_both == 0


@pytest.mark.parametrize(
    ("columns", "cells", "evidence"),
    [
        ("resolution,clause", "1/NQ,7", "1/NQ §7"),
        ("sources,agreement", "nso,1", "nso"),
        ("evidence,resolution,clause", "seen,1/NQ,7", "seen"),
    ],
)
def test_the_evidence_is_what_the_table_has_of_it(tmp_path, columns, cells, evidence):
    found = sides(tmp_path, f"old_code,new_code,{columns}\n90007,90001,{cells}\n")
    (unit,) = found.of(Verdict.CONTRADICT)
    assert unit.b[0].evidence == evidence


def test_of_a_far_bigger_table_only_that_is_compared_of_which_the_smaller_side_speaks(tmp_path):
    far = "".join(f"{code},,{code},,whole,all,,\n" for code in range(10001, 10011))
    codes = "[90001, 90004, 90007, 90010]"
    listed = UNITS.replace(
        "communes:\n", f"districts: [{{unit: 901 Huyện D, province: 90, communes: {codes}}}]\ncommunes:\n"
    )
    found = sides(tmp_path, CROSSWALK + far, listed)
    assert verdicts(found) == {}
    assert found.alike
    assert (found.outside_a, found.outside_b, found.counts.jaccard) == (10, 0, 1.0)
    into = sides(tmp_path, CROSSWALK + far + "10020,,90007,,whole,all,,\n", listed)
    assert verdicts(into) == {"10020": ("only-b", ())}
    assert (into.outside_a, into.alike) == (10, False)
    missing = sides(tmp_path, CROSSWALK.replace("90010,Xã Bốn,90010,Xã Bốn,whole,all,,\n", "") + far, listed)
    assert verdicts(missing) == {"90010": ("only-a", ())}


def test_units_of_the_bigger_side_in_a_district_with_one_of_the_smaller_are_compared():
    big = {(str(code), str(code)): Pair(str(code), str(code)) for code in range(10, 20)}
    districts = {"10": "1", "11": "1", "12": "2"}
    found = compare(Source("a", {("10", "10"): big["10", "10"]}, {"10": "1"}), Source("b", big, districts))
    assert verdicts(found) == {"11": ("only-b", ())}
    assert (found.outside_a, found.outside_b) == (8, 0)


def test_a_table_that_is_cut_off_is_compared_with_the_whole():
    big = {(str(code), str(code)): Pair(str(code), str(code)) for code in range(10, 20)}
    cut = {("10", "10"): big["10", "10"]}
    found = compare(Source("a", cut), Source("b", big, {str(code): "1" for code in range(10, 20)}))
    assert (len(found.of(Verdict.ONLY_B)), found.outside_a, found.alike) == (9, 0, False)


CHANGES = """\
date,event_id,kind,from_code,from_name,to_code,to_name,extent,share,population
2025-07-01,e1,merge,90001,Xã Một,90001,Xã Một,whole,,
2025-07-01,e1,merge,90004,Xã Hai,90001,Xã Một,part,,all
2025-07-01,e2,merge,90004,Xã Hai,90007,Phường Ba,part,,none
2025-07-01,e2,merge,90007,Xã Ba,90007,Phường Ba,whole,,
2025-07-01,e3,rename,90010,Xã Bốn,90010,Xã Bốn,whole,,
"""


def test_a_list_of_changes_is_a_source(tmp_path):
    found = sides(tmp_path, CHANGES)
    assert verdicts(found) == {}
    assert found.counts.pairs_both == 5
    found = sides(tmp_path, CHANGES.replace("Ba,whole", "Ba,part"))
    assert verdicts(found) == {"90007": ("contradict", ("land", "people"))}
    assert [one.place.line for one in found.of(Verdict.CONTRADICT)[0].b] == [5]


def test_of_a_source_with_several_days_one_must_be_named(tmp_path):
    changes = CHANGES + "2026-01-01,e4,rename,90010,Xã Bốn,90010,Xã Năm,whole,,\n"
    assert verdicts(sides(tmp_path, changes)) == {}
    (tmp_path / "a.csv").write_text(changes, "utf-8")
    with pytest.raises(InputError, match="CMP002 this source speaks of several days: 2025-07-01, 2026-01-01"):
        read_sources(tmp_path / "a.csv", tmp_path / "b.csv")
    a, b = read_sources(tmp_path / "a.csv", tmp_path / "b.csv", on=date(2026, 1, 1))
    assert set(a.pairs) == set(b.pairs) == {("90010", "90010")}


def test_provinces_are_compared_when_asked_for(tmp_path):
    a = UNITS + "province: {into: 90 Tỉnh A, from: [90 Tỉnh A, 91 Tỉnh B]}\n"
    found = sides(tmp_path, "old_code,new_code\n90,90\n91,92\n", a, kind=UnitKind.PROVINCE)
    assert verdicts(found) == {"90": ("differ", ("land", "people")), "91": ("contradict", ("successors",))}
    with pytest.raises(InputError, match="CMP001 this source speaks of no unit of that kind"):
        read_sources(tmp_path / "a.yaml", tmp_path / "b.csv", UnitKind.DISTRICT)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", "b.csv:1:1: DOC210 "),
        ("old;new\n1;2\n", "b.csv:1:1: CMP011 "),
        ("old_code,new_code,old_code\n", "b.csv:1:19: DOC213 the column old_code stands there twice"),
        ("old_code,new_code\n1,2,3\n\n4\n", "b.csv:2:5: DOC215 the row has 3 cells, the header 2"),
        ("old_code,new_code\n1,2,3\n\n4\n", "b.csv:4:1: DOC215 the row has 1 cells, the header 2"),
        ("old_code,new_code,extent\n1,2,half\n", 'b.csv:2:1: CMP015 the value "half" cannot be used'),
        ("old_code,new_code,share\n1,2,nan\n", 'b.csv:2:1: CMP015 the value "nan" cannot be used'),
        ("old_code,new_code\n,2\n", 'b.csv:2:1: CMP015 the value "" cannot be used in the column old_code'),
        ("old_code,new_code,extent\n1,2,whole\n1,2,part\n", "b.csv:3:1: CMP014 1 to 2 was given otherwise"),
        ('old_code,new_code\n"1,2\n', "b.csv:2:1: DOC205 "),
        ("date,kind,from_code,to_code\nsoon,merge,1,2\n", 'b.csv:2:1: CMP015 the value "soon" cannot'),
        ("date,kind,from_code,to_code\n2025-07-01,eat,1,2\n", 'b.csv:2:1: CMP015 the value "eat" cannot'),
        ("date,kind,from_code,to_code\n2025-07-01,merge,,\n", 'b.csv:2:1: CMP015 the value "" cannot'),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_table_is_said_with_its_line(tmp_path, table, said):
    with pytest.raises(InputError) as caught:
        sides(tmp_path, table)
    assert said in str(caught.value)
    assert all(finding.mend for finding in caught.value.findings)


def test_a_table_that_is_not_utf_8_and_a_file_that_is_not_there_are_both_said(tmp_path):
    (tmp_path / "b.csv").write_bytes("old_code,new_code\n1,Đ\n".encode("cp1258"))
    with pytest.raises(InputError) as caught:
        read_sources(tmp_path / "none.csv", tmp_path / "b.csv")
    lines = str(caught.value).splitlines()
    assert [line.split(": ")[1][:6] for line in lines] == ["DOC001", "DOC202"]
    assert "b.csv:2:3: DOC202 " in lines[1]


CODES = st.sampled_from(["1", "2", "3"])
PAIRS = st.builds(
    Pair,
    old=CODES,
    new=CODES | st.just(""),
    old_name=st.sampled_from(["", "Hòa", "Hoà", "Hóa"]),
    new_name=st.sampled_from(["", "Xã A", "Phường A"]),
    land=st.sampled_from(Land),
    people=st.sampled_from(People),
    share=st.none() | st.floats(0, 1),
)
SOURCES = st.builds(
    lambda name, pairs: Source(name, {(pair.old, pair.new): pair for pair in pairs}),
    st.sampled_from("ab"),
    st.lists(PAIRS, max_size=8),
)
MIRRORED = {Verdict.ONLY_A: Verdict.ONLY_B, Verdict.ONLY_B: Verdict.ONLY_A}


@settings(max_examples=100, deadline=None)
@given(SOURCES, SOURCES)
def test_the_comparison_the_other_way_round_is_its_mirror_image(a, b):
    there, back = compare(a, b), compare(b, a)
    assert [
        (one.code, MIRRORED.get(one.verdict, one.verdict), set(one.aspects), one.b, one.a)
        for one in there.units
    ] == [(one.code, one.verdict, set(one.aspects), one.a, one.b) for one in back.units]
    assert [(one.code, one.b, one.a) for one in there.names] == [
        (one.code, one.a, one.b) for one in back.names
    ]
    assert (there.outside_a, there.outside_b) == (back.outside_b, back.outside_a)
    assert (there.counts.only_a, there.counts.jaccard) == (back.counts.only_b, back.counts.jaccard)


@settings(max_examples=100, deadline=None)
@given(SOURCES)
def test_a_source_agrees_with_itself(source):
    found = compare(source, source)
    assert len(found.of(Verdict.AGREE)) == len(found.units)
    assert found.names == ()
    assert found.counts.jaccard == 1.0


@pytest.fixture(scope="module")
def facts() -> Path:
    folder = shared()
    if folder is None:
        pytest.skip("the folder of facts is not beside the checkout")
    return folder / "data" / "vn"


@pytest.fixture(scope="module")
def ours(facts) -> Source:
    """The shipped mappings of all provinces, on the day of the reorganisation, which is their only one."""
    return read_sources(shipped(), facts / "commune_crosswalk.csv")[0]


def table(path: Path) -> Source:
    return read_sources(path, path)[0]


@pytest.mark.shared
def test_the_mappings_of_the_country_equal_the_facts_pair_for_pair(ours, facts):
    found = compare(ours, table(facts / "commune_crosswalk.csv"))
    counts = found.counts
    assert (counts.pairs_a, counts.pairs_b, counts.pairs_both) == (10_566, 10_566, 10_566)
    assert (counts.land_same, counts.people_same) == (10_566, 10_566)
    assert counts.units_both == counts.identical == len(found.of(Verdict.AGREE)) == 10_035


@pytest.mark.shared
def test_exactly_the_doctored_rows_of_a_copy_contradict(ours, facts, tmp_path):
    with (facts / "commune_crosswalk.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    doctored = Random(3).sample(range(len(rows)), 12)
    touched = {rows[index]["old_code"] for index in doctored}
    flip = {"whole": "part", "part": "whole"}
    for number, index in enumerate(doctored):
        row = rows[index]
        if number % 3 == 0:
            row["new_code"] = "99999"
        elif number % 3 == 1:
            row["extent"] = flip[row["extent"]]
        else:
            row["population"] = "none" if row["population"] != "none" else "all"
    with (tmp_path / "copy.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    found = compare(ours, table(tmp_path / "copy.csv"))
    assert {unit.code for unit in found.of(Verdict.CONTRADICT)} == touched
    assert len(found.of(Verdict.AGREE)) == 10_035 - len(touched)
    lines = {one.place.line for unit in found.of(Verdict.CONTRADICT) for one in unit.b}
    assert {index + 2 for index in doctored} <= lines


@pytest.mark.shared
def test_pairs_that_the_law_lacks_are_found_as_other_successors(ours, facts, tmp_path):
    """The pairs that one public table asserts and the law does not, added to the facts: in every old unit
    concerned the sources contradict each other, and in no other."""
    with (facts / "rejected_pairs.csv").open(encoding="utf-8") as file:
        rejected = [row for row in csv.DictReader(file) if "vau" in row["sources"].split(";")]
    text = (facts / "commune_crosswalk.csv").read_text("utf-8")
    width = text.partition("\n")[0].count(",") - 2
    extra = "".join(f"{row['old_code']},{row['new_code']},part{',' * width}\n" for row in rejected)
    (tmp_path / "vau.csv").write_text(text + extra, "utf-8")
    found = compare(ours, table(tmp_path / "vau.csv"))
    assert found.counts.only_b == len(rejected) == 32
    assert {unit.code for unit in found.of(Verdict.CONTRADICT)} == {row["old_code"] for row in rejected}


def test_codes_that_were_guarded_against_spreadsheets_are_read_as_they_were(tmp_path):
    found = sides(tmp_path, "old_code,new_code,extent,population\n'=A4,90007,whole,all\n", UNITS.replace(
        "keep: 90010 Xã Bốn", "into: 90007 Phường Ba, from: ['=A4 Xã Bốn']"))  # fmt: skip
    assert [unit.code for unit in found.of(Verdict.AGREE)] == ["=A4"]


def test_a_table_may_have_semicolons_guarded_cells_and_a_column_without_a_name(tmp_path):
    table = ';old_code;new_code;old_name\n0;1;2;\'=Xã A\n1;2;2;"Xã; B"\n'
    (tmp_path / "a.csv").write_text(CROSSWALK, "utf-8")
    (tmp_path / "b.csv").write_text(table, "utf-8")
    _, b = read_sources(tmp_path / "a.csv", tmp_path / "b.csv")
    assert [(pair.old, pair.new, pair.old_name) for pair in b.pairs.values()] == [
        ("1", "2", "=Xã A"),
        ("2", "2", "Xã; B"),
    ]


EXTENTS = ("whole", "part", "none", "")
POPULATIONS = ("all", "some", "none", "unspecified", "")


@pytest.mark.parametrize("extent", EXTENTS)
@pytest.mark.parametrize("population", POPULATIONS)
def test_a_table_says_to_compare_what_it_says_to_import(tmp_path, extent, population):
    crosswalk = CROSSWALK + f"90012,Xã Năm,90001,Xã Một,{extent},{population},,\n"
    changes = (
        "date,event_id,kind,from_code,from_name,to_code,to_name,extent,share,population\n"
        f"2025-07-01,1,merge,90012,Xã Năm,90001,Xã Một,{extent},,{population}\n"
        "2025-07-01,1,merge,90001,Xã Một,90001,Xã Một,whole,,\n"
    )
    (tmp_path / "crosswalk.csv").write_text(crosswalk, "utf-8")
    (tmp_path / "changes.csv").write_text(changes, "utf-8")
    imported = {
        "crosswalk.csv": read_crosswalk([tmp_path / "crosswalk.csv"], "a", UnitKind.COMMUNE, DAY),
        "changes.csv": read_changes([tmp_path / "changes.csv"], "b"),
    }
    for name, drafts in imported.items():
        (draft,) = drafts.drafts
        (tmp_path / draft.name).write_text(draft.text, "utf-8")
        nothing = extent == population == "none" or (extent == "none" and not population)
        found = compare(*read_sources(tmp_path / name, tmp_path / draft.name, on=DAY))
        different = {one.code for one in found.units if one.verdict is not Verdict.AGREE}
        assert different <= ({"90012"} if nothing else set()), name


def test_an_empty_population_is_as_the_land_and_no_column_says_nothing(tmp_path):
    text = "old_code,new_code,extent,population\n90004,90001,part,\n90004,90007,part,\n"
    found = sides(tmp_path, text)
    assert verdicts(found)["90004"] == ("contradict", ("people",))
    without = "old_code,new_code,extent\n90004,90001,part\n90004,90007,part\n"
    assert verdicts(sides(tmp_path, without))["90004"] == ("differ", ("people",))
