"""Rows of CSV files, with the text of each row as it stands.

RFC 4180 in UTF-8, with or without byte-order mark; between cells a comma, or, where the first row has none,
a semicolon or tab. Any line ending. Empty lines are no rows.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

import polars as pl

from merger.errors import Finding, InputError
from merger.recode.model import MAX_FINDINGS, problem
from merger.recode.tables import BATCH, RAW, Form, put

MAX_CELL = 1_000_000
MAX_LINE = 10_000_000
"""Characters in a cell, and in a line of the file."""

_MARK = "\ufeff"


class _Lines:
    """Gives the lines of a file to the CSV reader and remembers those of the present row."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        while line := self._file.readline(MAX_LINE):
            self._taken.append(line)
            yield line

    def take(self) -> str:
        """The text of the row just read."""
        text = self._taken[0] if len(self._taken) == 1 else "".join(self._taken)
        self._taken.clear()
        return text


def stage(path: Path, folder: Path) -> tuple[Form, list[str]]:
    """Writes the rows to `folder` as Parquet; gives how the file is written and the names of its columns.

    Raises InputError with the first 100 problems, each with its line.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return _stage(file, str(path), folder)
    except UnicodeDecodeError:
        raise InputError([_not_utf8(path)]) from None


def write(
    found: Iterable[pl.DataFrame], form: Form, names: Sequence[str] | None, added: Sequence[str], part: Path
) -> None:
    """Writes rows as CSV: those of a CSV (`names` is None) as they stand with the added cells behind them,
    others with all their cells. No value is an empty cell, an empty text a quoted one."""
    with part.open("w", encoding="utf-8", newline="") as file:
        if form.mark:
            file.write(_MARK)
        between = form.delimiter
        if names is None:
            file.write(between.join([form.header, *(_quoted(name, between) for name in added)]) + form.end)
        else:
            file.write(between.join(_quoted(name, between) for name in (*names, *added)) + form.end)
        for rows in found:
            first = [pl.col(RAW)] if names is None else []
            rest = [_cell(rows, name, between, names is not None) for name in rows.columns[len(first) :]]
            lines = rows.select(pl.concat_str([*first, *rest], separator=between)).to_series().to_list()
            if lines:
                file.write(form.end.join(lines) + form.end)


def _cell(rows: pl.DataFrame, name: str, delimiter: str, tell_empty: bool) -> pl.Expr:
    """A column's cells as they stand in a CSV."""
    kind = rows.schema[name]
    cell = pl.col(name) if kind == pl.String else pl.col(name).cast(pl.String)
    if kind == pl.String or kind in (pl.Categorical, pl.Enum):
        signs = "[" + re.escape(delimiter) + '"\r\n]'
        needs = cell.str.contains(signs)
        if tell_empty:
            needs = needs | (cell == "")
        quoted = pl.concat_str(pl.lit('"'), cell.str.replace_all('"', '""', literal=True), pl.lit('"'))
        cell = pl.when(needs).then(quoted).otherwise(cell)
    return cell.fill_null("").alias(name)


def _stage(file: TextIO, name: str, folder: Path) -> tuple[Form, list[str]]:
    mark = file.read(1) == _MARK
    if not mark:
        file.seek(0)
    start = file.tell()
    first = file.readline(MAX_LINE)
    form = Form(delimiter=_delimiter(first), end=_end(first) or "\n", mark=mark)
    file.seek(start)
    lines = _Lines(file)
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(iter(lines), delimiter=form.delimiter, strict=True)
    number = 1
    try:
        header = next(reader, [])
        raw = lines.take() if header else ""
        _check_header(header, name)
        form = Form(form.delimiter, form.end, mark, raw.rstrip("\r\n"))
        _stage_rows(reader, lines, header, name, folder)
    except csv.Error as error:
        number = max(reader.line_num, 1)
        raise InputError([problem("bad-csv", name, number, 1, why=_why(error))]) from None
    return form, header


def _stage_rows(
    reader: Iterator[list[str]], lines: _Lines, header: list[str], name: str, folder: Path
) -> None:
    width = len(header)
    findings: list[Finding] = []
    rows: list[Sequence[str | int | None]] = []
    batch = 0
    line = reader.line_num + 1  # type: ignore[attr-defined]  # the reader of the csv module has it
    for cells in reader:
        raw = lines.take()
        if len(cells) == width:
            rows.append((*cells, raw.rstrip("\r\n"), line))
        elif cells:
            findings.append(problem("bad-row", name, line, 1, cells=len(cells), columns=width))
            if len(findings) == MAX_FINDINGS:
                break
        line = reader.line_num + 1  # type: ignore[attr-defined]
        if len(rows) == BATCH:
            put(folder, batch, header, rows)
            rows, batch = [], batch + 1
    if findings:
        raise InputError(findings)
    if rows or not batch:
        put(folder, batch, header, rows)


def _check_header(header: list[str], name: str) -> None:
    if not header:
        raise InputError([problem("empty", name)])
    twice = sorted({one for one in header if header.count(one) > 1})
    if twice:
        raise InputError(problem("column-twice", name, 1, 1, name=one) for one in twice)


def _delimiter(first: str) -> str:
    if "," in first:
        return ","
    return max(";\t", key=first.count) if ";" in first or "\t" in first else ","


def _end(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]


def _quoted(cell: str, delimiter: str) -> str:
    if any(sign in cell for sign in (delimiter, '"', "\r", "\n")):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def _why(error: csv.Error) -> str:
    """What the csv module said, as a stable word."""
    said = str(error)
    known = {"unexpected end": "open-quote", "expected after": "after-quote", "field larger": "long-cell"}
    return next((word for part, word in known.items() if part in said), "no-csv")


def _not_utf8(path: Path) -> Finding:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                return problem("not-utf-8", str(path), number, error.start + 1)
    return problem("not-utf-8", str(path))
