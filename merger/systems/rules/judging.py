"""What a table's rules say of rows that are not there yet, and of those that are."""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import accumulate, pairwise
from typing import Any

import sqlalchemy as sa

from merger.systems.functions import canonical
from merger.systems.kinds import Kind
from merger.systems.rules import mariadb, postgresql, sqlite
from merger.systems.rules.model import Cell, Rule
from merger.systems.sqlite_functions import register
from merger.systems.stores import DatabaseFailed, Plain, Store
from merger.systems.stores.failures import told
from merger.systems.stores.read_lines import bytes_of

NUMBER = "merger_number"
STREAMED = {"stream_results": True}
FAILED = (DatabaseFailed, sa.exc.DBAPIError, sqlite3.Error)

Texts = Sequence[str | None]
Answers = tuple[tuple[Any, ...], ...]


def rules_of(store: Store, table: str) -> list[Rule]:
    """The rules of a table, its primary key left out."""
    with told():
        if store.dialect == "sqlite":
            return sqlite.rules_of(store, table)
        own = postgresql if store.dialect == "postgresql" else mariadb
        found: list[Rule] = own.rules_of(store, table)
        return found


class Judge(ABC):
    """Judges rows by some rules of one table. `filled`: the columns whose canonical texts a row gives."""

    def __init__(self, store: Store, table: str, filled: Sequence[str], rules: Sequence[Rule]) -> None:
        self.store = store
        self.table = table
        self.filled = tuple(filled)
        self.rules = tuple(rules)
        ends = [0, *accumulate(len(one.asked) for one in rules)]
        self._parts = [slice(first, last) for first, last in pairwise(ends)]

    def close(self) -> None:  # noqa: B027 most keep nothing
        """Lets go of what was made."""

    @abstractmethod
    def judged(self, rows: Sequence[Texts]) -> Iterator[Answers]:
        """Of each row, by each rule, what `Rule.asked` is answered. Raises one of FAILED where the database
        cannot tell."""

    def there(self, key: str) -> Iterator[tuple[str, Answers]]:
        """Of each row that the table has, its key as text and what the rules are answered."""
        kind = self.store.columns(self.table)[key].kind
        asked = sa.select(canonical(sa.column(key), kind, kind), *_asked(self.rules))
        table = sa.table(self.table, schema=self.store.schema)
        with told():
            found = self.store.connection.execute(asked.select_from(table), execution_options=STREAMED)
            yield from ((str(own), self._apart(said)) for own, *said in found)

    def _apart(self, said: Sequence[Any]) -> Answers:
        """The answers to all rules, rule by rule."""
        return tuple(tuple(said[part]) for part in self._parts)


class _InStatement(Judge):
    """Over rows that travel within the statement."""

    def __init__(self, store: Store, table: str, filled: Sequence[str], rules: Sequence[Rule]) -> None:
        super().__init__(store, table, filled, rules)
        self._cells = _cells(store, table)

    def judged(self, rows: Sequence[Texts]) -> Iterator[Answers]:
        columns: dict[str, Plain] = {"number": "integer"}
        columns |= {f"c{at}": "text" for at in range(len(self.filled))}
        given = self.store.literals("given", columns, [(at, *row) for at, row in enumerate(rows)])
        values = {name: self._cells[name].given.format(f"given.c{at}") for at, name in enumerate(self.filled)}
        wanted = _with_sources(self._cells, {one for rule in self.rules for one in rule.needs})
        values |= {
            name: self._cells[name].default or "NULL"
            for name in wanted
            if name not in values and not self._cells[name].made
        }
        number: sa.ColumnElement[Any] = sa.literal_column("given.number").label(NUMBER)
        shown: list[sa.ColumnElement[Any]] = [
            sa.literal_column(sql).label(name) for name, sql in values.items()
        ]
        table = sa.select(number, *shown).select_from(given).subquery(self.table)
        made = [self._cells[name] for name in wanted if self._cells[name].made]
        while made:
            ready = [one for one in made if not any(other.name in one.needs for other in made)]
            made = [one for one in made if one not in ready]
            more: list[sa.ColumnElement[Any]] = [sa.literal_column(one.made).label(one.name) for one in ready]
            table = sa.select(*table.c, *more).subquery(self.table)
        asked = sa.select(table.c[NUMBER], *_asked(self.rules)).order_by(table.c[NUMBER])
        with told(), self._taken_back():
            found = self.store.connection.execute(asked).all()
        yield from (self._apart(said) for _, *said in found)

    @contextmanager
    def _taken_back(self) -> Iterator[None]:
        """Lets a statement fail that stands in a transaction of PostgreSQL's, which would end with it."""
        if self.store.dialect != "postgresql":
            yield
            return
        self.store.run("SAVEPOINT merger_judged")
        try:
            yield
        except BaseException:
            self.store.run("ROLLBACK TO SAVEPOINT merger_judged")
            raise
        self.store.run("RELEASE SAVEPOINT merger_judged")


