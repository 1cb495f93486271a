"""Files and folders of definitions, read together."""

import hashlib
from pathlib import Path

import pytest

from merger.errors import InputError
from merger.mapping import digest, load, shipped

UNITS = "schema: merger/units/1\nid: {id}\neffective: 2025-07-01\n"
SERVICES = "schema: merger/services/1\nid: services\nfields: [{field: Đất đai, follows: land}]\n"


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_files_and_folders_are_read_as_one_mapping_whatever_their_order(tmp_path: Path) -> None:
    b = write(tmp_path, "one/b.yaml", UNITS.format(id="b"))
    write(tmp_path, "one/deep/a.yaml", UNITS.format(id="a"))
    write(tmp_path, "one/notes.txt", "not a definition")
    services = write(tmp_path, "services.yaml", SERVICES)
    loaded = load([tmp_path / "one", services])
    assert [file.id for file in loaded.mapping.units] == ["a", "b"]
    assert [file.id for file in loaded.mapping.services] == ["services"]
    assert loaded.mapping.digests["b"] == hashlib.sha256(b.read_bytes()).hexdigest()
    again = load([services, b, tmp_path / "one"])
    assert again.mapping == loaded.mapping
    assert digest(again) == digest(loaded)


def test_places_are_found_by_file(tmp_path: Path) -> None:
    path = write(tmp_path, "a.yaml", SERVICES)
    loaded = load([path])
    assert str(loaded.place(loaded.mapping.services[0], ("fields", 0, "follows"))) == f"{path}:3:36"


def test_the_digest_follows_every_byte_and_no_path(tmp_path: Path) -> None:
    first = digest(load([write(tmp_path, "1/a.yaml", UNITS.format(id="a"))]))
    moved = digest(load([write(tmp_path, "2/elsewhere.yaml", UNITS.format(id="a"))]))
    changed = digest(load([write(tmp_path, "3/a.yaml", UNITS.format(id="a") + "# a comment\n")]))
    assert first == moved != changed
    content = UNITS.format(id="a").encode()
    canonical = f'[["a","{hashlib.sha256(content).hexdigest()}"]]'
    assert first == hashlib.sha256(canonical.encode()).hexdigest()


def test_findings_of_all_files_come_out_in_one_run(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", "schema: merger/units/1\nid: a\n")
    write(tmp_path, "b.yaml", "schema: [")
    write(tmp_path, "c.yaml", UNITS.format(id="same"))
    write(tmp_path, "d.yaml", UNITS.format(id="same"))
    with pytest.raises(InputError) as raised:
        load([tmp_path, tmp_path / "absent"])
    assert sorted(str(finding) for finding in raised.value.findings) == [
        f'{tmp_path}/a.yaml:1:1: DOC101 the key "effective" is missing here',
        f"{tmp_path}/absent: MAP002 there is no such file or folder, or no definition (*.yaml) in it",
        f"{tmp_path}/b.yaml:1:10: DOC020 a comma or a closing bracket is missing; "
        "the bracket was opened on line 1",
        f'{tmp_path}/d.yaml:2:5: MAP001 the id "same" was given already by c.yaml',
    ]


def test_an_empty_folder_is_a_finding(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="MAP002"):
        load([tmp_path])


def test_the_shipped_mappings_can_be_read() -> None:
    assert load([shipped()]).mapping.units
