"""Files of moved rows are copied once, proved, and held where they cannot be."""

import errno
import json
import os
import shutil

import pytest

from merger.migrate.filing import FileRequest
from merger.systems.files import StoreFailed, alike
from tests.migrate.filing.world import NAMES, WHOLE, content_of, sha256, told


def test_every_file_is_copied_and_noted_with_size_and_hash(world):
    done = world.copy()
    assert (done.copied, done.already, done.held, done.findings) == (5, 0, 0, ())
    assert done.bytes == sum(map(len, WHOLE.values()))
    assert world.there() == WHOLE
    assert {(row.size, row.sha256, row.state) for row in world.book.rows()} == {
        (len(content), sha256(content), "done") for content in WHOLE.values()
    }


def test_a_second_call_finds_everything_done(world):
    world.copy()
    again = world.copy()
    assert (again.copied, again.already) == (0, 5)


def test_rows_without_a_file_are_counted(world):
    done = world.copy([FileRequest("1", None, None), FileRequest("2", "", "")])
    assert (done.none, done.copied, done.held) == (2, 0, 0)


@pytest.mark.parametrize(
    ("request_", "code", "message"),
    [
        (FileRequest("9", "no.pdf", "x/no.pdf"), "missing", "the file is not there"),
        (FileRequest("9", "../old/4.pdf", "x"), "path-parent", "the path leads out of a folder (..)"),
        (FileRequest("9", "4.pdf", "/etc/x"), "path-absolute", "the path begins at the root of a machine"),
        (FileRequest("9", "b", "x"), "not-a-file", "there is a folder or a device, and no file"),
        (FileRequest("9", "4.pdf", "x", size=1), "other-size",
         "the file is not as large as the database says"),
        (FileRequest("9", "4.pdf", "x", size="1.5"), "size-unclear",
         "what the database says of the file's size or SHA-256 is no such thing"),
        (FileRequest("9", "4.pdf", "x", size="9" * 5000), "size-unclear",
         "what the database says of the file's size or SHA-256 is no such thing"),
        (FileRequest("9", "4.pdf", "x", sha256="0" * 64), "other-sha256",
         "the file's SHA-256 is not what the database says"),
        (FileRequest("9", "4.PDF", "x"), "missing-alike",
         "the file is not there, but one whose name differs only in upper and lower case or in the Unicode"
         " form of its letters"),
        (FileRequest("9", "4.pdf", "taken.pdf"), "other-there",
         "in the target, a file of other content bears this name; it was left as it is"),
    ],
    ids=lambda one: one if isinstance(one, str) and " " not in one else "",
)  # fmt: skip
def test_a_file_that_cannot_be_moved_is_held_and_told(world, request_, code, message):
    world.put(world.new, "taken.pdf", b"the target's own")
    done = world.copy([*world.requests(), request_])
    assert (done.copied, done.held) == (5, 1)
    [held] = done.findings
    assert (held.code, held.message) == (code, message)
    assert str(held.place) == "one/files/9"
    assert world.states()["9"] == "held"
    assert world.there() == WHOLE | {"taken.pdf": b"the target's own"}


def test_a_held_file_is_moved_once_it_is_there(world):
    late = [FileRequest("9", "late.pdf", "one/late.pdf")]
    assert world.copy(late).held == 1
    world.put(world.old, "late.pdf", b"found in a backup")
    done = world.copy(late)
    assert (done.copied, done.held) == (1, 0)
    assert world.states()["9"] == "done"


def test_what_the_database_says_rightly_is_no_hold(world):
    content = content_of(4)
    right = FileRequest("4", "4.pdf", "x", size=str(len(content)), sha256=sha256(content).upper())
    assert world.copy([right]).copied == 1


def test_an_equal_file_of_the_target_is_its_own(world):
    world.put(world.new, "one/4.pdf", content_of(4))
    done = world.copy()
    assert (done.copied, done.already) == (4, 1)
    assert world.states()["4"] == "there"


def test_two_rows_that_name_one_file_share_it(world):
    two = [FileRequest("1", "4.pdf", "x.pdf"), FileRequest("2", "4.pdf", "x.pdf")]
    done = world.copy(two)
    assert (done.copied + done.already, done.held, done.findings) == (2, 0, ())
    assert world.there() == {"x.pdf": content_of(4)}


def test_two_rows_that_want_one_place_for_two_files_do_not_both_get_it(world):
    two = [FileRequest("1", "4.pdf", "x.pdf"), FileRequest("2", "b/2.pdf", "x.pdf")]
    done = world.copy(two)
    assert told(done) == [("2", "other-there")]
    assert world.there() == {"x.pdf": content_of(4)}


def test_rows_that_share_a_file_count_it_once(world):
    two = [FileRequest("1", "4.pdf", "x.pdf"), FileRequest("2", "4.pdf", "x.pdf")]
    done = world.copy(two)
    assert (done.copied, done.bytes, done.already) == (1, len(content_of(4)), 1)


