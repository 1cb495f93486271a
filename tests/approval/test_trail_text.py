import json
from dataclasses import asdict
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merger.approval.trail import Anchor, Bend, Bent, Record, anchor, next_record
from merger.approval.trail_text import line, read_anchor, read_lines, shown, verify_lines

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)


def _records(length: int) -> list[Record]:
    records: list[Record] = []
    for number in range(length):
        previous = records[-1] if records else None
        records.append(next_record(previous, AT, "Trần Thị Bình", "apply", {"batch": number, "ok": True}))
    return records


def _exported(records: list[Record]) -> bytes:
    return "".join(f"{line(one)}\n" for one in records).encode()


def test_what_was_exported_is_read_back() -> None:
    records = _records(3)
    assert read_lines(_exported(records)) == (records, None)
    assert verify_lines(_exported(records), anchor(records)) is None
    narrow = "".join(
        json.dumps(asdict(one), ensure_ascii=False, separators=(",", ":")) + "\n" for one in records
    )
    assert read_lines(narrow.encode()) == (records, None)
    assert read_lines(b"") == ([], None)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'{"batch": 1', b'{"batch":\t1'),
        (b'{"batch": 1', b'{"batch": 1.0'),
        (b'{"batch": 1', b'{"batch": 7, "batch": 1'),
        (b'"ok": true}', b'"ok": true, "more": [1]}'),
        ('"Trần'.encode(), b'"Tr\\u1ea7n'),
        ("ầ".encode(), b"\xff"),
        (b'"seq": 2', b'"seq": "2"'),
        (b'"seq": 2, "at"', b'"at"'),
    ],
)
def test_a_line_that_is_written_otherwise_is_bent(before: bytes, after: bytes) -> None:
    content = _exported(_records(3))
    start = content.index(b'{"seq": 2')
    bent = content[:start] + content[start:].replace(before, after, 1)
    assert bent != content
    assert verify_lines(bent) == Bent(2, Bend.FORM)


def test_a_last_line_without_its_end_is_bent() -> None:
    content = _exported(_records(2))
    assert verify_lines(content[:-1]) == Bent(2, Bend.FORM)
    assert verify_lines(content[:-40]) == Bent(2, Bend.FORM)


def test_an_earlier_bend_is_named_before_a_later_one() -> None:
    content = _exported(_records(3)).replace(b'{"batch": 0', b'{"batch": 9')[:-1]
    assert verify_lines(content) == Bent(1, Bend.HASH)


def test_records_cut_off_are_noticed_by_an_anchor() -> None:
    records = _records(4)
    assert verify_lines(_exported(records[:2]), anchor(records)) == Bent(3, Bend.TRUNCATED)
    assert verify_lines(_exported(records), anchor(records[:2]), anchor(records)) is None


def test_an_anchor_is_printed_in_short_groups_and_read_back() -> None:
    kept = Anchor(12, "0123456789abcdef" * 4)
    text = shown(kept)
    assert text.startswith("12: 0123 4567 89ab cdef 0123 ")
    assert [len(one) for one in text.split()[1:]] == [4] * 17
    assert read_anchor(text) == kept
    assert read_anchor(text.upper().replace(" ", "\n-")) == kept
    assert read_anchor(f"12:{kept.hash}") == kept


@given(st.integers(0, 67), st.integers(1, 15))
def test_an_anchor_copied_wrongly_is_no_anchor(place: int, by: int) -> None:
    head, digits = shown(Anchor(7, "5e" * 32)).split(": ")
    groups = digits.replace(" ", "")
    wrong = groups[:place] + f"{(int(groups[place], 16) + by) % 16:x}" + groups[place + 1 :]
    with pytest.raises(ValueError, match="copied wrongly"):
        read_anchor(f"{head}: {wrong}")


@pytest.mark.parametrize(
    "text", ["", "7", "7:abc", "x: " + "ab" * 32, "7" + "ab" * 32 + "!x", "7 " + "ab" * 40]
)
def test_other_text_is_no_anchor(text: str) -> None:
    with pytest.raises(ValueError, match="anchor"):
        read_anchor(text)
