"""Rows of CSV files, with the text of each row as it stands.

RFC 4180 in UTF-8, with or without byte-order mark; between cells a comma, or, where the first row has none,
a semicolon or tab. Any line ending. Empty lines are no rows.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

import polars as pl

from merger.errors import Finding, InputError
from merger.recode.model import MAX_FINDINGS, problem
from merger.recode.tables import BATCH, LINE, RAW, Form, put, staged

MAX_CELL = 1_000_000
MAX_LINE = 10_000_000
"""Characters in a cell, and in a line of the file."""

BLOCK = 1 << 24
"""Bytes read at a time."""

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
            return _stage(file, path, folder)
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


def _stage(file: TextIO, path: Path, folder: Path) -> tuple[Form, list[str]]:
    name = str(path)
    mark = file.read(1) == _MARK
    if not mark:
        file.seek(0)
    start = file.tell()
    first = file.readline(MAX_LINE)
    if "\0" in first:
        raise InputError([problem("utf-16", name, 1, 1)])
    form = Form(delimiter=_delimiter(first), end=_end(first) or "\n", mark=mark)
    file.seek(start)
    lines = _Lines(file)
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(iter(lines), delimiter=form.delimiter, strict=True)
    try:
        header = next(reader, [])
    except csv.Error as error:
        raise InputError([problem("bad-csv", name, max(reader.line_num, 1), 1, why=_why(error))]) from None
    raw = lines.take() if header else ""
    _check_header(header, name)
    form = Form(form.delimiter, form.end, mark, raw.rstrip("\r\n"))
    begin = len(raw.encode()) + (len(codecs.BOM_UTF8) if mark else 0)
    plain = _Plain(begin, reader.line_num + 1)
    plain.stage(path, folder, header, form.delimiter)
    _stage_rest(plain, path, folder, header, form.delimiter)
    return form, header


@dataclass(slots=True)
class _Plain:
    """Rows up to the first block with a quote, a lone carriage return, or something wrong: a line is a row,
    so that no cell is touched in Python. `begin` is the byte, `line` the line where the rest begins."""

    begin: int
    line: int
    batch: int = 0

    def stage(self, path: Path, folder: Path, header: list[str], delimiter: str) -> None:
        """Writes these rows to `folder`."""
        with path.open("rb") as file:
            file.seek(self.begin)
            while block := file.read(BLOCK):
                block += file.readline(MAX_LINE)
                rows = self._rows(block, header, delimiter)
                if rows is None:
                    return
                rows.write_parquet(staged(folder, self.batch), compression="lz4")
                self.begin += len(block)
                self.line += block.count(b"\n")
                self.batch += 1

    def _rows(self, block: bytes, header: list[str], delimiter: str) -> pl.DataFrame | None:
        if b'"' in block or block.count(b"\r") != block.count(b"\r\n"):
            return None
        try:
            text = block.decode("utf-8")
        except UnicodeDecodeError:
            return None
        lines = pl.Series(RAW, text.replace("\r\n", "\n").removesuffix("\n").split("\n"), pl.String)
        rows = pl.DataFrame([lines, pl.int_range(self.line, self.line + lines.len(), eager=True).alias(LINE)])
        rows = rows.filter(pl.col(RAW) != "")
        width = len(header)
        longest = rows[RAW].str.len_bytes().max()
        if isinstance(longest, int) and longest > MAX_CELL:
            return None
        if (rows[RAW].str.count_matches(delimiter, literal=True) != width - 1).any():
            return None
        cells = rows[RAW].str.split_exact(delimiter, width - 1).struct.unnest()
        cells.columns = header
        return cells.with_columns(rows[RAW], rows[LINE])


def _stage_rest(plain: _Plain, path: Path, folder: Path, header: list[str], delimiter: str) -> None:
    """Writes the rows that are left to `folder`."""
    before = plain.line - 1
    with path.open("rb") as binary:
        binary.seek(plain.begin)
        lines = _Lines(TextIOWrapper(binary, encoding="utf-8", newline=""))
        reader = csv.reader(iter(lines), delimiter=delimiter, strict=True)
        try:
            _stage_rows(reader, lines, header, str(path), folder, plain)
        except csv.Error as error:
            line = before + max(reader.line_num, 1)
            raise InputError([problem("bad-csv", str(path), line, 1, why=_why(error))]) from None


def _stage_rows(
    reader: Iterator[list[str]], lines: _Lines, header: list[str], name: str, folder: Path, plain: _Plain
) -> None:
    width = len(header)
    findings: list[Finding] = []
    rows: list[Sequence[str | int | None]] = []
    batch, line, before = plain.batch, plain.line, plain.line
    for cells in reader:
        raw = lines.take()
        if len(cells) == width:
            rows.append((*cells, raw.rstrip("\r\n"), line))
        elif cells:
            findings.append(problem("bad-row", name, line, 1, cells=len(cells), columns=width))
            if len(findings) == MAX_FINDINGS:
                break
        line = before + reader.line_num  # type: ignore[attr-defined]  # the reader of the csv module has it
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
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return problem("utf-16", str(path), 1, 1)
        file.seek(0)
        for number, line in enumerate(file, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                return problem("not-utf-8", str(path), number, error.start + 1)
    return problem("not-utf-8", str(path))