def test_an_equal_file_that_somebody_puts_there_meanwhile_stays_theirs(world):
    def at(step):
        if step == "before-file-rename":
            world.put(world.new, "x.pdf", content_of(4))

    one = [FileRequest("1", "4.pdf", "x.pdf")]
    done = world.copy(one, at=at)
    assert (done.copied, done.already, world.states()) == (0, 1, {"1": "there"})
    assert world.remove(one).removed == 0
    assert world.there() == {"x.pdf": content_of(4)}


def test_a_file_where_a_folder_should_be_is_told_and_left(world):
    world.put(world.new, "x", b"somebody's")
    done = world.copy([FileRequest("1", "4.pdf", "x/4.pdf"), FileRequest("2", "4.pdf", "y/4.pdf")])
    assert told(done) == [("1", "file-in-way")]
    assert world.there() == {"x": b"somebody's", "y/4.pdf": content_of(4)}


def test_a_name_that_the_disk_does_not_take_holds_its_file_alone(world, monkeypatch):
    real = os.open

    def refusing(place, *more, **given):
        if "bad" in str(place):
            raise OSError(errno.EINVAL, "Invalid argument")
        return real(place, *more, **given)

    monkeypatch.setattr(os, "open", refusing)
    done = world.copy([FileRequest("1", "4.pdf", "bad/4.pdf"), FileRequest("2", "4.pdf", "y/4.pdf")])
    assert (done.copied, told(done)) == (1, [("1", "path-refused")])


def test_a_held_file_leaves_no_beginning_behind(world):
    def at(step):
        if step == "in-file":
            (world.old / "4.pdf").unlink(missing_ok=True)

    assert told(world.copy([FileRequest("1", "4.pdf", "x/4.pdf")], at=at)) == [("1", "missing")]
    assert list(world.new.rglob("*.merger-part")) == []


@pytest.mark.parametrize("side", ["old", "new"])
def test_a_folder_that_goes_away_stops_the_copy_and_is_not_made_anew(world, side):
    shutil.rmtree(getattr(world, side))
    with pytest.raises(StoreFailed, match="is not there"):
        world.copy()
    assert not getattr(world, side).exists()


def test_names_that_differ_only_in_case_are_told_and_both_copied(world):
    two = [FileRequest("1", "4.pdf", "x/Đơn.pdf"), FileRequest("2", "b/2.pdf", "x/ĐƠN.PDF")]
    done = world.copy(two)
    assert (done.copied, told(done)) == (2, [("2", "alike")])
    assert done.findings[0].message == (
        "the name of this file differs from that of 1 only in upper and lower case or in the Unicode form of"
        " its letters; both were copied"
    )


def test_a_store_that_takes_both_names_for_one_holds_the_second(world, monkeypatch):
    world.put(world.new, "x/Đơn.pdf", content_of(4))
    real = type(world.target).info
    there = "x/Đơn.pdf"
    monkeypatch.setattr(
        type(world.target), "info",
        lambda self, path: real(self, there if alike(path) == alike(there) else path),
    )  # fmt: skip
    done = world.copy([FileRequest("1", "4.pdf", "x/ĐƠN.PDF")])
    assert told(done) == [("1", "alike-there")]


class Flaky:
    """A store whose answers fail some times before they come."""

    def __init__(self, store, error, times):
        self.store, self.error, self.left = store, error, times

    def __getattr__(self, name):
        return getattr(self.store, name)

    def info(self, path):
        if self.left:
            self.left -= 1
            raise self.error
        return self.store.info(path)


def test_a_lost_connection_is_tried_again_with_bounds(world):
    lost = StoreFailed("unreachable", "one", transient=True)
    waits = []
    done = world.copy(source=Flaky(world.source, lost, 3), wait=waits.append, workers=1)
    assert (done.copied, waits) == (5, [0.2, 1.0, 5.0])
    with pytest.raises(StoreFailed) as failed:
        world.verify(source=Flaky(world.source, lost, 4), workers=1, batch=1)
    assert str(failed.value) == (
        "the store with the files of one does not answer; files that were copied stay, a file half copied is"
        " gone on with. Check network and server, then run the same command again"
    )


def test_an_error_that_stays_is_not_tried_again(world):
    full = StoreFailed("disk-full", "platform")
    waits = []
    with pytest.raises(StoreFailed):
        world.copy(source=Flaky(world.source, full, 1), wait=waits.append)
    assert waits == []
    assert world.copy().copied == 5


def test_no_path_stands_in_messages_or_in_the_ledger(world):
    named = "Nguyễn Thị Bé"
    requests = [
        *world.requests(),
        FileRequest("8", f"{named}/không có.pdf", f"one/{named}/x"),
        FileRequest("9", f"../{named}.pdf", "x"),
    ]
    done = world.copy(requests)
    proved = world.verify(requests)
    said = [f"{one} {one.message} {one.mend} {one.fields}" for one in (*done.findings, *proved.findings)]
    kept = json.dumps([str(row) for row in world.book.rows()])
    assert len(said) == 4
    for word in ("Nguyễn", "Bé", ".pdf", str(world.folder)):
        assert word not in "".join(said)
        assert word not in kept
    assert "Nguyễn" in NAMES[0]
