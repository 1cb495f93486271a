from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merger.approval.trail import START, Anchor, Bend, Bent, Record, anchor, next_record, verify

AT = datetime(2026, 3, 2, 8, tzinfo=UTC)


def _trail(length: int) -> list[Record]:
    records: list[Record] = []
    for number in range(length):
        previous = records[-1] if records else None
        records.append(next_record(previous, AT, "Trần Thị Bình", "apply", {"batch": number, "ok": True}))
    return records


def test_a_trail_as_written_is_straight() -> None:
    records = _trail(5)
    assert [record.seq for record in records] == [1, 2, 3, 4, 5]
    assert records[0].previous == START
    assert verify(records, anchor(records)) is None
    assert verify([]) is None


@pytest.mark.parametrize(
    "change",
    [
        {"at": "2026-03-02T08:00:01Z"},
        {"actor": "X"},
        {"action": "verify"},
        {"detail": {"batch": 9}},
        {"hash": START},
    ],
)
def test_a_changed_field_is_named_with_its_record(change: dict[str, object]) -> None:
    records = _trail(4)
    records[2] = replace(records[2], **change)  # type: ignore[arg-type]
    assert verify(records) == Bent(3, Bend.HASH)


def test_a_record_written_anew_breaks_the_link_after_it() -> None:
    records = _trail(4)
    records[1] = next_record(records[0], AT, "X", "apply", {})
    assert verify(records) == Bent(3, Bend.LINK)


def test_a_missing_a_doubled_and_an_exchanged_record_are_gaps() -> None:
    one, two, three, four = _trail(4)
    assert verify([one, three, four]) == Bent(2, Bend.GAP)
    assert verify([two, three, four]) == Bent(1, Bend.GAP)
    assert verify([one, two, two, three]) == Bent(3, Bend.GAP)
    assert verify([one, three, two, four]) == Bent(2, Bend.GAP)


def test_a_trail_cut_off_or_written_anew_is_noticed_by_its_anchor() -> None:
    records = _trail(4)
    kept = anchor(records)
    assert verify(records[:3]) is None
    assert verify(records[:3], kept) == Bent(4, Bend.TRUNCATED)
    assert verify([], kept) == Bent(1, Bend.TRUNCATED)
    anew = [*records[:3], next_record(records[2], AT, "X", "apply", {})]
    assert verify(anew) is None
    assert verify(anew, kept) == Bent(4, Bend.REPLACED)
    assert verify([*records, next_record(records[3], AT, "X", "verify", {})], kept) is None


def test_the_anchor_of_an_empty_trail_asks_for_nothing() -> None:
    assert anchor([]) == Anchor(0, START)
    assert verify(_trail(2), anchor([])) is None


@pytest.mark.parametrize(
    "detail", [{"note": "Nguyễn Văn A"}, {"two words": 1}, {"note": "a b"}, {"x": "a" * 201}]
)
def test_free_text_has_no_place_in_the_trail(detail: dict[str, str | int]) -> None:
    with pytest.raises(ValueError, match="codes and digests only"):
        next_record(None, AT, "A", "apply", detail)


@given(st.integers(1, 8), st.data())
def test_any_record_taken_out_or_changed_is_noticed(length: int, data: st.DataObject) -> None:
    records = _trail(length)
    kept = anchor(records)
    place = data.draw(st.integers(0, length - 1))
    assert verify(records[:place] + records[place + 1 :], kept) is not None
    changed = replace(records[place], actor=data.draw(st.text(max_size=5)))
    assert verify([*records[:place], changed, *records[place + 1 :]], kept) == Bent(place + 1, Bend.HASH)
