"""changes-csv: what happens on one day, together or one after the other, and what its events leave unsaid."""

from datetime import date
from pathlib import Path

import pytest
from csv_files import CHAIN, HEADER, ISLES, read, rows, saved, with_rows

from merger.errors import Severity
from merger.lineage import build, crosswalk
from merger.mapping import load
from merger.mapping.models import UnitKind
from merger.mapping.tables import read_changes, write_changes


def test_a_chain_within_a_day_is_followed_in_its_order() -> None:
    first, second = (
        change for change in read(ISLES) if change.event in ("C1", "C2") and change.from_.code != "K01"
    )
    assert (first.seq, second.seq) == (1, 2)
    lineage = build(load([ISLES.with_suffix(".yaml")]).mapping)
    pairs = {(row.old_code, row.new_code) for row in crosswalk(lineage, date(2010, 2, 28), date(2010, 3, 1))}
    assert {("K05", "K01"), ("K01", "K01")} <= pairs
    assert not any("S01" in pair for pair in pairs)


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
