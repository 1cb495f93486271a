"""A trial of trails: is any change of a single byte of an exported trail not named?

Used by the tests in short form and by measurements in long form.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from merger.approval.trail import Detail, Record, anchor, next_record
from merger.approval.trail_text import line, verify_lines

_BEGIN = datetime(2026, 1, 5, 8, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Unnamed:
    """A change after which no record was named, or a wrong one: at which byte, to which value."""

    offset: int
    value: int


def try_trail_tampering(changes: int, seed: int, records: int = 24) -> list[Unnamed]:
    """Changes one byte at a time in an exported trail of `records` records, and asks which record is bent.

    Answers the changes after which none is named, or one that neither holds the byte nor follows it.
    """
    chance = random.Random(f"trail/{seed}")
    trail = _trail(records)
    kept = anchor(trail)
    content = "".join(f"{line(one)}\n" for one in trail).encode()
    if verify_lines(content, kept) is not None:
        raise AssertionError("the unchanged trail is bent")
    unseen = []
    for offset, value in single_changes(content, changes, chance):
        place = content.count(b"\n", 0, offset) + 1
        bent = verify_lines(content[:offset] + bytes([value]) + content[offset + 1 :], kept)
        if bent is None or bent.seq not in (place, place + 1):
            unseen.append(Unnamed(offset, value))
    return unseen


def single_changes(data: bytes, count: int, chance: random.Random) -> Iterator[tuple[int, int]]:
    """Places of `data` and other bytes to put there."""
    for _ in range(count):
        offset = chance.randrange(len(data))
        yield offset, (data[offset] + chance.randrange(1, 256)) % 256


def _trail(length: int) -> list[Record]:
    trail: list[Record] = []
    for number in range(length):
        previous = trail[-1] if trail else None
        moment = _BEGIN + timedelta(minutes=number)
        detail: Detail = {"run": f"trial-{number}", "rows": number * 37, "whole": number % 2 == 0}
        trail.append(next_record(previous, moment, "Trần Thị Bình", "run-done", detail))
    return trail
