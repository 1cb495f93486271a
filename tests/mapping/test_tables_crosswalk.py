"""crosswalk-csv, and the page that explains both tables."""

import re
from datetime import date
from pathlib import Path

from csv_files import DAY, saved, written

from merger.lineage import build, crosswalk
from merger.lineage.views import crosswalk_csv
from merger.mapping.models import Land, Mapping, People, UnitKind
from merger.mapping.tables import read_changes, read_crosswalk, write_changes

DOCS = (Path(__file__).parents[2] / "docs" / "exchange.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```csv\n(.*?)^```", DOCS, re.MULTILINE | re.DOTALL)


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
