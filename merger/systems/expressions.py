"""A profile's declarative values, as SQL over one table of a source.

One `Row` is one dataset's table with the joins that its values need. What comes from the plan (decided
units, remapped keys) is joined by the caller, who passes it in as `given`.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from merger.errors import Refused
from merger.systems.profile import Dataset, Profile, Reference, Value

Column = sa.ColumnElement[Any]


def table_of(schema: str, name: str, alias: str) -> sa.FromClause:
    """A table that is not reflected: columns are named as they are used."""
    return sa.table(name, schema=schema).alias(alias)


class Row:
    """One dataset's row: `key`, its values, and the FROM clause with the joins they need."""

    def __init__(self, profile: Profile, name: str, system: str, schema: str) -> None:
        self.profile = profile
        self.name = name
        self.dataset: Dataset = profile.datasets[name]
        self.system = system
        self.schema = schema
        self.table = table_of(schema, self.dataset.table, "s")
        self.source: sa.FromClause = self.table
        self._lookups: dict[str, sa.FromClause] = {}

    def column(self, name: str) -> Column:
        """A column of the dataset's own table, compared byte by byte whatever its collation."""
        return _exact(_column(self.table, name))

    @property
    def key(self) -> Column:
        """The key's column, with the collation of its index."""
        return _column(self.table, self.dataset.key[0])

    def join(self, table: sa.FromClause, on: Column) -> None:
        """Joins a table; rows without a partner stay."""
        self.source = self.source.outerjoin(table, on)

    def raw(self, value: Value) -> Column:
        """The value as the source holds it: column, lookup or constant, and the path in its JSON."""
        if value.lookup:
            found = self._lookup(value)
        elif value.column:
            found = self.column(value.column)
        elif value.system:
            found = sa.literal(self.system)
        else:
            found = sa.literal(value.constant)
        if value.json_path:
            found = sa.case((sa.func.json_valid(found) == 1, sa.func.json_extract(found, value.json_path)))
        return found

    def value(self, value: Value, given: Mapping[str, Column] | None = None) -> Column:
        """The value as the target gets it. `given` holds decided values and remapped keys by name."""
        if value.decided or value.reference:
            name = value.decided or value.reference
            return (given or {})[name]
        found = self.raw(value)
        if value.time:
            zone = value.zone or self.profile.zone
            found = sa.func.merger_time(found, value.time, zone, self.profile.zone)
            if value.day:
                found = sa.func.substr(found, 1, 10)
        if value.values:
            found = sa.case(value.values, value=sa.cast(found, sa.Text))
        if value.qualify:
            found = self._qualified(found, value.separator)
        if value.default is not None:
            found = sa.func.coalesce(found, value.default)
        return found

    def unreadable(self, value: Value) -> list[tuple[str, Column]]:
        """When the value cannot be carried over, and the reason of the hold, for every way it can fail."""
        out: list[tuple[str, Column]] = []
        if value.decided or value.reference:
            return out
        raw = self.raw(value)
        if value.json_path:
            whole = self._lookup(value) if value.lookup else self.column(value.column)
            out.append(("unreadable-json", sa.and_(whole.is_not(None), sa.func.json_valid(whole) == 0)))
        if value.time:
            read = sa.func.merger_time(raw, value.time, value.zone or self.profile.zone, self.profile.zone)
            out.append(("unreadable-time", sa.and_(raw.is_not(None), raw != "", read.is_(None))))
        if value.values:
            text = sa.cast(raw, sa.Text)
            out.append(("untranslated", sa.and_(raw.is_not(None), text.not_in(list(value.values)))))
        return out

    def reference(self, reference: Reference) -> Column:
        """What a reference's column holds."""
        return self.raw(Value.model_validate({"column": reference.column, "json": reference.json_path}))

    def _qualified(self, found: Column, separator: str) -> Column:
        mark = sa.literal(f"@{self.system}")
        if separator:
            names = sa.func.replace(found, separator, sa.literal(f"@{self.system}{separator}"))
            return sa.case((sa.or_(found.is_(None), found == ""), found), else_=names.op("||")(mark))
        return sa.case((sa.or_(found.is_(None), found == ""), found), else_=found.op("||")(mark))

    def _lookup(self, value: Value) -> Column:
        local, dataset, column = value.looked_up()
        if dataset not in self.profile.datasets:
            raise Refused("systems.lookup-nowhere", dataset=dataset, profile=self.profile.id)
        join = f"{local}->{dataset}"
        if join not in self._lookups:
            other = self.profile.datasets[dataset]
            table = table_of(self.schema, other.table, f"l{len(self._lookups)}")
            self._lookups[join] = table
            key = _column(table, other.key[0])
            self.source = self.source.outerjoin(
                table, (key == _column(self.table, local)) & (_exact(key) == self.column(local))
            )
        return _exact(_column(self._lookups[join], column))


def _column(table: sa.FromClause, name: str) -> Column:
    return sa.column(name, _selectable=table)


def _exact(column: Column) -> Column:
    return sa.collate(column, "BINARY")