class _InMemory(Judge):
    """Over one row at a time of a table in memory."""

    def __init__(self, store: Store, table: str, filled: Sequence[str], rules: Sequence[Rule]) -> None:
        super().__init__(store, table, filled, rules)
        self._scratch = sqlite3.connect("", isolation_level=None)
        register(self._scratch)
        self._scratch.execute("PRAGMA ignore_check_constraints = ON")
        known = store.columns(table)
        key = store.primary_key(table)
        self._zeros = [
            one.name
            for one in known.values()
            if one.name not in (*filled, *key) and not (one.nullable or one.generated or one.default)
        ]
        self._bytes = [known[name].kind is Kind.BYTES for name in filled]

    def close(self) -> None:
        self._scratch.close()

    def judged(self, rows: Sequence[Texts]) -> Iterator[Answers]:
        scratch, table = self._scratch, self.store.quoted(self.table)
        if not scratch.execute("SELECT 1 FROM sqlite_master").fetchone():
            scratch.execute(sqlite.made_by(self.store, self.table))
        names = ", ".join(map(self.store.quoted, (*self.filled, *self._zeros)))
        places = ", ".join("?" * (len(self.filled) + len(self._zeros)))
        insert = f"INSERT INTO {table} " + (f"({names}) VALUES ({places})" if names else "DEFAULT VALUES")
        asked = f"SELECT {', '.join(one for rule in self.rules for one in rule.asked)} FROM {table}"
        zeros = [0] * len(self._zeros)
        for row in rows:
            values = [bytes_of(one) if blob else one for one, blob in zip(row, self._bytes, strict=True)]
            scratch.execute(insert, [*values, *zeros])
            yield self._apart(scratch.execute(asked).fetchone())
            scratch.execute(f"DELETE FROM {table}")


def judge_of(store: Store, table: str, filled: Collection[str], rules: Sequence[Rule]) -> Judge:
    """A judge of rows by rules that are `knowable` by the columns that are filled."""
    if store.dialect == "sqlite":
        made = any(store.columns(table)[one].generated for rule in rules for one in rule.needs)
        wanted = set(filled) if made else {one for rule in rules for one in rule.needs}
        return _InMemory(store, table, sorted(wanted & set(filled)), rules)
    wanted = _with_sources(_cells(store, table), {one for rule in rules for one in rule.needs})
    return _InStatement(store, table, sorted(wanted & set(filled)), rules)


def knowable(store: Store, table: str, filled: Collection[str], unknown: Collection[str]) -> set[str]:
    """The columns of which is known what they will hold: those that are filled, those that are not and have
    a default which is no number that the database counts, and those that it computes of these. `unknown`:
    columns whose values nobody knows beforehand."""
    if store.dialect == "sqlite":
        known = store.columns(table)
        counted = set(store.primary_key(table)) - set(filled)
        plain = {name for name, one in known.items() if not one.generated}
        sure = plain - set(unknown) - counted
        return set(known) if sure == plain else sure
    cells = _cells(store, table)
    sure = {
        name
        for name, one in cells.items()
        if not one.made and (name in filled or (name not in unknown and one.default is not None))
    }
    while more := {name for name, one in cells.items() if one.made and one.needs <= sure} - sure:
        sure |= more
    return sure


def _cells(store: Store, table: str) -> dict[str, Cell]:
    own = postgresql if store.dialect == "postgresql" else mariadb
    with told():
        return {one.name: one for one in own.cells_of(store, table)}


def _with_sources(cells: Mapping[str, Cell], names: Collection[str]) -> set[str]:
    """These columns, and those that they are computed of."""
    wanted = set(names)
    while more := {each for one in wanted for each in cells[one].needs} - wanted:
        wanted |= more
    return wanted


def _asked(rules: Sequence[Rule]) -> list[sa.ColumnElement[Any]]:
    return [
        sa.literal_column(one).label(f"r{at}")
        for at, one in enumerate(one for rule in rules for one in rule.asked)
    ]
