"""The functions that statements of `merger.systems.functions` call on SQLite."""

import sqlite3
import struct

from merger.systems.canonical import (
    Fold,
    Sum,
    Sums,
    Tally,
    bucket,
    quick_hash,
    stays_as_number,
    text_hash,
    text_of,
    utf8,
)
from merger.systems.kinds import Kind
from merger.systems.times import period, read_time
from merger.systems.values import canonical, fits, is_document, matches

_KINDS = {str(kind): kind for kind in Kind}


def register(connection: sqlite3.Connection) -> None:
    """Gives a connection the functions that statements of `merger.systems.functions` call."""
    connection.create_function("merger_time", 4, read_time, deterministic=True)
    connection.create_function("merger_period", 2, period, deterministic=True)
    connection.create_function("merger_number", 1, stays_as_number, deterministic=True)
    connection.create_function("merger_text", 1, _text, deterministic=True)
    connection.create_function("merger_utf8", 1, utf8, deterministic=True)
    connection.create_function("merger_hash", -1, text_hash, deterministic=True)
    connection.create_function("merger_canonical", 3, _canonical, deterministic=True)
    connection.create_function("merger_unfit", 3, _unfit, deterministic=True)
    connection.create_function("merger_quick", -1, quick_hash, deterministic=True)
    connection.create_function("merger_bucket", 2, bucket, deterministic=True)
    connection.create_function("merger_json_ok", 1, is_document, deterministic=True)
    connection.create_function("merger_matches", 2, _matches, deterministic=True)
    connection.create_function("merger_rounded", 1, _rounded, deterministic=True)
    connection.create_aggregate("merger_fold", -1, Fold)  # type: ignore[arg-type]
    connection.create_aggregate("merger_sums", -1, Sums)  # type: ignore[arg-type]
    connection.create_aggregate("merger_tally", -1, Tally)  # type: ignore[arg-type]
    connection.create_aggregate("merger_sum", 1, Sum)  # type: ignore[arg-type]


def _text(value: object) -> str | None:
    return None if value is None else text_of(value)


def _canonical(value: object, kind: str, zone: str) -> str | None:
    return canonical(value, _KINDS[kind], zone)


def _unfit(value: object, kind: str, zone: str) -> int:
    return 0 if fits(value, _KINDS[kind], zone) else 1


def _matches(text: str | None, pattern: str) -> int | None:
    return None if text is None else int(matches(pattern, text))


def _rounded(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return int(struct.unpack("<f", struct.pack("<f", float(text)))[0] != float(text))
    except (ValueError, OverflowError):
        return 1
