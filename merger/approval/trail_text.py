"""A trail as text: its records as JSON lines, and anchors as people copy them from paper.

A line has one spelling, with or without spaces between its parts. So whatever single byte of an exported
trail changes, the record is named.
"""

import json
import re
from dataclasses import asdict, fields

from merger.approval.digest import digest_bytes
from merger.approval.trail import Anchor, Bend, Bent, Record, verify

_FIELDS = [one.name for one in fields(Record)]
_ANCHOR = re.compile(r"\W*([0-9]{1,12})\W+((?:[0-9a-f]\W*){64})((?:[0-9a-f]\W*){4})?")
_GROUP = 4


def line(record: Record) -> str:
    """A record as one line of an exported trail, without its line feed."""
    return json.dumps(asdict(record), ensure_ascii=False)


def read_lines(content: bytes) -> tuple[list[Record], Bent | None]:
    """The records of an exported trail, up to the first line that is not as `line` writes it, and which
    record that is. Whether the records fit together is asked of `verify`."""
    records: list[Record] = []
    lines = content.split(b"\n")
    end = lines.pop()
    for one in lines:
        record = _record(one)
        if record is None:
            return records, Bent(len(records) + 1, Bend.FORM)
        records.append(record)
    return records, Bent(len(records) + 1, Bend.FORM) if end else None


def verify_lines(content: bytes, *anchors: Anchor | None) -> Bent | None:
    """The first bent record of an exported trail, or None; `anchors` as of `verify`."""
    records, unreadable = read_lines(content)
    if unreadable is None:
        return verify(records, *anchors)
    return verify(records) or unreadable


def shown(anchor: Anchor) -> str:
    """An anchor as it is printed: the record's number, its hash in groups of four digits, and a last group
    that tells an error in copying."""
    digits = anchor.hash + _check(anchor)
    groups = [digits[start : start + _GROUP] for start in range(0, len(digits), _GROUP)]
    return f"{anchor.seq}: {' '.join(groups)}"


def read_anchor(text: str) -> Anchor:
    """An anchor from what `shown` printed, in whatever groups, or from `number:hash`.

    Raises ValueError for anything else, and where the last group says that it was not copied as printed.
    """
    found = _ANCHOR.fullmatch(text.lower())
    if found is None:
        raise ValueError("no anchor")
    digits, check = (re.sub(r"\W", "", one or "") for one in found.group(2, 3))
    anchor = Anchor(int(found[1]), digits)
    if check and check != _check(anchor):
        raise ValueError("an anchor copied wrongly")
    return anchor


def _check(anchor: Anchor) -> str:
    return digest_bytes(f"{anchor.seq}:{anchor.hash}".encode())[:_GROUP]


def _narrow(record: Record) -> str:
    """The line without spaces, as the trail of the pages keeps it."""
    return json.dumps(asdict(record), ensure_ascii=False, separators=(",", ":"))


def _record(content: bytes) -> Record | None:
    try:
        text = content.decode()
        found = json.loads(text)
        if not isinstance(found, dict) or list(found) != _FIELDS or not isinstance(found["detail"], dict):
            return None
        record = Record(**found)
        return record if text in (line(record), _narrow(record)) else None
    except (ValueError, RecursionError):
        return None
