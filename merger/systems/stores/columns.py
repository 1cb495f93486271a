"""The columns of tables as stores tell them: of tables that are there, and of those that are ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from merger.systems.column_kinds import kind_of
from merger.systems.kinds import Kind
from merger.systems.limits import NONE, Limits, limits_of
from merger.systems.widths import width_of

Plain = Literal["text", "integer", "bytes"]
"""What a column holds that is nobody's but ours: exact text of any length, an integer of 64 bits, bytes."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. `declared`: its type in the database's own words; `width`: the characters that a
    text takes at most; `default`: the SQL of its default, or `identity`; `generated`: the database computes
    it and takes no value; `stamped`: the database writes the time of day there when others change, and it is
    not given; `limits`: what it has room for."""

    name: str
    type: TypeEngine[Any]
    declared: str
    kind: Kind
    width: int | None = None
    nullable: bool = True
    default: str | None = None
    generated: bool = False
    stamped: bool = False
    limits: Limits = NONE


Landing = Mapping[str, Column | Plain]
"""The columns of a landing table by name: as a column of the target is, or plain."""


def described(connection: sa.Connection, table: str, declared: Mapping[str, str]) -> list[Column]:
    """The columns of a table, of which `declared` has the types in the database's own words; none without."""
    if not declared:
        return []
    dialect = connection.dialect.name
    return [
        Column(
            one["name"], one["type"], declared[one["name"]], kind, width_of(declared[one["name"]]),
            one["nullable"], one.get("default"), "computed" in one,
            limits=limits_of(declared[one["name"]], kind, dialect),
        )
        for one in sa.inspect(connection).get_columns(table)
        for kind in [kind_of(one["type"], dialect)]
    ]  # fmt: skip


def kind_in(column: Column | Plain) -> Kind:
    """The kind of a column that lines are loaded into."""
    if isinstance(column, Column):
        return column.kind
    return {"text": Kind.TEXT, "integer": Kind.NUMBER, "bytes": Kind.BYTES}[column]
