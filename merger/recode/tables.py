"""Tables in files, by suffix (CSV, Parquet, XLSX), and of databases: read as lazy frames, written whole or
not at all.

CSV and XLSX are first written to a temporary folder as Parquet, every cell as text, beside it the row as it
was (`RAW`), so that what nobody asked to change comes out as it went in; tables of databases with the types
of their values. Memory does not grow with the rows.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from merger.errors import InputError, MergerError, Refused
from merger.recode.model import HIDDEN, problem
from merger.systems import tables as databases

RAW = f"{HIDDEN}raw"
LINE = f"{HIDDEN}line"
"""Hidden columns: the row as it was, and the line (CSV) or row (XLSX) where it begins."""

SUFFIXES = (".csv", ".parquet", ".xlsx")
DATABASE = "database"
"""What stands for a suffix where a table is one of a database (`PROFILE:TABLE`)."""

BATCH = 50_000
AT_ONCE = 1_000_000
"""So many rows are written at a time, and so many asked about."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a CSV file is written: the sign between cells, the end of a line, a byte-order mark or none,
    and its first row as it stands."""

    delimiter: str = ","
    end: str = "\n"
    mark: bool = False
    header: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """An input: `suffix` says what kind of file it is, `columns` which ones it has (hidden ones apart),
    `declared` the types that its database gives them."""

    path: Path
    suffix: str
    frame: pl.LazyFrame
    schema: pl.Schema
    folder: Path
    form: Form = field(default_factory=Form)
    sheet: str = "Sheet1"
    declared: Mapping[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(name for name in self.schema if not name.startswith(HIDDEN))


class Beside:
    """Columns worked out batch by batch, kept in the table's folder, to be set beside its own."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._files: list[Path] = []

    def add(self, columns: pl.DataFrame) -> None:
        """The cells for the next rows, in their order."""
        self._files.append(self._table.folder / f"beside-{len(self._files):08d}.arrow")
        columns.write_ipc(self._files[-1])

    def frame(self) -> pl.LazyFrame:
        """The rows of the table with these columns behind their own."""
        return pl.concat([self._table.frame, pl.scan_ipc(self._files)], how="horizontal")


Output = tuple[Path, pl.LazyFrame, Sequence[str]]
"""Where to, which rows, and the columns added to those of the input."""


@contextmanager
def opened(path: Path, outputs: Sequence[Path | None] = (), *, replace: bool = False) -> Iterator[Table]:
    """The table in a file or of a database, for as long as it is used.

    Raises InputError with every problem of what cannot be used. Raises Refused if an output is the input,
    another output or a table that its profile describes, or is there already and not to be replaced.
    """
    suffix = _suffix(path)
    _check_outputs(path, [out for out in outputs if out is not None], replace)
    if suffix != DATABASE and not path.is_file():
        raise InputError([problem("no-file", str(path))])
    with tempfile.TemporaryDirectory(prefix="merger-") as name:
        try:
            yield _open(path, suffix, Path(name))
        except OSError as error:
            if error.filename is not None:
                raise
            raise InputError([problem("disk-fails", str(path), folder=tempfile.gettempdir())]) from error


def _open(path: Path, suffix: str, folder: Path) -> Table:
    if suffix == ".parquet":
        frame = pl.scan_parquet(path, glob=False, hive_partitioning=False)
        with usable(path):
            schema = frame.collect_schema()
        if any(name.startswith(HIDDEN) for name in schema):
            raise InputError([problem("column-hidden", str(path))])
        return Table(path, suffix, frame, schema, folder)
    if suffix == DATABASE:
        from merger.recode import databases as staging

        schema, declared = staging.stage(_table(path), folder)
        return Table(path, suffix, _staged(folder), schema, folder, declared=declared)
    if suffix == ".csv":
        from merger.recode import csv_rows

        form, names = csv_rows.stage(path, folder)
        return Table(path, suffix, _staged(folder), _text_schema(names), folder, form)
    from merger.recode import xlsx_rows

    sheet, names = xlsx_rows.stage(path, folder)
    return Table(path, suffix, _staged(folder), _text_schema(names), folder, sheet=sheet)


def put(folder: Path, number: int, names: Sequence[str], rows: Sequence[Sequence[str | int | None]]) -> None:
    """Writes a batch of rows as Parquet: cells as text, then the row as it was and its line."""
    columns: list[Sequence[str | int | None]] = [[] for _ in range(len(names) + 2)]
    if rows:
        columns = list(zip(*rows, strict=True))
    frame = pl.DataFrame(
        [
            *(pl.Series(name, column, pl.String) for name, column in zip(names, columns[:-2], strict=True)),
            pl.Series(RAW, columns[-2], pl.String),
            pl.Series(LINE, columns[-1], pl.Int64),
        ]
    )
    frame.write_parquet(staged(folder, number), compression="lz4")


def staged(folder: Path, number: int) -> Path:
    """The file for a batch of rows."""
    return folder / f"rows-{number:08d}.parquet"


def collected(frame: pl.LazyFrame, path: Path) -> pl.DataFrame:
    """The rows of a frame over the file `path`. Raises InputError if that cannot be read."""
    with usable(path):
        return frame.collect(engine="streaming")


