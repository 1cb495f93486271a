import re
from pathlib import Path

import pytest

from merger.errors import InputError
from merger.messages import LANGUAGES, text_in
from merger.systems.profile import (
    AgencyField,
    Dataset,
    Doubtful,
    FileField,
    KeyAllocation,
    Profile,
    Reference,
    Role,
    UnitField,
    Value,
)
from merger.systems.profiles import load_profile
from merger.systems.times import FORMATS

PAGE = Path(__file__).parents[2] / "docs" / "profile-format.md"
HEAD = "schema: merger/profile/1\nid: p\ndatasets:\n"
GOOD = """\
  citizens: {table: citizen, key: [id], to: people}
  dossiers:
    table: dossier
    key: [id]
    units: {place: {value: commune, role: place}}
    agencies: {holder: {value: agency, role: holder, place: place}}
    references: {citizen: {to: citizens, column: citizen_id}}
    to: dossiers
    columns: {ward: {decided: place.code}, who: {reference: citizens, column: citizen_id}}
  files:
    table: file
    key: [id]
    parent: dossier
    references: {dossier: {to: dossiers, column: dossier_id}}
    to: files
    columns: {agency: {decided: holder.name}}
"""


def problems(folder: Path, body: str) -> list[tuple[str, str, str]]:
    """(code, what stands at its line and column, message) of every finding of a profile."""
    path = folder / "p.yaml"
    path.write_text(HEAD + body, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_profile(path)
    assert all(one.place.file == str(path) and one.mend for one in caught.value.findings)
    lines = ["", *(HEAD + body).splitlines()]
    return [
        (one.code, lines[one.place.line][one.place.column - 1 :], one.message)
        for one in caught.value.findings
    ]


def test_a_good_profile_is_read(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(HEAD + GOOD, encoding="utf-8")
    profile = load_profile(path).value
    assert profile.datasets["dossiers"].units["place"].role is Role.PLACE
    assert profile.datasets["dossiers"].units["place"].value == Value(column="commune")
    assert profile.zone == "Asia/Ho_Chi_Minh"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("{to: citizens, column", "{to: people, column",
         [("no-dataset", "people", "there is no dataset people in this profile"),
          ("no-reference", "{reference: ", "there is no one reference citizens in this dataset")]),
        ("parent: dossier", "parent: folder",
         [("no-reference", "folder", "there is no one reference folder in this dataset"),
          ("no-field", "{decided: ", "there is no field holder.name that could be asked for here")]),
        ("place: place}}", "place: spot}}",
         [("no-field", "spot", "there is no field spot that could be asked for here")]),
        ("decided: place.code", "decided: place.colour",
         [("no-field", "{decided: place.colour", "there is no field place.colour that could be asked"
           " for here")]),
        ("decided: holder.name", "decided: owner.name",
         [("no-field", "{decided: ", "there is no field owner.name that could be asked for here")]),
        ("reference: citizens", "reference: files",
         [("no-reference", "{reference: ", "there is no one reference files in this dataset")]),
        ("{value: commune,", "{value: {column: commune, time: yyyy},",
         [("unknown-time", "{column: commune, time: yyyy}", "no time is written as yyyy")]),
        ("{value: commune,", "{value: {lookup: a -> nowhere.b},",
         [("no-dataset", "{lookup: a -> ", "there is no dataset nowhere in this profile")]),
        ("{value: commune,", "{value: {lookup: a -> citizens},",
         [("no-dataset", "{lookup: a -> ", "there is no dataset citizens in this profile")]),
        ("    parent: dossier\n", "    parent: dossier\n    service: service\n",
         [("child-decides", "table: file", "dataset files has a parent and shares its fate, but names units,"
           " agencies or a service to decide by")]),
        ("key: [id]\n    parent", "key: [id, part]\n    parent",
         [("composite-key", "[id, part]", "dataset files: a dataset that is moved has one key column,"
           " this one has several")]),
    ],
)  # fmt: skip
def test_each_problem_has_its_line_and_column(
    tmp_path: Path, old: str, new: str, expected: list[tuple[str, str, str]]
) -> None:
    assert GOOD.count(old) == 1
    found = problems(tmp_path, GOOD.replace(old, new))
    assert [(code, message) for code, _, message in found] == [
        (code, message) for code, _, message in expected
    ]
    assert [there[: len(at)] for (_, there, _), (_, at, _) in zip(found, expected, strict=True)] == [
        at for _, at, _ in expected
    ]


