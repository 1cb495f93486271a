"""Part of a database whose references are whole: which rows of each table a smaller copy takes."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from merger.demo.masking.tables import Table
from merger.systems.profile import Profile, Value
from merger.systems.sqlite_tables import quoted

SPREAD, RANGE = 2654435761, 1 << 32
"""Knuth's multiplicative hash spreads neighbouring row numbers over 32 bits."""


@dataclass(frozen=True)
class Link:
    """Rows of `table` refer by `asked` (SQL over it) to the column `key` of `other`; `parent`: they share its
    fate."""

    table: str
    asked: str
    other: str
    key: str
    parent: bool = False


def links(profile: Profile, tables: Sequence[Table]) -> list[Link]:
    """Every reference that a profile or the database itself knows of, each once."""
    there = {table.name: table for table in tables}
    found = []
    for dataset in profile.datasets.values():
        for name, one in dataset.references.items():
            other = profile.datasets[one.to]
            asked = expression(Value.model_validate({"column": one.column, "json": one.json_path}))
            key = one.on or other.key[0]
            found.append(Link(dataset.table, asked, other.table, key, name == dataset.parent))
        for value in dataset.values().values():
            if value.lookup:
                local, looked_up, _ = value.looked_up()
                other = profile.datasets[looked_up]
                found.append(Link(dataset.table, quoted(local), other.table, other.key[0]))
    for table in tables:
        for column, other_table, key in table.foreign:
            referred = key or "".join(there[other_table].key[:1] if other_table in there else ())
            found.append(Link(table.name, quoted(column), other_table, referred))
    known = {one.name for one in tables}
    return [one for one in dict.fromkeys(found) if {one.table, one.other} <= known and one.key]


def expression(value: Value) -> str:
    """A column or a place in its JSON, as SQL over its table."""
    column = quoted(value.column)
    if not value.json_path:
        return column
    path = value.json_path.replace("'", "''")
    return f"CASE WHEN json_valid({column}) THEN json_extract({column}, '{path}') END"


def orphans(connection: sqlite3.Connection, link: Link, condition: str = "") -> int:
    """How many rows refer to what is not there. `condition`: of the rows that count."""
    table, other = quoted(link.table), quoted(link.other)
    where = f"{condition} AND" if condition else " WHERE"
    asked = (
        f"SELECT count(*) FROM (SELECT {link.asked} AS refers FROM {table}{where} {link.asked} IS NOT NULL)"
        f" WHERE refers NOT IN (SELECT {quoted(link.key)} FROM {other} WHERE {quoted(link.key)} IS NOT NULL)"
    )
    ((rows,),) = connection.execute(asked)
    return int(rows)


def sample(
    connection: sqlite3.Connection, profile: Profile, tables: Sequence[Table], rows: int
) -> dict[str, str]:
    """By table, the condition of its rows in a copy whose largest table has about `rows`.

    Spread evenly; tables of no more rows whole; of every code and state that a profile names, at least one
    row; children with their parents; whatever a row refers to. Orphans stay orphans. The rows are listed in
    temporary tables of the connection. A table without row numbers and with a key of several columns is
    taken whole.
    """
    sizes = {
        one.name: connection.execute(f"SELECT count(*) FROM {quoted(one.name)}").fetchone()[0]
        for one in tables
    }
    share = rows / max([*sizes.values(), 1])
    if share >= 1:
        return {}
    known = {one.name: (number, one) for number, one in enumerate(tables) if one.rowid or len(one.key) == 1}
    refer = [one for one in links(profile, tables) if one.table in known and one.other in known]
    for name in _parents_first(known, refer):
        number, table = known[name]
        key = _id_of(table)
        connection.execute(f"CREATE TEMP TABLE kept_{number} (id PRIMARY KEY) WITHOUT ROWID")
        parents = [one for one in refer if one.table == name and one.parent]
        taken = RANGE if sizes[name] <= rows and not parents else int(share * RANGE)
        spread = f"row_number() OVER () * {SPREAD} % {RANGE} < {taken}"
        some = f"SELECT id FROM (SELECT {key} AS id, {spread} AS taken FROM {quoted(name)}) WHERE taken"
        for one in parents:
            some += f" EXCEPT {_referring(one, known)}"
        _keep(connection, number, some)
        for one in parents:
            _keep(connection, number, _referring(one, known, kept=True))
        for asked in _codes(profile, name):
            _keep(connection, number, f"SELECT min({key}) FROM {quoted(name)} GROUP BY {asked}")
    while sum(_keep(connection, known[one.other][0], _referred(one, known)) for one in refer):
        pass
    return {
        name: f" WHERE {_id_of(table)} IN (SELECT id FROM temp.kept_{number})"
        for name, (number, table) in known.items()
    }


def _codes(profile: Profile, table: str) -> Iterable[str]:
    """The codes and states of a table, as SQL."""
    for dataset in profile.datasets.values():
        if dataset.table == table:
            named = [
                *(one.value for one in dataset.units.values()),
                *(one.value for one in dataset.agencies.values()),
            ]
            for value in (*named, dataset.service, dataset.status):
                if value is not None and value.column:
                    yield expression(value)


def _referring(one: Link, known: dict[str, tuple[int, Table]], *, kept: bool = False) -> str:
    """The rows that refer to some row, or to a kept one."""
    table, (number, other) = known[one.table][1], known[one.other]
    key, other_key = (_id_of(which) for which in (table, other))
    only = f" WHERE {other_key} IN (SELECT id FROM temp.kept_{number})" if kept else ""
    wanted = f"SELECT {quoted(one.key)} FROM {quoted(one.other)}{only}"
    return f"SELECT {key} FROM {quoted(one.table)} WHERE {one.asked} IN ({wanted})"


def _referred(one: Link, known: dict[str, tuple[int, Table]]) -> str:
    """The rows that kept rows refer to."""
    (number, table), other = known[one.table], known[one.other][1]
    key, other_key = (_id_of(which) for which in (table, other))
    wanted = f"SELECT {one.asked} FROM {quoted(one.table)} WHERE {key} IN (SELECT id FROM temp.kept_{number})"
    return f"SELECT {other_key} FROM {quoted(one.other)} WHERE {quoted(one.key)} IN ({wanted})"


def _id_of(table: Table) -> str:
    """What tells the rows of a table apart."""
    return "_rowid_" if table.rowid else quoted(table.key[0])


def _keep(connection: sqlite3.Connection, number: int, asked: str) -> int:
    """Adds rows and answers how many were not kept yet."""
    return connection.execute(f"INSERT OR IGNORE INTO temp.kept_{number} {asked}").rowcount


def _parents_first(names: Iterable[str], refer: Iterable[Link]) -> list[str]:
    graph: dict[str, set[str]] = {name: set() for name in names}
    for one in refer:
        if one.parent and one.table != one.other:
            graph[one.table].add(one.other)
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError:
        return list(graph)
