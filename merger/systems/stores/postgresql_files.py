"""Rows of PostgreSQL's with files in columns, which come in pieces: the driver's library holds each row that
is sent twice, and the room that the greatest took for as long as the connection lasts.

Such a row is followed by rows that have a piece of a file each, and nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from merger.systems.functions import fenced
from merger.systems.functions.files import files_in, is_file
from merger.systems.stores.base import Select
from merger.systems.stores.lines import CHUNK, LARGE, cut

PART = 1 << 18
"""Bytes of a piece of a file, which has twice as many digits."""
Column = sa.ColumnElement[Any]
_NOTHING = b"\\N"
_BLOB = b"\\\\x"


@dataclass(frozen=True)
class Apart:
    """A select whose rows are followed by the pieces of their files, which are to be put in at these columns:
    a row has there how many pieces its file has, or its digits, or nothing."""

    select: sa.Select[Any]
    files: tuple[int, ...]


def files_apart(select: Select) -> Apart | None:
    """A select of which columns are `file_digits`; None where none is."""
    files = files_in(select)
    if not files or not isinstance(select, sa.Select):
        return None
    columns = list(select.selected_columns)
    inner: list[Column] = []
    for at, one in enumerate(columns):
        pieces = sa.cast(_pieces(files[at]), sa.Text) if at in files else None
        text = one if pieces is None else sa.case((is_file(files[at]), pieces), else_=one)
        inner.append(text.label(f"c{at}"))
    for at, one in files.items():  # joined to nothing, it is not read and unpacked anew for each piece
        whole = one.concat(sa.literal_column("CAST('' AS bytea)", sa.LargeBinary))
        inner.append(sa.case((is_file(one), whole)).label(f"f{at}"))
    rows = fenced(select.with_only_columns(*inner, maintain_column_froms=True), "rows")
    values = [rows.c[f"f{at}"] for at in files]
    counts: list[Column] = [sa.func.coalesce(_pieces(one), 0) for one in values]
    all_of_them = sa.func.generate_series(0, sum(counts[1:], counts[0]))
    numbers = all_of_them.table_valued(sa.column("number", sa.Integer)).render_derived(name="numbers")
    number = numbers.c.number
    asked: list[Column] = [_piece(number, values, counts)]
    asked += [sa.case((number == 0, rows.c[f"c{at}"])) for at in range(len(columns))]
    return Apart(sa.select(*asked).select_from(sa.join(rows, numbers, sa.true())), tuple(files))


def put_together(sent: Iterable[list[bytes]], files: Collection[int]) -> Iterator[list[bytes]]:
    """The rows of a select of `Apart`, each with its files."""
    rows = (row for some in sent for row in some)
    whole: list[bytes] = []
    length = 0
    for begun in rows:
        row = begun if begun.endswith(b"\n") else b"".join([begun, *_rest(rows)])
        _, *fields = row[:-1].split(b"\t")
        counts = {at: int(fields[at]) for at in files if fields[at].isdigit()}
        alone = counts or len(row) > LARGE
        if not alone:
            whole.append(row[len(_NOTHING) + 1 :])
            length += len(row)
        if whole and (alone or length >= CHUNK):
            yield whole
            whole, length = [], 0
        if alone:
            parts = _with_files(fields, counts, rows)
            yield from ([piece] for part in parts for piece in cut(memoryview(part)))
    if whole:
        yield whole


def _rest(rows: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces with which a row ends that was begun."""
    for piece in rows:
        yield piece
        if piece.endswith(b"\n"):
            return


def _with_files(fields: list[bytes], counts: dict[int, int], rows: Iterator[bytes]) -> Iterator[bytes]:
    begun: list[bytes] = []
    for at, field in enumerate(fields):
        if at:
            begun.append(b"\t")
        if at not in counts:
            begun.append(field)
            continue
        yield b"".join([*begun, _BLOB])
        begun = []
        for _ in range(counts[at]):
            piece, _, _ = next(rows).partition(b"\t")
            assert piece != _NOTHING
            yield piece
    yield b"".join([*begun, b"\n"])


def _pieces(value: Column) -> Column:
    return (sa.func.octet_length(value, type_=sa.Integer) + (PART - 1)) // PART


def _piece(number: Column, files: Sequence[Column], counts: Sequence[Column]) -> Column:
    """The digits of the piece with a number, from 1 on; NULL of 0."""
    cases: list[tuple[Column, Any]] = [(number == 0, sa.null())]
    before: Any = 0
    for file, count in zip(files, counts, strict=True):
        part = sa.func.substr(file, (number - 1 - before) * PART + 1, PART)
        cases.append((number <= before + count, sa.func.encode(part, "hex", type_=sa.Text)))
        before = before + count
    return sa.case(*cases)
