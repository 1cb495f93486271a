"""One and the same behaviour of folders, SFTP and S3."""

import hashlib
import os
import unicodedata

import pytest

from merger.systems.files import FileHeld, StoreFailed, copy
from tests.systems.files.places import Killed, killed_at, local_place, parts_in

SMALL = os.urandom(70_000)
LARGE = os.urandom(9 * 1024 * 1024 + 17)


def sha256(content):
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("content", [b"", b"x", SMALL, LARGE[: 8 * 1024 * 1024], LARGE], ids=len)
def test_a_copy_has_the_size_and_hash_of_the_original(source, place, content):
    source.put("a/đơn.pdf", content)
    with source.open() as one, place.open() as two:
        copied = copy(one, "a/đơn.pdf", two, "sys/a/đơn.pdf")
        assert (copied.size, copied.sha256, copied.already) == (len(content), sha256(content), False)
        assert two.size_and_sha256("sys/a/đơn.pdf") == (len(content), sha256(content))
    assert place.read("sys/a/đơn.pdf") == content


def test_a_second_copy_finds_the_first(source, place):
    source.put("a.pdf", SMALL)
    with source.open() as one, place.open() as two:
        copy(one, "a.pdf", two, "a.pdf")
        assert copy(one, "a.pdf", two, "a.pdf").already


@pytest.mark.parametrize("other", [b"other", SMALL[:-1] + b"\0"], ids=["other size", "same size"])
def test_a_file_of_other_content_is_never_written_over(source, place, other):
    source.put("a.pdf", SMALL)
    place.put("a.pdf", other)
    with source.open() as one, place.open() as two, pytest.raises(FileHeld, match="other-there"):
        copy(one, "a.pdf", two, "a.pdf")
    assert place.read("a.pdf") == other


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "large"])
def test_a_file_that_appears_at_the_last_moment_is_never_written_over(source, place, content):
    source.put("a.pdf", content)

    def at(step):
        if step == "before-file-rename":
            place.put("a.pdf", b"somebody else's")

    with source.open() as one, place.open() as two, pytest.raises(FileHeld, match="other-there"):
        copy(one, "a.pdf", two, "a.pdf", at=at)
    assert place.read("a.pdf") == b"somebody else's"


STEPS = ["before-file-write", "in-file", "after-file-write", "before-file-rename", "after-file-rename"]


@pytest.mark.parametrize("step", STEPS)
def test_a_copy_that_was_killed_is_gone_on_with_and_equal(source, place, step):
    source.put("a.pdf", LARGE)
    with source.open() as one, place.open() as two:
        with pytest.raises(Killed):
            copy(one, "a.pdf", two, "x/a.pdf", at=killed_at(step, 1 + (step == "in-file")))
        assert place.read("x/a.pdf") == (LARGE if step == "after-file-rename" else None)
    with source.open() as one, place.open() as two:
        steps = []
        copied = copy(one, "a.pdf", two, "x/a.pdf", at=steps.append)
        assert copied.sha256 == sha256(LARGE)
        assert copied.already is (step == "after-file-rename")
        assert set(two.names("x")) == {"a.pdf"}
    assert place.read("x/a.pdf") == LARGE


def test_a_half_written_beginning_is_kept_and_another_one_is_not(source, folder_place):
    source.put("a.pdf", LARGE)
    with source.open() as one, folder_place.open() as two:
        with pytest.raises(Killed):
            copy(one, "a.pdf", two, "a.pdf", at=killed_at("in-file", 3))
        [part] = parts_in(folder_place.folder)
        assert part.stat().st_size == 3 * 1024 * 1024
        steps = []
        copy(one, "a.pdf", two, "a.pdf", at=steps.append)
        assert steps.count("in-file") == 7
        (folder_place.folder / "a.pdf").unlink()
        part.write_bytes(b"\0" * 1024)
        copy(one, "a.pdf", two, "a.pdf")
    assert folder_place.read("a.pdf") == LARGE
    assert not part.exists()


def test_an_empty_beginning_is_begun_anew(source, folder_place):
    source.put("a.pdf", SMALL)
    with source.open() as one, folder_place.open() as two:
        with pytest.raises(Killed):
            copy(one, "a.pdf", two, "a.pdf", at=killed_at("in-file"))
        [part] = parts_in(folder_place.folder)
        part.write_bytes(b"")
        assert copy(one, "a.pdf", two, "a.pdf").sha256 == sha256(SMALL)
    assert parts_in(folder_place.folder) == []


def test_a_file_that_is_written_while_it_is_read_is_not_taken(source, place):
    source.put("a.pdf", SMALL)

    def at(step):
        if step == "after-file-write":
            source.put("a.pdf", SMALL + b"more")

    with source.open() as one, place.open() as two:
        with pytest.raises(FileHeld, match="changing") as held:
            copy(one, "a.pdf", two, "a.pdf", at=at)
        assert held.value.transient
        assert place.read("a.pdf") is None
        copy(one, "a.pdf", two, "a.pdf")
    assert place.read("a.pdf") == SMALL + b"more"