def test_moved_datasets_that_refer_to_each_other_in_a_circle_are_told_where_nothing_is_optional(
    tmp_path: Path,
) -> None:
    body = (
        "  a: {table: a, key: [id], to: a, references: {b: {to: b, column: b}}}\n"
        "  b: {table: b, key: [id], to: b, references: {a: {to: a, column: a}}}\n"
    )
    ((code, there, message),) = problems(tmp_path, body)
    assert (code, there[:4]) in {("reference-cycle", "{b: "), ("reference-cycle", "{a: ")}
    assert message in {
        f"datasets refer to each other in a circle: {cycle}" for cycle in ("a → b → a", "b → a → b")
    }
    for other in (
        body.replace("column: a}", "column: a, optional: true}"),
        body.replace(" to: a, ref", " ref"),
    ):
        (tmp_path / "good.yaml").write_text(HEAD + other, encoding="utf-8")
        assert set(load_profile(tmp_path / "good.yaml").value.datasets) == {"a", "b"}


@pytest.mark.parametrize("optional", ["", ", optional: true"])
def test_datasets_that_belong_to_each_other_in_a_circle_are_told(tmp_path: Path, optional: str) -> None:
    body = (
        "  a: {table: a, key: [id], parent: b, references: {b: {to: b, column: b}}}\n"
        f"  b: {{table: b, key: [id], parent: a, references: {{a: {{to: a, column: a{optional}}}}}}}\n"
    )
    ((code, _, message),) = problems(tmp_path, body)
    assert code == "parent-cycle"
    assert message in {
        f"datasets belong to each other in a circle: {cycle}" for cycle in ("a → b → a", "b → a → b")
    }


def test_a_row_cannot_belong_to_a_row_of_its_own_dataset(tmp_path: Path) -> None:
    body = "  a: {table: a, key: [id], to: a, parent: up, references: {up: {to: a, column: up}}}\n"
    ((code, _, message),) = problems(tmp_path, body)
    assert (code, message) == ("parent-cycle", "datasets belong to each other in a circle: a → a")


def test_all_problems_of_a_profile_are_told_at_once(tmp_path: Path) -> None:
    body = GOOD.replace("place: place}}", "place: spot}}").replace("decided: holder.name", "decided: x.y")
    assert [code for code, *_ in problems(tmp_path, body)] == ["no-field", "no-field"]


def test_an_unknown_word_has_its_place_too(tmp_path: Path) -> None:
    ((_, there, _),) = problems(tmp_path, GOOD.replace("    to: files\n", "    too: files\n"))
    assert there == "too: files"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_mend_of_an_unknown_time_lists_the_known_ones(language: str) -> None:
    for written in FORMATS:
        assert written in text_in(language, "systems.unknown-time.mend", time="x", known=", ".join(FORMATS))


def test_every_example_of_the_page_loads(tmp_path: Path) -> None:
    examples = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert len(examples) == 5
    for number, example in enumerate(examples):
        path = tmp_path / f"{number}.yaml"
        path.write_text(example if example.startswith("schema:") else HEAD + example, encoding="utf-8")
        load_profile(path)


def test_the_page_names_every_key_and_every_format() -> None:
    page = PAGE.read_text("utf-8")
    listed = set(re.findall(r"^\| `([a-z_0-9]+)` \|", page, re.MULTILINE))
    models = (Profile, Dataset, UnitField, AgencyField, Reference, FileField, KeyAllocation, Value, Doubtful)
    keys = {field.alias or name for model in models for name, field in model.model_fields.items()}
    assert listed == keys
    assert [written for written in FORMATS if f"`{written}`" not in page] == []


def test_a_file_goes_where_a_column_of_the_target_says(tmp_path):
    path = tmp_path / "files.yaml"
    text = (
        "schema: merger/profile/1\nid: files\ndatasets:\n  files:\n    table: file\n    key: [id]\n"
        "    to: files\n    columns: {filePath: path}\n"
        "    files: {scan: {path: path, to: filePath, size: {column: bytes}}}\n"
    )
    path.write_text(text)
    [field] = load_profile(path).value.datasets["files"].files.values()
    assert (field.path.column, field.to, field.size and field.size.column) == ("path", "filePath", "bytes")
    path.write_text(text.replace("to: filePath", "to: fileName"))
    with pytest.raises(InputError) as wrong:
        load_profile(path)
    [found] = wrong.value.findings
    assert (found.code, found.message, found.place.line) == (
        "no-file-column",
        "the file's place in the target should come from the column fileName, which `columns` does not fill",
        9,
    )
