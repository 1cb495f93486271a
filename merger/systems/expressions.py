"""A profile's declarative values, as SQL over one table of a source.

One `Row` is one dataset's table with the joins that its values need. What comes from the plan (decided
units, the rows that references mean) is joined by the caller, who passes it in as `given`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from merger.errors import Refused
from merger.systems.functions import canonical, exact, json_ok, json_value, read_time, replaced, text_of_key
from merger.systems.kinds import Kind
from merger.systems.stores import Store

if TYPE_CHECKING:
    from merger.systems.profile import Dataset, Profile, Reference, Value

Column = sa.ColumnElement[Any]


class Typed(NamedTuple):
    """An expression, and what kind of value the source holds there."""

    sql: Column
    kind: Kind

    @property
    def text(self) -> Column:
        """The value as text, the same in every database, compared byte by byte."""
        return exact(self.as_text)

    @property
    def as_text(self) -> Column:
        """The value as text, the same in every database."""
        text = self.kind is Kind.TEXT and isinstance(self.sql.type, sa.String | sa.types.NullType)
        return self.sql if text else canonical(self.sql, Kind.TEXT, self.kind)


class From:
    """What is selected from: a table and what is joined to it."""

    def __init__(self, table: sa.FromClause) -> None:
        self.clause = table
        self._aliases = 0

    def join(self, table: sa.FromClause, on: Column) -> None:
        """Joins a table; rows without a partner stay."""
        self.clause = self.clause.outerjoin(table, on)

    def alias(self, word: str) -> str:
        """A name that no other table of the clause has."""
        self._aliases += 1
        return f"{word}{self._aliases}"


class Row:
    """One dataset's row: its values, and the FROM clause with the joins they need.

    `of`: another row that refers to this one; this one's table is then joined to its clause where `on` (which
    gets this row) says so.
    """

    def __init__(
        self, store: Store, profile: Profile, name: str, system: str, *, of: Row | None = None
    ) -> None:
        self.store = store
        self.profile = profile
        self.name = name
        self.dataset: Dataset = profile.datasets[name]
        self.system = system
        alias = "s" if of is None else of.tables.alias("s")
        self.table = table_of(store, self.dataset.table, alias)
        self.tables: From = From(self.table) if of is None else of.tables
        self._lookups: dict[str, tuple[sa.FromClause, Dataset]] = {}

    @property
    def source(self) -> sa.FromClause:
        """What to select from."""
        return self.tables.clause

    def column(self, name: str) -> Typed:
        """A column of the dataset's own table."""
        return self._typed(self.table, self.dataset, name)

    @property
    def key(self) -> Typed:
        """The key's column."""
        return self.column(self.dataset.key[0])

    @property
    def key_text(self) -> Column:
        """The key as text, the same in every database."""
        return text_of_key(*self.key)

    def join(self, table: sa.FromClause, on: Column) -> None:
        """Joins a table; rows without a partner stay."""
        self.tables.join(table, on)

    def raw(self, value: Value) -> Typed:
        """The value as the source holds it: column, lookup or constant, and the path in its JSON."""
        if value.lookup:
            found = self._lookup(value)
        elif value.column:
            found = self.column(value.column)
        elif value.system:
            found = Typed(sa.literal(self.system), Kind.TEXT)
        elif isinstance(value.constant, int):
            found = Typed(sa.literal(value.constant), Kind.NUMBER)
        else:
            found = Typed(sa.literal(value.constant, sa.Text), Kind.TEXT)
        if value.json_path:
            found = Typed(json_value(found.sql, value.json_path, found.kind), Kind.TEXT)
        return found

    def value(self, value: Value, given: Mapping[str, Column] | None = None) -> Typed:
        """The value as the target gets it. `given` holds decided values and references, as text, by name."""
        if value.decided or value.reference:
            name = value.decided or value.reference
            return Typed((given or {})[name], Kind.TEXT)
        found = self.raw(value)
        if value.time:
            zone = value.zone or self.profile.zone
            read = read_time(found.sql, value.time, zone, self.profile.zone, found.kind)
            found = Typed(sa.func.substr(read, 1, 10) if value.day else read, Kind.TEXT)
        if value.values:
            found = Typed(sa.case(value.values, value=found.text), Kind.TEXT)
        if value.qualify:
            found = Typed(self._qualified(found.as_text, value.separator), Kind.TEXT)
        if value.default is not None:
            found = self._defaulted(found, value.default)
        return found

    def zone_of(self, value: Value) -> str:
        """The zone of times that name none."""
        return self.profile.zone if value.time else value.zone or self.profile.zone

    def unreadable(self, value: Value) -> list[tuple[str, Column]]:
        """When the value cannot be carried over, and the reason of the hold, for every way it can fail."""
        out: list[tuple[str, Column]] = []
        if value.decided or value.reference:
            return out
        raw = self.raw(value)
        if value.json_path:
            whole = self._lookup(value) if value.lookup else self.column(value.column)
            out.append(
                ("unreadable-json", sa.and_(whole.sql.is_not(None), sa.not_(json_ok(whole.sql, whole.kind))))
            )
        if value.time:
            read = read_time(
                raw.sql, value.time, value.zone or self.profile.zone, self.profile.zone, raw.kind
            )
            written = raw.sql.is_not(None) if raw.kind is not Kind.TEXT else raw.text != ""
            out.append(("unreadable-time", sa.and_(raw.sql.is_not(None), written, read.is_(None))))
        if value.values:
            out.append(("untranslated", sa.and_(raw.sql.is_not(None), raw.text.not_in(list(value.values)))))
        return out

    def reference(self, reference: Reference) -> Typed:
        """What a reference's column holds."""
        from merger.systems.profile import Value

        return self.raw(Value.model_validate({"column": reference.column, "json": reference.json_path}))

    def _defaulted(self, found: Typed, default: str | int) -> Typed:
        if found.kind is Kind.ANY or isinstance(default, int) == (found.kind is Kind.NUMBER):
            return Typed(sa.func.coalesce(found.sql, default), found.kind)
        return Typed(sa.func.coalesce(found.as_text, str(default)), Kind.TEXT)

    def _qualified(self, found: Column, separator: str) -> Column:
        mark = sa.literal(f"@{self.system}")
        names = found
        if separator:
            names = replaced(found, separator, f"@{self.system}{separator}")
        none = sa.or_(found.is_(None), exact(found) == "")
        return sa.case((none, found), else_=names.concat(mark))

    def _lookup(self, value: Value) -> Typed:
        local, dataset, column = value.looked_up()
        if dataset not in self.profile.datasets:
            raise Refused("systems.lookup-nowhere", dataset=dataset, profile=self.profile.id)
        join = f"{local}->{dataset}"
        if join not in self._lookups:
            other = self.profile.datasets[dataset]
            table = table_of(self.store, other.table, self.tables.alias("l"))
            self._lookups[join] = table, other
            self.join(table, equal(self._typed(table, other, other.key[0]), self.column(local)))
        return self._typed(*self._lookups[join], column)

    def _typed(self, table: sa.FromClause, dataset: Dataset, name: str) -> Typed:
        known = self.store.columns(dataset.table).get(name)
        column: Column = sa.column(name, _selectable=table)
        if known is not None and self.store.dialect != "sqlite":  # whose types say nothing of their values
            column = sa.column(name, known.type, _selectable=table)
        return Typed(column, known.kind if known else Kind.ANY)


def table_of(store: Store, name: str, alias: str) -> sa.FromClause:
    """A table that is not reflected: columns are named as they are used."""
    return sa.table(name, schema=store.schema).alias(alias)


def equal(key: Typed, other: Typed) -> Column:
    """Whether a key is another value, byte by byte; by the key's index where the kinds allow it."""
    if key.kind is not other.kind:
        return text_of_key(*key) == text_of_key(*other)
    if key.kind in (Kind.TEXT, Kind.ANY):
        return sa.and_(key.sql == other.sql, key.text == other.text)
    return key.sql == other.sql
