"""Laws of changes-csv: nothing is lost between a table and a mapping, whichever way one goes first."""

import csv
import io
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import get_args

from csv_files import saved, there_and_back, written
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from merger.errors import InputError, Severity
from merger.lineage import build, crosswalk
from merger.mapping.imported import Imported
from merger.mapping.models import Change, Mapping, UnitKind, What
from merger.mapping.tables import guarded, read_changes, read_crosswalk, to_csv, unguarded, write_changes
from merger.mapping.tables.columns import AS_LAND, CHANGES, EXTENTS
from merger.mapping.tree import FORBIDDEN
from merger.testing.histories import DAYS, wild_lineages

LETTERS = st.characters(
    codec="utf-8", categories=["L", "M", "N", "P", "S", "Zs"], include_characters="\n\t\r"
).filter(lambda letter: not FORBIDDEN.match(letter))
TEXT = st.text(LETTERS, max_size=12)
NAME = TEXT.map(str.strip)
CODE = st.text(LETTERS.filter(lambda letter: not letter.isspace()), min_size=1, max_size=5)
SIDES = st.sampled_from(get_args(What))


@st.composite
def tables(draw: st.DrawFn) -> list[dict[str, str]]:
    """Rows as the format writes them, each an event of its own."""
    notes = draw(st.lists(TEXT.filter(lambda name: name.strip() and name != "<<"), max_size=2, unique=True))
    notes = [name for name in notes if name not in (*CHANGES, "source", "note", "after", "dated")]
    rows = []
    for number in range(draw(st.integers(1, 5))):
        kind = draw(SIDES)
        extent = draw(st.sampled_from(["", "whole", "part", "none"]))
        population = draw(st.sampled_from(["all", "some", "none", "unspecified"]))
        if not extent and population == "unspecified":
            population = ""
        old, new = draw(CODE), draw(CODE)
        share = draw(st.none() | st.floats(0, 1))
        rows.append(
            {
                "date": draw(st.dates()).isoformat(),
                "event_id": f"{number}{draw(TEXT)}",
                "kind": kind,
                "from_code": "" if kind == "create" else old,
                "from_name": "" if kind == "create" else draw(NAME),
                "to_code": "" if kind == "abolish" else new,
                "to_name": "" if kind == "abolish" else draw(NAME),
                "extent": extent,
                "share": "" if share is None else repr(share).removesuffix(".0"),
                "population": population,
                "seq": draw(st.sampled_from(["", "0", "7"])),
                **{name: draw(TEXT) for name in notes},
            }
        )
    return rows


def rows_of(text: str) -> list[dict[str, str]]:
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return [{unguarded(name): unguarded(cell) for name, cell in row.items()} for row in rows]


@given(rows=tables())
@settings(max_examples=60)
def test_a_table_comes_back_row_for_row(rows: list[dict[str, str]]) -> None:
    text = to_csv(list(rows[0]), [list(row.values()) for row in rows])
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder) / "a.csv", text)
        mapping = saved(read_changes([path], "x"), Path(folder) / "x").mapping
    back = write_changes(mapping)
    assert rows_of(back.text) == rows
    assert back.text == text


def stated(mapping: Mapping) -> Mapping:
    """Without districts, and every change with a source: what else a change is known by is its file."""
    return Mapping(
        units=tuple(
            file.model_copy(
                update={
                    "districts": (),
                    "changes": tuple(
                        change.model_copy(update={"source": f"act {number}"})
                        for number, change in enumerate(file.changes)
                    ),
                }
            )
            for file in mapping.units
        )
    )


@given(mapping=wild_lineages())
@settings(max_examples=60, deadline=None)
def test_whatever_a_mapping_says_the_lineage_is_the_same_after_a_round_trip(mapping: Mapping) -> None:
    before = stated(mapping)
    with tempfile.TemporaryDirectory() as folder:
        again, codes = None, set()
        try:
            again = there_and_back(before, Path(folder))
        except InputError as error:
            codes = {one.code for one in error.findings if one.severity is Severity.ERROR}
    assert codes <= {"DOC219", "DOC228"}, "only nothing at all, or the same edge twice, cannot be read again"
    assume(again is not None)
    assert write_changes(again).text == write_changes(before).text
    first, second = build(before), build(again)
    for at in DAYS:
        for on in DAYS:
            assert list(crosswalk(second, at, on)) == list(crosswalk(first, at, on))


@given(st.text(st.sampled_from("'=+-@\t\ra"), max_size=6))
def test_a_guard_comes_off_exactly_where_it_was_put(cell: str) -> None:
    assert unguarded(guarded(cell)) == cell
    assert guarded(cell)[:1] not in tuple("=+-@\t\r")


@given(st.lists(st.lists(TEXT.filter(bool), min_size=2, max_size=2), min_size=1, max_size=4))
def test_any_reader_of_csv_gets_the_cells(rows: list[list[str]]) -> None:
    text = to_csv(["a", "b"], rows)
    assert [list(map(unguarded, row)) for row in csv.reader(io.StringIO(text, newline=""))][1:] == rows


def read_or_refused(path: Path, read: Callable[[Path], Imported]) -> bool:
    """Whether the file gives drafts, or problems that all have a line."""
    try:
        return bool(read(path).drafts)
    except InputError as error:
        return all(finding.place.line for finding in error.findings)


@given(content=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused_with_a_place(content: bytes) -> None:
    header = ",".join(CHANGES).encode() + b"\n"
    with tempfile.TemporaryDirectory() as folder:
        for start in (b"", header, header + b"2025-07-01,E,merge,A,One,B,"):
            path = Path(folder) / "a.csv"
            path.write_bytes(start + content)
            assert read_or_refused(path, lambda one: read_changes([one], "x"))
            assert read_or_refused(
                path, lambda one: read_crosswalk([one], "x", UnitKind.COMMUNE, date(2025, 7, 1))
            )


def test_an_empty_population_is_defined_for_every_extent() -> None:
    assert set(AS_LAND) == set(EXTENTS.values())
    assert Change.model_fields["people"].default == AS_LAND[Change.model_fields["land"].default]