def read_batches(frame: pl.LazyFrame, path: Path, rows: int = BATCH) -> Iterator[pl.DataFrame]:
    """The rows of a frame over the file `path`, at most so many at a time, in their order; at least one
    batch. Raises InputError if the file cannot be read."""
    with usable(path):
        found = frame.collect_batches(chunk_size=rows, maintain_order=True, engine="streaming")
        none = True
        for batch in found:
            none = False
            yield from batch.iter_slices(rows)
        if none:
            yield frame.head(0).collect()


def written(table: Table, outputs: Sequence[Output], *, replace: bool = False) -> None:
    """Writes all outputs, each by its suffix; none of them is there before all are complete."""
    parts: list[tuple[Path, Path]] = []
    try:
        with ExitStack() as transactions:
            writers: dict[Path, databases.Writer] = {}
            for path, frame, added in outputs:
                if _suffix(path) == DATABASE:
                    into = _table(path)
                    if into.store.place not in writers:
                        writers[into.store.place] = transactions.enter_context(into.store.writing())
                    _fill(writers[into.store.place], into.name, table, frame, added, replace)
                    continue
                part = path.with_name(f".{path.name}.{os.getpid()}.part")
                parts.append((part, path))
                _write(table, frame, added, path.suffix.lower(), part)
        for part, path in parts:
            part.replace(path)
    finally:
        for part, _ in parts:
            part.unlink(missing_ok=True)


def _fill(
    writer: databases.Writer,
    name: str,
    table: Table,
    frame: pl.LazyFrame,
    added: Sequence[str],
    replace: bool,
) -> None:
    from merger.recode import databases as staging

    place = str(table.path)
    schema = frame.collect_schema()
    names = [*table.columns, *added]
    kinds = [kind for one in table.columns if (kind := staging.kinds_column(one)) in schema]
    fields = staging.fields_of(pl.Schema({one: schema[one] for one in names}), table.declared, place)
    batches = read_batches(frame.select(*names, *kinds), table.path)
    writer.create(name, fields, (staging.cells(rows, names, place) for rows in batches), replace=replace)


def _write(table: Table, frame: pl.LazyFrame, added: Sequence[str], suffix: str, part: Path) -> None:
    if suffix == ".parquet":
        with usable(table.path):
            frame.select(*table.columns, *added).sink_parquet(part, engine="streaming")
        return
    keep_raw = suffix == table.suffix and RAW in frame.collect_schema()
    chosen = frame.select(*([RAW] if keep_raw else table.columns), *added)
    found = read_batches(chosen, table.path)
    if suffix == ".csv":
        from merger.recode import csv_rows

        _check_text(chosen.collect_schema(), str(table.path))
        names = None if keep_raw else table.columns
        csv_rows.write(found, table.form, names, added, part)
        return
    from merger.recode import xlsx_rows

    xlsx_rows.write(found, table, keep_raw, added, part)


def _check_text(schema: pl.Schema, place: str) -> None:
    """Raises InputError for each column whose values are no text and have no one written form."""
    bad = [
        (name, kind) for name, kind in schema.items() if kind.is_nested() or kind in (pl.Binary, pl.Object)
    ]
    if bad:
        raise InputError(problem("no-text", place, name=name, type=kind) for name, kind in bad)


@contextmanager
def usable(path: Path) -> Iterator[None]:
    """Turns what Polars says of a file into a finding. Only its kind is told: its words may quote
    cells."""
    try:
        yield
    except MergerError:
        raise
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise InputError([problem("unreadable", str(path), why=type(error).__name__)]) from None


def _suffix(path: Path) -> str:
    if databases.named(str(path)) is not None:
        return DATABASE
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError([problem("no-suffix", str(path), known=", ".join(SUFFIXES))])
    return suffix


def _table(path: Path) -> databases.Table:
    """The table that `PROFILE:TABLE` names. Raises InputError and Refused as reading the profile does."""
    found = databases.named(str(path))
    assert found is not None
    if not found[0].is_file():
        raise InputError([problem("no-file", str(found[0]))])
    return databases.table_of(*found)


def _check_outputs(path: Path, outputs: Sequence[Path], replace: bool) -> None:
    seen = {_identity(path)}
    for out in outputs:
        one = _identity(out)
        if one in seen:
            raise Refused("recode.over-input", file=out)
        seen.add(one)
        if _suffix(out) == DATABASE:
            _check_table(out, replace)
            continue
        if not out.parent.is_dir():
            raise InputError([problem("no-folder", str(out), folder=out.parent)])
        if out.is_dir():
            raise InputError([problem("is-folder", str(out))])
        if out.exists() and not replace:
            raise Refused("recode.taken", file=out)


def _identity(path: Path) -> tuple[Path, str]:
    """The same for two names of one file, and for two of one table of a database."""
    if _suffix(path) != DATABASE:
        return path.resolve(), ""
    table = _table(path)
    return table.store.place, table.name.lower()


def _check_table(out: Path, replace: bool) -> None:
    table = _table(out)
    if table.name.lower() in {one.lower() for one in table.own}:
        raise Refused("recode.own-table", table=out)
    if table.store.has(table.name) and not replace:
        raise Refused("recode.taken", file=out)


def _staged(folder: Path) -> pl.LazyFrame:
    return pl.scan_parquet(sorted(folder.glob("rows-*.parquet")), glob=False)


def _text_schema(names: Sequence[str]) -> pl.Schema:
    return pl.Schema(dict.fromkeys(names, pl.String))
