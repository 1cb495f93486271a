import json
import multiprocessing
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from merger.approval.trail import Bend, Bent
from merger.errors import Refused
from merger.review.web.trail import ReviewTrail

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
DIGEST = "ab" * 32


@pytest.fixture
def trail(tmp_path):
    made = ReviewTrail(tmp_path / ".merger" / "review-trail.jsonl")
    for number in range(1, 6):
        made.note("an.nguyen", "decision-saved", f"hold-{number}", DIGEST, AT)
    return made


def test_records_say_who_did_what_to_which_content_and_when(trail):
    first = trail.records()[0]
    assert (first.seq, first.at) == (1, "2026-03-01T08:00:00Z")
    assert (first.actor, first.action) == ("an.nguyen", "decision-saved")
    assert first.detail == {"subject": "hold-1", "digest": DIGEST}
    assert trail.verify() is None
    assert trail.head().seq == 5
    assert trail.verify(trail.head()) is None


def test_nobody_but_the_owner_reads_the_file(trail):
    assert trail.path.stat().st_mode & 0o777 == 0o600


def test_a_trail_that_does_not_exist_is_empty_and_whole(tmp_path):
    trail = ReviewTrail(tmp_path / "none.jsonl")
    assert trail.records() == []
    assert trail.verify() is None
    assert trail.head().seq == 0
    assert not trail.path.exists()


@pytest.mark.parametrize("text", ["Nguyễn Văn A", "two words", "a\nb", "x" * 201])
def test_free_text_does_not_get_into_the_trail(trail, text):
    with pytest.raises(ValueError, match="codes"):
        trail.note("an.nguyen", "seen", text)
    with pytest.raises(ValueError, match="codes"):
        trail.note("an.nguyen", text)
    assert len(trail.records()) == 5


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_every_changed_byte_is_named_at_its_record(trail, data):
    content = trail.path.read_bytes()
    at = data.draw(st.integers(0, len(content) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda one: one != content[at]))
    trail.path.write_bytes(content[:at] + bytes([byte]) + content[at + 1 :])
    try:
        bent = trail.verify()
        assert bent is not None
        assert bent.seq in (content[:at].count(b"\n") + 1, content[:at].count(b"\n") + 2)
    finally:
        trail.path.write_bytes(content)


def test_a_record_left_out_is_named(trail):
    lines = trail.path.read_bytes().splitlines(keepends=True)
    trail.path.write_bytes(b"".join(lines[:2] + lines[3:]))
    assert trail.verify() == Bent(3, Bend.GAP)


def test_a_record_made_up_anew_breaks_the_link_of_the_next(trail):
    other = ReviewTrail(trail.path.with_name("other.jsonl"))
    for number in range(1, 4):
        other.note("somebody.else", "decision-saved", f"hold-{number}", DIGEST, AT)
    lines = trail.path.read_bytes().splitlines(keepends=True)
    theirs = other.path.read_bytes().splitlines(keepends=True)
    trail.path.write_bytes(b"".join(theirs[:3] + lines[3:]))
    assert trail.verify() == Bent(4, Bend.LINK)


def test_a_trail_cut_off_is_noticed_by_whoever_kept_its_end(trail):
    end = trail.head()
    lines = trail.path.read_bytes().splitlines(keepends=True)
    trail.path.write_bytes(b"".join(lines[:3]))
    assert trail.verify() is None
    assert trail.verify(end) == Bent(4, Bend.TRUNCATED)


def test_nothing_is_added_after_a_bent_record(trail):
    content = trail.path.read_bytes()
    trail.path.write_bytes(content.replace(b"hold-5", b"hold-6"))
    with pytest.raises(Refused, match="bent at record 5; nothing is added"):
        trail.note("an.nguyen", "seen")
    with pytest.raises(Refused, match="bent at record 5"):
        trail.head()


def test_what_a_killed_writer_left_is_taken_off_and_told(trail):
    with trail.path.open("ab") as file:
        file.write(b'{"seq":6,"at":"2026-0')
    assert trail.verify() == Bent(6, Bend.TRUNCATED)
    trail.note("an.nguyen", "seen", "plan", DIGEST, AT)
    assert trail.verify() is None
    told, last = trail.records()[5:]
    assert (told.actor, told.action, told.detail["bytes"]) == ("merger", "half-record-removed", 21)
    assert last.action == "seen"


def test_a_whole_record_that_lacks_only_its_end_of_line_is_kept(trail):
    trail.path.write_bytes(trail.path.read_bytes()[:-1])
    trail.note("an.nguyen", "seen", "plan", DIGEST, AT)
    assert [record.action for record in trail.records()] == ["decision-saved"] * 5 + ["seen"]
    assert trail.verify() is None


def _write(path, name, count):
    trail = ReviewTrail(path)
    for _ in range(count):
        trail.note(name, "seen")


def test_several_writers_at_once_make_one_whole_trail(tmp_path):
    path = tmp_path / "trail.jsonl"
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write, args=(path, f"person-{n}", 15)) for n in range(4)]
    for one in writers:
        one.start()
    for one in writers:
        one.join(30)
    trail = ReviewTrail(path)
    assert trail.verify() is None
    assert len(trail.records()) == 60
    assert json.loads(path.read_bytes().splitlines()[-1])["seq"] == 60
