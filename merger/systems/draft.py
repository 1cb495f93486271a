"""A first profile from a live schema: tables, keys, references, and columns that look like codes.

It says what it saw, never what it means: each likely code stands in a comment for a person to confirm,
and nothing moves until the profile says where to.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from merger.errors import Refused
from merger.messages import text
from merger.systems.kinds import Kind
from merger.systems.profile import Database
from merger.systems.stores import Column, Store, open_source, url_of

SAMPLE = 200
WIDTH = 80
"""Rows that are looked at, and how many characters of their values."""
LOOKS = {
    "unit": re.compile(r"\d{5}"),
    "agency": re.compile(r"[A-Z]\d{2}(\.[A-Z0-9]{2,3}){0,6}|\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}"),
    "service": re.compile(r"\d\.\d{6}(\.000\.00\.00)?(\.[A-Z]\d{2})?"),
    "dossier-number": re.compile(r"[A-Z0-9.]+-\d{6,8}-\d{4,7}"),
    "identity-number": re.compile(r"\d{9}|\d{12}"),
    "time": re.compile(r"\d{4}-\d{2}-\d{2}.*|\d{2}/\d{2}/\d{4}.*|\d{14}"),
}
"""What a column's values look like when nine in ten of them do."""


def draft(url_env: str, out: Path) -> int:
    """Writes a first profile of the database whose URL is in the environment variable `url_env`.

    Read-only; of databases that have schemas the tables of the one that is searched first, and of those that
    have to be copied to be read the first rows. Answers how many tables it found. Raises Refused where the
    variable is not set, the database cannot be read, or `out` is there already; DatabaseFailed where it does
    not answer. Values are looked at and never written.
    """
    if out.exists():
        raise Refused("systems.file-there", path=out)
    try:
        database = url_of(Database(url_env=url_env), Path())
        with open_source(database, rows=SAMPLE) as store, store.snapshot():
            tables = sa.inspect(store.connection).get_table_names(schema=store.schema)
            lines = [line for table in sorted(tables) for line in _table(store, table)]
    except sa.exc.SQLAlchemyError as error:
        raise Refused("systems.no-answer", variable=url_env, why=type(error).__name__) from None
    head = [f"# {line}" for line in text("systems.draft-head").splitlines()] + [
        "schema: merger/profile/1",
        f"id: {_identifier(out.stem)}",
        "datasets:",
    ]
    out.write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8")
    return len(tables)


def _table(store: Store, table: str) -> Iterator[str]:
    columns = store.columns(table)
    key = store.primary_key(table) or tuple(columns)[:1]
    yield f"  {_identifier(table)}:"
    yield f"    table: {_quoted(table)}"
    yield f"    key: [{', '.join(_quoted(name) for name in key)}]"
    yield f"    # {text('systems.draft-columns', columns=', '.join(map(_declared, columns.values())))}"
    for unique in store.uniques(table):
        yield f"    # {text('systems.draft-unique', columns=', '.join(unique))}"
    for name, values in _samples(store, table, list(columns.values())):
        if look := _look(values):
            yield f"    # {name}: {text(f'systems.looks.{look}')}"
    foreign = sa.inspect(store.connection).get_foreign_keys(table, schema=store.schema)
    if foreign:
        yield "    references:"
        for one in foreign:
            column = one["constrained_columns"][0]
            other = _identifier(one["referred_table"])
            optional = ", optional: true" if columns[column].nullable else ""
            yield f"      {_identifier(column)}: {{to: {other}, column: {_quoted(column)}{optional}}}"


def _declared(column: Column) -> str:
    """A column's name and type; with `!` where NULL is not allowed."""
    return f"{column.name} {column.declared}{'' if column.nullable else '!'}"


def _samples(store: Store, table: str, columns: list[Column]) -> Iterator[tuple[str, list[str]]]:
    """The first rows' values as text, column by column; binary ones and missing ones left out."""
    shown = [one.name for one in columns if one.kind is not Kind.BYTES]
    if not shown:
        return
    texts = [sa.func.substr(sa.cast(sa.column(name), sa.Text), 1, WIDTH).label(name) for name in shown]
    rows = store.connection.execute(sa.select(*texts).select_from(store.table(table)).limit(SAMPLE)).all()
    for name, values in zip(shown, zip(*rows, strict=True), strict=False):
        yield name, [str(value) for value in values if value not in (None, "")]


def _look(values: list[str]) -> str:
    for look, pattern in LOOKS.items():
        if values and sum(1 for value in values if pattern.fullmatch(value)) >= 0.9 * len(values):
            return look
    return ""


def _identifier(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "unnamed"


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) else f'"{name}"'
