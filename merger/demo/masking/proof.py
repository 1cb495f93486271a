"""Checks on a masked copy, by plain questions to both databases: nobody in it, and everything else there."""

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice

from merger.demo.masking.cells import Change, changed_part
from merger.demo.masking.copying import Columns
from merger.demo.masking.masks import may_recur
from merger.demo.masking.roles import MASKED, Path, Roles
from merger.demo.masking.sampling import expression
from merger.demo.masking.tables import Table
from merger.systems.profile import Dataset, Profile, Value
from merger.systems.sqlite_tables import quoted

AT_ONCE = 400_000
"""So many values are looked for in one reading of the copy, so that memory does not grow with the rows."""
SHORTEST = 4
REMEMBERED = 100_000


Hidden = dict[str, str]
"""Values that must not occur in a copy, with a column in which the source has them."""


def hidden_values(
    source: sqlite3.Connection, system: str, tables: Sequence[Table], roles: Roles, named: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Every value of a masked column that chance does not give again, and the column. JSON is looked into.

    `named`: what profiles, rules and mapping name, which is nobody's.
    """
    for table in tables:
        for column in table.columns:
            node = (system, table.name, (column,))
            inside = {path[1:]: roles.of((system, table.name, path))
                      for path in roles.inside(system, table.name, column)}  # fmt: skip
            whole = roles.of(node)
            if whole.use not in MASKED and not inside:
                continue
            place = f"{system}/{table.name}.{column}"
            name = quoted(column)
            asked = f"SELECT DISTINCT {name} FROM {quoted(table.name)} WHERE {name} IS NOT NULL"
            for (value,) in source.execute(asked):
                for path, text in texts(value):
                    role = inside.get(path, whole)
                    recurs = role.use not in MASKED or may_recur(changed_part(text, role))
                    if not recurs and text not in named:
                        yield text, place


def search(
    copy: sqlite3.Connection, tables: Sequence[Table], system: str, hidden: Hidden
) -> Counter[tuple[str, str]]:
    """Where values occur in a copy, also inside of longer texts: by column of the source and of the copy.
    Of JSON all values are looked at, the names of its fields are not."""
    lengths: dict[str, set[int]] = {}
    for value in hidden:
        lengths.setdefault(value[:SHORTEST], set()).add(len(value))
    found: Counter[tuple[str, str]] = Counter()
    for table in tables:
        for column in table.columns:
            place = f"{system}/{table.name}.{column}"
            clean: set[str] = set()
            for (cell,) in copy.execute(f"SELECT {quoted(column)} FROM {quoted(table.name)}"):
                if cell in clean:
                    continue
                hits = [hit for _, text in texts(cell) for hit in _hits(text, lengths, hidden)]
                for hit in hits:
                    found[hidden[hit], place] += 1
                if not hits and len(clean) < REMEMBERED and type(cell) is str:
                    clean.add(cell)
    return found


def portions(values: Iterable[tuple[str, str]]) -> Iterator[Hidden]:
    """Values by the portion."""
    left = iter(values)
    while portion := dict(islice(left, AT_ONCE)):
        yield portion


def texts(value: object, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """The texts and numbers of a cell, those inside of JSON with their path."""
    if isinstance(value, str) and not path and value.lstrip().startswith(("{", "[")):
        try:
            yield from _leaves(json.loads(value), ())
            return
        except (ValueError, RecursionError):
            pass
    if isinstance(value, str | int):
        yield path, str(value)


def combinations(
    connection: sqlite3.Connection, dataset: Dataset, change: Sequence[Change | None] | None = None
) -> Counter[tuple[object, ...]]:
    """How many rows have each combination of codes, state and day, byte by byte. `change`: what was done to
    the value of the same place."""
    values = [expression(value) for value in deciding(dataset)]
    if not values:
        return Counter()
    columns = ", ".join(f"{one} COLLATE BINARY" for one in values)
    asked = f"SELECT {columns}, count(*) FROM {quoted(dataset.table)} GROUP BY {columns}"
    found: Counter[tuple[object, ...]] = Counter()
    for *codes, rows in connection.execute(asked):
        key = (
            tuple(codes)
            if change is None
            else tuple(
                code if one is None or code is None else one(code)
                for one, code in zip(change, codes, strict=True)
            )
        )
        found[key] += rows
    return found


def deciding(dataset: Dataset) -> list[Value]:
    """The values of a dataset's own table that plans go by."""
    values = [
        *(one.value for one in dataset.units.values()),
        *(one.value for one in dataset.agencies.values()),
    ]
    values += [one for one in (dataset.service, dataset.status, dataset.dated_by) if one is not None]
    return [one for one in values if one.column]


def same_combinations(
    source: sqlite3.Connection, copy: sqlite3.Connection, system: str, profile: Profile, columns: Columns
) -> list[str]:
    """The datasets whose combinations are not as often in the copy as in the source."""
    return [
        name
        for name, dataset in profile.datasets.items()
        if combinations(
            source, dataset, [columns.at(system, dataset.table, one) for one in deciding(dataset)]
        )
        != combinations(copy, dataset)
    ]


def _hits(cell: str, lengths: dict[str, set[int]], hidden: Hidden) -> list[str]:
    found = []
    for start in range(len(cell) - SHORTEST + 1):
        some = lengths.get(cell[start : start + SHORTEST])
        if some is not None:
            found += [one for size in some if (one := cell[start : start + size]) in hidden]
    return found


def _leaves(tree: object, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(tree, dict):
        for name, one in tree.items():
            yield from _leaves(one, (*path, name))
    elif isinstance(tree, list):
        for one in tree:
            yield from _leaves(one, (*path, "*"))
    elif isinstance(tree, str) or (isinstance(tree, int) and not isinstance(tree, bool)):
        yield path, str(tree)
