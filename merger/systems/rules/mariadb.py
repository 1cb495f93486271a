"""The rules of MariaDB's tables, by its information schema."""

import re
from typing import Any

import sqlalchemy as sa

from merger.systems.kinds import Kind
from merger.systems.rules.model import Cell, Rule
from merger.systems.stores import Store

_CHECKS = sa.text(
    "SELECT CONSTRAINT_NAME AS name, CHECK_CLAUSE AS said FROM information_schema.CHECK_CONSTRAINTS"
    " WHERE CONSTRAINT_SCHEMA = DATABASE() AND TABLE_NAME = :table"
)
_INDEXES = sa.text(
    "SELECT INDEX_NAME AS name, COLUMN_NAME AS part, SUB_PART AS first FROM information_schema.STATISTICS"
    " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = :table AND NOT NON_UNIQUE"
    " AND INDEX_NAME <> 'PRIMARY' ORDER BY INDEX_NAME, SEQ_IN_INDEX"
)
_COLUMNS = sa.text(
    "SELECT COLUMN_NAME AS name, COLUMN_TYPE AS declared, CHARACTER_SET_NAME AS letters,"
    " COLLATION_NAME AS collation, COLUMN_DEFAULT AS given, GENERATION_EXPRESSION AS made, EXTRA AS more"
    " FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = :table"
)
_NAME = re.compile(r"'(?:[^'\\]|''|\\.)*'|`((?:[^`]|``)+)`", re.DOTALL)
_SIZED = re.compile(r"[a-z]+(\([0-9,]+\))?")


def rules_of(store: Store, table: str) -> list[Rule]:
    """The checks of a table and its columns, and its unique indexes but for the primary key."""
    columns = {one.name: one for one in store.connection.execute(_COLUMNS, {"table": table})}
    rules = []
    for one in store.connection.execute(_CHECKS, {"table": table}):
        needs = _named(one.said)
        documents = all(one.said == f"json_valid({store.quoted(name)})" for name in needs)
        rules.append(Rule(one.name, "check", needs, (one.said,), documents=documents))
    indexes: dict[str, list[Any]] = {}
    for one in store.connection.execute(_INDEXES, {"table": table}):
        indexes.setdefault(one.name, []).append(one)
    for name, parts in indexes.items():
        texts = tuple(_part(store, one, columns[one.part].collation) for one in parts)
        names = tuple(one.part for one in parts)
        simple = all(one.first is None and not columns[one.part].made for one in parts)
        rules.append(Rule(name, "unique", frozenset(names), texts, plain=names if simple else ()))
    return rules


def _part(store: Store, part: Any, collation: str | None) -> str:
    """The text that an index has of a column, or of the beginning of it."""
    value = store.quoted(part.part)
    value = value if part.first is None else f"LEFT({value}, {part.first})"
    if collation is None:
        return f"HEX(CAST({value} AS CHAR))" if part.first is None else f"HEX({value})"
    padded = value if "_nopad_" in collation else f"RTRIM({value})"
    return f"HEX(WEIGHT_STRING({padded} COLLATE {collation}))"


def cells_of(store: Store, table: str) -> list[Cell]:
    """The columns of a table."""
    found = []
    known = store.columns(table)
    for one in store.connection.execute(_COLUMNS, {"table": table}):
        given = _given(one, known[one.name].kind)
        if one.made:
            made = _in_letters(f"({one.made})", one)
            found.append(Cell(one.name, given, None, made, _named(one.made)))
            continue
        counted = "auto_increment" in one.more or "nextval(" in (one.given or "")
        said = one.given or "NULL"
        default = "NULL" if said == "NULL" else _in_letters(f"({said})", one)
        found.append(Cell(one.name, given, None if counted else default))
    return found


def _in_letters(value: str, column: Any) -> str:
    """A text as a column has it."""
    if column.letters is None:
        return value
    return f"CONVERT({value} USING {column.letters}) COLLATE {column.collation}"


def _given(column: Any, kind: Kind) -> str:
    """The value that a column has of a canonical text."""
    sized = _SIZED.match(column.declared)
    size = (sized and sized[1]) or ""
    if kind is Kind.BYTES:
        return "UNHEX({})"
    if kind in (Kind.NUMBER, Kind.BOOL):
        decimal = column.declared.startswith("decimal")
        whole = "UNSIGNED" if "unsigned" in column.declared or kind is Kind.BOOL else "SIGNED"
        return f"CAST({{}} AS {f'DECIMAL{size}' if decimal else whole})"
    times = {Kind.TIME: f"DATETIME{size}", Kind.MOMENT: f"DATETIME{size}", Kind.DAY: "DATE",
             Kind.CLOCK: f"TIME{size}", Kind.FLOAT: "DOUBLE"}  # fmt: skip
    return f"CAST({{}} AS {times[kind]})" if kind in times else _in_letters("{}", column)


def _named(said: str) -> frozenset[str]:
    """The columns that an expression names; MariaDB writes them between backquotes."""
    return frozenset(one[1].replace("``", "`") for one in _NAME.finditer(said) if one[1])
