"""The audit trail: records that each carry the hash of the one before.

Pure: whoever keeps the records writes and reads them. A record says who did what to which digests;
free text and values of citizens' records cannot be put into it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from merger.approval.digest import canonical_digest
from merger.approval.models import written

START = "0" * 64
"""What the first record carries as the hash of the one before it."""

_CODE = re.compile(r"[\x21-\x7e]{0,200}")

Detail = Mapping[str, str | int | bool | None]


@dataclass(frozen=True, slots=True)
class Record:
    """One entry. `seq` counts from 1; `at` is UTC as in `2026-03-01T08:00:00Z`; `detail` holds codes,
    counts and digests only; `hash` is the canonical digest of all the other fields."""

    seq: int
    at: str
    actor: str
    action: str
    detail: Detail
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place of the trail kept elsewhere: whoever holds it notices a trail cut off or written anew."""

    seq: int
    hash: str


class Bend(StrEnum):
    """What is bent: how a record is written, its own hash, its link to the one before, its number, or the
    trail's end."""

    FORM = "form"
    HASH = "hash"
    LINK = "link"
    GAP = "gap"
    TRUNCATED = "truncated"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Bent:
    """The first record that is not what was written: its number and what is bent in it."""

    seq: int
    bend: Bend


def next_record(previous: Record | None, at: datetime, actor: str, action: str, detail: Detail) -> Record:
    """The record after `previous` (None: the first).

    Raises ValueError for a detail that is more than printable ASCII without spaces, at most 200 long.
    """
    for key, value in detail.items():
        if not _CODE.fullmatch(key) or (isinstance(value, str) and not _CODE.fullmatch(value)):
            raise ValueError(f"the trail takes codes and digests only: {key}")
    seq, link = (1, START) if previous is None else (previous.seq + 1, previous.hash)
    return _with_hash(seq, written(at), actor, action, dict(detail), link)


def verify(records: Iterable[Record], *anchors: Anchor | None) -> Bent | None:
    """The first bent record of a whole trail in its order, or None. With anchors, also whether the trail
    still contains them: `truncated` names the first record missing, `replaced` an anchor's."""
    kept = [one for one in anchors if one is not None]
    hashes: dict[int, set[str]] = {}
    for one in kept:
        hashes.setdefault(one.seq, set()).add(one.hash)
    seq, link = 0, START
    for record in records:
        if not _well_formed(record):
            return Bent(seq + 1, Bend.FORM)
        if record.seq != seq + 1:
            return Bent(seq + 1, Bend.GAP)
        if record.previous != link:
            return Bent(record.seq, Bend.LINK)
        if not _own_hash(record):
            return Bent(record.seq, Bend.HASH)
        if hashes.get(record.seq, set()) - {record.hash}:
            return Bent(record.seq, Bend.REPLACED)
        seq, link = record.seq, record.hash
    if any(one.seq > seq for one in kept):
        return Bent(seq + 1, Bend.TRUNCATED)
    return None


def anchor(records: Iterable[Record]) -> Anchor:
    """The end of a trail, to be kept elsewhere: in a report, in another database, on paper."""
    end = Anchor(0, START)
    for record in records:
        end = Anchor(record.seq, record.hash)
    return end


def _well_formed(record: Record) -> bool:
    """Whether the fields are of the types that are written; a store may answer others once it was bent."""
    texts = (record.at, record.actor, record.action, record.previous, record.hash)
    return (
        type(record.seq) is int
        and all(type(one) is str for one in texts)
        and all(type(key) is str for key in record.detail)
        and all(type(one) in (str, int, bool, type(None)) for one in record.detail.values())
    )


def _own_hash(record: Record) -> bool:
    try:
        expected = _with_hash(
            record.seq, record.at, record.actor, record.action, record.detail, record.previous
        )
    except ValueError:
        return False
    return expected.hash == record.hash


def _with_hash(seq: int, at: str, actor: str, action: str, detail: Detail, previous: str) -> Record:
    content = {
        "seq": seq,
        "at": at,
        "actor": actor,
        "action": action,
        "detail": detail,
        "previous": previous,
    }
    return Record(seq, at, actor, action, detail, previous, canonical_digest(content))
