"""The review trail: who saw, decided and signed what content. A file of one record a line, each with the hash
of the one before, in the form of `merger.approval.trail`; it is only ever added to."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO

from merger.approval.trail import Anchor, Bend, Bent, Detail, Record, next_record, verify
from merger.errors import Refused

_TAIL = 65_536
"""No record is longer than this, in bytes."""


class ReviewTrail:
    """The trail in `path`, which may be written by several processes."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def note(
        self,
        actor: str,
        action: str,
        subject: str = "",
        digest: str = "",
        at: datetime | None = None,
    ) -> Record:
        """Adds one record and waits until the disk has it.

        `action`, `subject` and `digest` are printable ASCII without spaces, at most 200 long. What a writer
        left half-written when it was killed is taken off first, and a record says so. Raises ValueError for
        text that the trail does not take, Refused where the last record is bent.
        """
        moment = at or datetime.now(UTC)
        detail = {name: value for name, value in (("subject", subject), ("digest", digest)) if value}
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._locked() as file:
            last, torn = self._end(file)
            if torn:
                file.truncate(file.seek(0, os.SEEK_END) - len(torn))
                found: Detail = {"bytes": len(torn), "digest": sha256(torn).hexdigest()}
                last = next_record(last, moment, "merger", "torn-record-removed", found)
                _add(file, last)
            record = next_record(last, moment, actor, action, detail)
            _add(file, record)
            file.flush()
            os.fsync(file.fileno())
        return record

    def records(self) -> list[Record]:
        """Every record, in its order. Raises Refused naming the first line that is no record."""
        return list(self._read())

    def verify(self, anchor: Anchor | None = None) -> Bent | None:
        """The first bent record, or None. A line that is no record counts as a record whose hash is bent."""
        seen: list[Record] = []
        try:
            for record in self._read():
                seen.append(record)
        except Refused:
            return verify(seen, None) or Bent(len(seen) + 1, Bend.HASH)
        return verify(seen, anchor)

    def head(self) -> Anchor:
        """The end of the trail, to be kept elsewhere: whoever holds it notices a trail that was cut off."""
        if not self.path.exists():
            return Anchor(0, "0" * 64)
        with self._locked() as file:
            last, _ = self._end(file)
        return Anchor(0, "0" * 64) if last is None else Anchor(last.seq, last.hash)

    def _read(self) -> Iterator[Record]:
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    return  # a writer is at it, or was killed: it was never told that this stands
                record = _record(line)
                if record is None:
                    raise Refused("review_web.trail-bent", seq=number)
                yield record

    def _end(self, file: IO[bytes]) -> tuple[Record | None, bytes]:
        """The last whole record, and what follows it without an end of line."""
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 2 * _TAIL))
        whole, newline, torn = file.read().rpartition(b"\n")
        if not newline:
            return None, torn
        line = whole.rpartition(b"\n")[2]
        record = _record(line)
        if record is None or verify([record]) not in (None, Bent(1, Bend.GAP), Bent(record.seq, Bend.LINK)):
            raise Refused("review_web.trail-bent", seq="?" if record is None else record.seq)
        return record, torn

    @contextmanager
    def _locked(self) -> Iterator[IO[bytes]]:
        handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file


def _add(file: IO[bytes], record: Record) -> None:
    line = json.dumps(asdict(record), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    if len(line) > _TAIL:
        raise ValueError("the record is too long")
    file.seek(0, os.SEEK_END)
    file.write(line)


def _record(line: bytes) -> Record | None:
    try:
        found = json.loads(line)
        record = Record(**found)
    except (ValueError, TypeError, RecursionError):
        return None
    kinds = (
        (record.seq, int),
        (record.at, str),
        (record.actor, str),
        (record.action, str),
        (record.detail, dict),
        (record.previous, str),
        (record.hash, str),
    )
    return record if all(isinstance(value, kind) for value, kind in kinds) else None
