"""The examples in docs/mapping-format.md are definitions that can be used."""

import re
from pathlib import Path

from merger.mapping import load, parse_document
from merger.mapping.models import (
    KINDS,
    Area,
    Change,
    DistrictEntry,
    OpenPoint,
    Predecessor,
    Suppression,
    UnitEntry,
    UnitsFile,
)
from merger.quality import check

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "mapping-format.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def schema(example: str) -> str:
    return example.splitlines()[0].removeprefix("schema: ")


def test_every_kind_has_an_example_under_its_heading() -> None:
    assert list(dict.fromkeys(schema(example) for example in EXAMPLES)) == list(KINDS)
    assert re.findall(r"^## .*: `(.*)`$", TEXT, re.MULTILINE) == list(KINDS)


def test_each_example_can_be_read_alone(tmp_path: Path) -> None:
    for example in EXAMPLES:
        parse_document(example.encode(), KINDS[schema(example)], tmp_path)


def test_together_the_examples_are_a_mapping_without_findings(tmp_path: Path) -> None:
    for number, example in enumerate(EXAMPLES):
        (tmp_path / f"{number}.yaml").write_text(example, "utf-8")
    assert [str(finding) for finding in check(load([tmp_path]))] == []


def test_every_key_of_a_file_of_units_is_explained() -> None:
    for model in (UnitsFile, UnitEntry, Predecessor, Area, DistrictEntry, Change, Suppression, OpenPoint):
        for name, field in model.model_fields.items():
            key = field.alias or name
            assert f"`{key}`" in TEXT or f"{key}:" in TEXT, key


def test_the_words_for_land_and_people_are_all_explained() -> None:
    for word in ("whole", "part", "none", "unspecified", "all", "some"):
        assert f"`{word}`" in TEXT
