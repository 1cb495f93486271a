"""The review trail: who saw, decided and signed what content. A file of one record a line, each with the hash
of the one before, in the form of `merger.approval.trail`; it is only ever added to."""

import fcntl
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO

from merger.approval.digest import canonical_digest
from merger.approval.trail import START, Anchor, Bend, Bent, Detail, Record, next_record, verify
from merger.errors import Refused

ROLES_GIVEN = "roles-"
"""How the deed begins that gave somebody roles; they follow, with dots between them."""

_TAIL = 65_536
"""No record is longer than this, in bytes."""

_LONGEST_NAME = 200
_CODE = re.compile(r"[\x21-\x7e]{1,200}")


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
        if not (_CODE.fullmatch(action) and _CODE.fullmatch(subject or "-") and len(actor) <= _LONGEST_NAME):
            raise ValueError("the trail takes codes only")
        moment = at or datetime.now(UTC)
        detail = {name: value for name, value in (("subject", subject), ("digest", digest)) if value}
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._locked(fcntl.LOCK_EX) as file:
            last, torn = _end(file)
            if torn:
                last = _mended(file, last, torn, moment)
            record = next_record(last, moment, actor, action, detail)
            _add(file, record)
            file.flush()
            os.fsync(file.fileno())
        return record

    def records(self) -> list[Record]:
        """Every record, in its order. Raises Refused naming the first line that is no record."""
        records, bent = self._read()
        if bent is not None:
            raise Refused("review_web.trail-bent", seq=bent.seq)
        return records

    def verify(self, anchor: Anchor | None = None) -> Bent | None:
        """The first bent record, or None. A line that is no record, or is not spelled as records are, counts
        as one whose hash is bent; a last line without an end as `truncated`."""
        records, bent = self._read()
        return verify(records, None if bent else anchor) or bent

    def head(self) -> Anchor:
        """The end of the trail, to be kept elsewhere: whoever holds it notices a trail that was cut off.
        Raises Refused where the last record is bent."""
        if not self.path.exists():
            return Anchor(0, START)
        with self._locked(fcntl.LOCK_SH) as file:
            last, _ = _end(file)
        return Anchor(0, START) if last is None else Anchor(last.seq, last.hash)

    def _read(self) -> tuple[list[Record], Bent | None]:
        records: list[Record] = []
        if not self.path.exists():
            return records, None
        with self._locked(fcntl.LOCK_SH) as file:
            file.seek(0)
            for line in file:
                if not line.endswith(b"\n"):
                    return records, Bent(len(records) + 1, Bend.TRUNCATED)
                record = _record(line)
                if record is None:
                    return records, Bent(len(records) + 1, Bend.HASH)
                records.append(record)
        return records, None

    @contextmanager
    def _locked(self, kind: int) -> Iterator[IO[bytes]]:
        writes = kind == fcntl.LOCK_EX
        handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT if writes else os.O_RDONLY, 0o600)
        with os.fdopen(handle, "r+b" if writes else "rb") as file:
            fcntl.flock(file, kind)
            yield file


def _end(file: IO[bytes]) -> tuple[Record | None, bytes]:
    """The last whole record, and what follows it without an end of line. Raises Refused where it is bent."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 2 * _TAIL))
    whole, newline, torn = file.read().rpartition(b"\n")
    if not newline:
        return None, torn
    record = _record(whole.rpartition(b"\n")[2] + b"\n")
    if record is None or not _whole(record):
        raise Refused("review_web.trail-bent", seq="?" if record is None else record.seq)
    return record, torn


def _mended(file: IO[bytes], last: Record | None, torn: bytes, at: datetime) -> Record:
    """Ends a line that lacks only its end; takes off what is half a record, and notes that."""
    record = _record(torn + b"\n")
    if record is not None and _whole(record) and record.seq == (last.seq if last else 0) + 1:
        file.write(b"\n")
        return record
    file.truncate(file.seek(0, os.SEEK_END) - len(torn))
    detail: Detail = {"bytes": len(torn), "digest": sha256(torn).hexdigest()}
    record = next_record(last, at, "merger", "half-record-removed", detail)
    _add(file, record)
    return record


def _whole(record: Record) -> bool:
    """Whether a record's hash is its own, whatever its place."""
    content = {name: value for name, value in asdict(record).items() if name != "hash"}
    return canonical_digest(content) == record.hash


def _add(file: IO[bytes], record: Record) -> None:
    line = _line(record)
    if len(line) > _TAIL:
        raise ValueError("the record is too long")
    file.seek(0, os.SEEK_END)
    file.write(line)


def _line(record: Record) -> bytes:
    return json.dumps(asdict(record), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


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
    if not all(isinstance(value, kind) for value, kind in kinds) or _line(record) != line:
        return None
    return record
