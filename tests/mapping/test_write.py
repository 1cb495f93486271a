"""What is written as YAML reads back equal, in the layout that people diff."""

from pathlib import Path
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from merger.mapping import load, parse_document, shipped
from merger.mapping.models import KINDS, Definitions, UnitsFile
from merger.mapping.tree import is_seen
from merger.mapping.write import WIDTH, to_yaml
from merger.testing.country import country
from merger.testing.histories import wild_lineages

SEEN = st.characters(exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp", "Cn", "Co"]).filter(is_seen)
TEXTS = st.text(SEEN, max_size=60)


def back(file: Definitions, text: str) -> Definitions:
    return parse_document(text.encode(), type(file), Path("written.yaml")).value


@given(wild_lineages())
def test_whatever_units_say_reads_back_equal(mapping: object) -> None:
    for file in mapping.units:  # type: ignore[attr-defined]
        assert back(file, to_yaml(file)) == file


@given(st.integers(0, 10_000))
def test_agencies_rules_services_and_localities_read_back_equal(seed: int) -> None:
    made = country(Random(seed))
    for file in (*made.agencies, *made.competence, *made.services, *made.localities):
        assert back(file, to_yaml(file)) == file


@given(TEXTS, TEXTS)
def test_any_text_reads_back_equal(one: str, other: str) -> None:
    said = {
        "schema": "merger/units/1",
        "id": "texts",
        "effective": "2025-07-01",
        "note": one,
        "changes": [
            {"date": "2020-01-01", "what": "merge", "from": "1 A", "source": other, "notes": {"k": one}}
        ],
    }
    file = UnitsFile.model_validate(said)
    assert back(file, to_yaml(file)) == file


def test_the_shipped_files_read_back_equal_and_no_line_is_longer_than_a_screen() -> None:
    files = load([shipped()]).mapping.units
    assert files
    for file in files:
        text = to_yaml(file)
        assert back(file, text) == file
        assert max(map(len, text.splitlines())) <= WIDTH + 1


def test_comments_stand_above_what_they_are_about() -> None:
    file = KINDS["merger/units/1"].model_validate(
        {"schema": "merger/units/1", "id": "a", "effective": "2025-07-01",
         "communes": [{"clause": "1", "into": "90001 Xã Một", "from": ["90001 Xã Một", "90002 Xã Hai"]}]}
    )  # fmt: skip
    comments = {(): ["Đầu tệp", "Two"], ("communes",): ["All"], ("communes", 0): ["One"]}
    assert to_yaml(file, comments) == (
        "# Đầu tệp\n#\n# Two\n\nschema: merger/units/1\nid: a\neffective: 2025-07-01\n\n# All\ncommunes:\n"
        "  # One\n  - {clause: 1, into: 90001 Xã Một, from: [90001 Xã Một, 90002 Xã Hai]}\n"
    )