def test_a_file_with_another_hash_than_wanted_does_not_arrive(source, place):
    source.put("a.pdf", SMALL)
    with source.open() as one, place.open() as two:
        with pytest.raises(FileHeld, match="other-sha256"):
            copy(one, "a.pdf", two, "a.pdf", wanted=sha256(b"else"))
        assert list(two.names("")) == []
        assert copy(one, "a.pdf", two, "a.pdf", wanted=sha256(SMALL)).size == len(SMALL)


def test_every_kind_is_also_a_source(place, tmp_path):
    place.put("x/a.pdf", SMALL)
    there = local_place(tmp_path, "there")
    with place.open() as one, there.open() as two:
        assert copy(one, "x/a.pdf", two, "a.pdf").sha256 == sha256(SMALL)
        with pytest.raises(FileHeld, match=r"^missing$"):
            copy(one, "x/b.pdf", two, "b.pdf")
        with pytest.raises(FileHeld, match=r"^missing$"):
            copy(one, "no/b.pdf", two, "b.pdf")
        assert b"".join(one.chunks("x/a.pdf", 100)) == SMALL[100:]


def test_a_name_in_the_other_unicode_form_is_told_and_not_taken(place, tmp_path):
    composed = "hồ sơ.pdf"
    decomposed = unicodedata.normalize("NFD", composed)
    place.put(decomposed, SMALL)
    there = local_place(tmp_path, "there")
    with place.open() as one, there.open() as two:
        with pytest.raises(FileHeld, match="missing-alike"):
            copy(one, composed, two, composed)
        copy(one, decomposed, two, decomposed)
        assert list(two.names("")) == [decomposed]


def test_a_removed_file_is_gone_and_can_be_removed_again(source, place):
    source.put("a.pdf", SMALL)
    with source.open() as one, place.open() as two:
        copy(one, "a.pdf", two, "a.pdf")
        two.remove("a.pdf")
        two.remove("a.pdf")
        assert two.info("a.pdf") is None


def test_a_folder_is_no_file(source, folder_place):
    source.put("a.pdf", SMALL)
    folder_place.put("x/a.pdf", SMALL)
    with source.open() as one, folder_place.open() as two, pytest.raises(FileHeld, match="not-a-file"):
        copy(one, "a.pdf", two, "x")


def test_what_stands_in_the_way_of_one_file_holds_that_file_alone(source, folder_place, tmp_path):
    """Servers of the usual version of SFTP have one answer for all of these."""
    source.put("a.pdf", SMALL)
    folder_place.put("wall", b"a file")
    (folder_place.folder / "loop").symlink_to("loop")
    (folder_place.folder / os.fsdecode(b"\xd0\xc2.pdf")).write_bytes(b"a name that is not UTF-8")
    there = local_place(tmp_path, "there")
    with source.open() as one, folder_place.open() as two, there.open() as three:
        with pytest.raises(FileHeld, match="file-in-way"):
            copy(one, "a.pdf", two, "wall/x/a.pdf")
        with pytest.raises(FileHeld, match="outside"):
            copy(two, "loop", three, "a.pdf")
        with pytest.raises(FileHeld, match="missing"):
            copy(two, "no.pdf", three, "a.pdf")
        copy(one, "a.pdf", two, "x/a.pdf")


def test_a_store_that_went_away_stops_everything_and_is_not_made_anew(source, folder_place, tmp_path):
    source.put("a.pdf", SMALL)
    there = local_place(tmp_path, "there")
    with source.open() as one, folder_place.open() as two, there.open() as three:
        folder_place.folder.rmdir()
        with pytest.raises(StoreFailed, match="is not there"):
            copy(one, "a.pdf", two, "x/a.pdf")
        with pytest.raises(StoreFailed, match="is not there"):
            copy(two, "x/a.pdf", three, "a.pdf")
    assert not folder_place.folder.exists()


@pytest.mark.parametrize("link", ["x", "x/a.pdf"], ids=["folder", "file"])
def test_a_link_that_leaves_the_root_is_not_followed(source, folder_place, tmp_path, link):
    outside = folder_place.folder.parent / f"outside-{folder_place.folder.name}"
    (outside / "x").mkdir(parents=True)
    (outside / "x" / "a.pdf").write_bytes(b"secret")
    outside.chmod(0o755)
    (folder_place.folder / link).parent.mkdir(exist_ok=True)
    (folder_place.folder / link).symlink_to(outside / link)
    source.put("a.pdf", SMALL)
    there = local_place(tmp_path, "there")
    with folder_place.open() as one, there.open() as two, pytest.raises(FileHeld, match="outside"):
        copy(one, "x/a.pdf", two, "a.pdf")
    with source.open() as one, folder_place.open() as two, pytest.raises(FileHeld, match="outside"):
        copy(one, "a.pdf", two, "x/a.pdf")
    assert (outside / "x" / "a.pdf").read_bytes() == b"secret"


def test_a_link_that_stays_inside_is_followed_to_read(folder_place, tmp_path):
    folder_place.put("x/a.pdf", SMALL)
    (folder_place.folder / "b.pdf").symlink_to("x/a.pdf")
    there = local_place(tmp_path, "there")
    with folder_place.open() as one, there.open() as two:
        assert copy(one, "b.pdf", two, "b.pdf").sha256 == sha256(SMALL)
