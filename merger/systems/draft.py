"""A first profile from a live schema: tables, keys, references, and columns that look like codes.

It says what it saw, never what it means: each likely code stands in a comment for a person to confirm,
and nothing moves until the profile says where to.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from merger.errors import Refused
from merger.messages import text
from merger.systems.expressions import Column

SAMPLE = 200
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

    Answers how many tables it found. Raises Refused where the variable is not set, the database does not
    answer, or `out` is there already. Values are looked at and never written.
    """
    url = os.environ.get(url_env)
    if not url:
        raise Refused("systems.no-url", variable=url_env)
    if out.exists():
        raise Refused("systems.file-there", path=out)
    try:
        engine = sa.create_engine(_read_only(url))
        with engine.connect() as connection:
            tables = sa.inspect(connection).get_table_names()
            lines = [line for table in tables for line in _table(connection, table)]
    except (sa.exc.SQLAlchemyError, ImportError) as error:
        raise Refused("systems.no-answer", variable=url_env, why=type(error).__name__) from error
    engine.dispose()
    head = [f"# {line}" for line in text("systems.draft-head").splitlines()] + [
        "schema: merger/profile/1",
        f"id: {_identifier(out.stem)}",
        "datasets:",
    ]
    out.write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8")
    return len(tables)


def _read_only(url: str) -> str:
    if url.startswith("sqlite:///") and "mode=" not in url:
        return f"sqlite:///file:{url.removeprefix('sqlite:///')}?mode=ro&uri=true"
    return url


def _table(connection: sa.Connection, table: str) -> Iterator[str]:
    inspector = sa.inspect(connection)
    columns = [column["name"] for column in inspector.get_columns(table)]
    key = inspector.get_pk_constraint(table)["constrained_columns"] or columns[:1]
    names: list[Column] = [sa.column(name) for name in columns]
    rows = connection.execute(sa.select(*names).select_from(sa.table(table)).limit(SAMPLE)).all()
    yield f"  {_identifier(table)}:"
    yield f"    table: {_quoted(table)}"
    yield f"    key: [{', '.join(_quoted(name) for name in key)}]"
    for number, name in enumerate(columns):
        values = [str(row[number]) for row in rows if row[number] not in (None, "")]
        if values and (look := _look(values)):
            yield f"    # {name}: {text(f'systems.looks.{look}')}"
    foreign = inspector.get_foreign_keys(table)
    if foreign:
        yield "    references:"
        for one in foreign:
            column = one["constrained_columns"][0]
            other = _identifier(one["referred_table"])
            yield f"      {_identifier(column)}: {{to: {other}, column: {_quoted(column)}}}"


def _look(values: list[str]) -> str:
    for look, pattern in LOOKS.items():
        if sum(1 for value in values if pattern.fullmatch(value)) >= 0.9 * len(values):
            return look
    return ""


def _identifier(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "unnamed"


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) else f'"{name}"'
