"""Moved files are proved on both sides at any time, and taken out unless somebody changed them."""

import pytest

from merger.migrate.filing import FileRequest
from merger.migrate.filing.model import digest
from tests.migrate.filing.world import NAMES, WHOLE, content_of, told


@pytest.mark.parametrize("quick", [False, True])
def test_what_was_copied_is_proved(world, quick):
    world.copy()
    proved = world.verify(quick=quick)
    assert (proved.strength, proved.files, proved.differences, proved.held) == (
        "quick" if quick else "full", 5, 0, 0,
    )  # fmt: skip


@pytest.mark.parametrize(("side", "word"), [("old", "here"), ("new", "there")])
def test_one_changed_byte_is_found_on_either_side(world, side, word):
    world.copy()
    path = world.folder / side / ("" if side == "old" else "one") / NAMES[1]
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)
    assert told(world.verify()) == [("2", f"changed-{word}")]
    assert told(world.verify(quick=True)) == []
    path.write_bytes(content + b"x")
    assert told(world.verify(quick=True)) == [("2", f"changed-{word}")]
    path.unlink()
    assert told(world.verify()) == [("2", f"gone-{word}")]


def test_a_file_that_was_never_copied_is_a_difference(world):
    world.copy(world.requests()[:4])
    assert told(world.verify()) == [("5", "not-moved")]


def test_a_file_whose_place_changed_since_is_a_difference(world):
    world.copy()
    requests = world.requests()
    requests[0] = FileRequest("1", NAMES[0], "elsewhere.pdf", "scan")
    assert told(world.verify(requests)) == [("1", "not-moved")]


def test_held_files_are_told_and_are_no_differences(world):
    requests = [*world.requests(), FileRequest("9", "no.pdf", "x")]
    world.copy(requests)
    proved = world.verify(requests)
    assert (proved.files, proved.differences, proved.held) == (6, 0, 1)
    assert told(proved) == [("9", "missing")]


def test_a_file_that_cannot_be_read_is_not_proved(world):
    world.copy()
    (world.new / "one" / "4.pdf").unlink()
    (world.new / "one" / "4.pdf").mkdir()
    [found] = world.verify().findings
    assert found.message == "the file could not be read to compare it (not-a-file)"


def test_copying_and_taking_out_leaves_the_target_as_it_was(world):
    world.put(world.new, "own.pdf", b"the target's own")
    world.put(world.new, "one/4.pdf", content_of(4))
    before = world.there()
    world.copy()
    taken = world.remove()
    assert (taken.removed, taken.kept) == (4, 0)
    assert world.there() == before
    assert world.book.rows() == []
    assert world.remove().removed == 0


def test_a_file_that_was_changed_since_stays(world):
    world.copy()
    world.put(world.new, "one/b/2.pdf", b"signed since")
    taken = world.remove()
    assert (taken.removed, taken.kept, told(taken)) == (4, 1, [("2", "kept-changed")])
    assert world.there() == {"one/b/2.pdf": b"signed since"}
    assert world.states() == {"2": "done"}


def test_a_file_that_rows_of_another_run_name_stays_until_that_run_goes(world):
    world.copy()
    also = [FileRequest("77", "4.pdf", "one/4.pdf", "scan")]
    assert world.copy(also, run="r2").already == 1
    assert told(world.remove()) == [("4", "kept-named")]
    assert set(world.there()) == {"one/4.pdf"}
    world.remove(also, run="r2")
    assert world.remove().removed == 1
    assert world.there() == {}


def test_a_file_that_a_row_of_the_target_names_stays(world):
    world.copy()
    shared = digest(f"one/{NAMES[1]}")
    done = world.remove(shared=lambda some: {shared} & set(some))
    assert (done.removed, done.kept, told(done)) == (4, 1, [("2", "kept-named")])
    assert set(world.there()) == {f"one/{NAMES[1]}"}


def test_only_the_files_of_the_run_are_taken_out(world):
    world.copy(world.requests()[:3], run="r1")
    world.copy(run="r2")
    assert world.remove(run="r2").removed == 2
    assert set(world.there()) == set(list(WHOLE)[:3])
