"""Paths of databases are not trusted: what is taken stays inside the root, and nothing is changed in it."""

import os
import tempfile
import unicodedata
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merger.systems.files import FileHeld, alike, checked, copy, open_files
from merger.systems.files.paths import NAME_BYTES, PATH_BYTES, part_of
from merger.systems.profile import FilesAt

REFUSED = {
    "path-empty": ["", None, 12, b"a.pdf"],
    "path-parent": ["..", "../a", "a/../b", "a/..", "a/b/../../../c"],
    "path-absolute": ["/a", "//server/share/a", "/"],
    "path-backslash": ["a\\b", "\\\\server\\a", "..\\a"],
    "path-drive": ["C:a", "c:/a", "Z:"],
    "path-control": ["a\0", "a\nb", "a\x7fb", "a\x85", "a\u2028b", "a\ud800"],
    "path-unclear": ["a//b", "./a", "a/.", "a/", "a/./b"],
    "path-long": ["a" * (NAME_BYTES + 1), "ệ" * 86, "/".join(["abc"] * 300)],
    "path-ours": [part_of("a/b.pdf"), "x.merger-part"],
}


@pytest.mark.parametrize(
    ("reason", "path"), [(reason, path) for reason, paths in REFUSED.items() for path in paths], ids=ascii
)
def test_a_path_that_is_not_safe_is_held_with_its_reason(reason, path):
    with pytest.raises(FileHeld) as held:
        checked(path)
    assert held.value.reason == reason


@pytest.mark.parametrize(
    "path",
    ["a", "a/b/c.pdf", "Hồ sơ số 1 (bản sao).pdf", "~root/x", "%2e%2e/x", "ab:c", "...", "-rf", "*", "a?b#c"],
)
def test_a_path_that_is_odd_but_safe_is_used_as_it_stands(path):
    assert checked(path) == path


PARTS = st.sampled_from(
    ["..", ".", "", "/", "\\", "a", "C:", "\0", "\n", "~", "é", unicodedata.normalize("NFD", "é"), " ", "%2e"]
)
PATHS = st.one_of(
    st.text(max_size=30), st.lists(PARTS, max_size=8).map("/".join), st.lists(PARTS).map("".join)
)


@given(PATHS)
def test_a_path_that_is_taken_leads_into_the_root_on_every_system(path):
    try:
        assert checked(path) == path
    except FileHeld:
        return
    root = "/srv/files"
    assert os.path.normpath(f"{root}/{path}") == f"{root}/{path}"
    assert not PurePosixPath(path).is_absolute()
    assert not PureWindowsPath(path).drive
    assert len(path.encode()) <= PATH_BYTES
    assert len(PurePosixPath(part_of(path)).name.encode()) <= NAME_BYTES
    assert PurePosixPath(part_of(path)).parent == PurePosixPath(path).parent


@given(PATHS)
def test_copying_any_path_writes_nothing_outside_the_root(path):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "old").mkdir()
        (folder / "new").mkdir()
        (folder / "old" / "a.pdf").write_bytes(b"content")
        with (
            open_files(FilesAt(path="old"), folder, "one") as one,
            open_files(FilesAt(path="new"), folder, "two") as two,
        ):
            try:
                copy(one, "a.pdf", two, path)
            except FileHeld as held:
                assert held.reason.startswith("path-")  # noqa: PT017  # either is right, by the path
            else:
                assert (folder / "new" / path).read_bytes() == b"content"
        assert sorted(one.name for one in folder.iterdir()) == ["new", "old"]
        assert [one.name for one in (folder / "old").iterdir()] == ["a.pdf"]


@given(st.text(max_size=20))
def test_names_in_other_forms_and_cases_are_alike(name):
    same = {alike(unicodedata.normalize(form, name)) for form in ("NFC", "NFD")}
    assert same == {alike(name)}
    assert alike(alike(name)) == alike(name)
