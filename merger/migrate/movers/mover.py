"""Moves the batches of one dataset.

A batch's rows are *landed* in a scratch table of the target's session, with the words for the rows that they
refer to; from there they are put in set by set, in the transaction that also holds their rows in the ledger
and the batch's state. How they are landed depends on the pair of databases: over one connection that sees
both, or as lines through a pipe. From PostgreSQL or MariaDB into PostgreSQL, rows that refer to nothing are
not landed.
"""

import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from merger.migrate.failpoints import reach
from merger.migrate.keys import as_entered, as_value, is_here
from merger.migrate.ledger import WITHDRAWN, Batch, Ledger, Returning, of_few
from merger.migrate.movers.batch import BatchError, broken_rule
from merger.migrate.movers.move import (
    CHANGED,
    GONE,
    HASH,
    MERGED,
    PROVED,
    ROWS,
    SOURCE_KEY,
    TARGET_KEY,
    TIED,
    Landed,
    Move,
)
from merger.migrate.movers.source_rows import SourceRows
from merger.migrate.movers.words import Words
from merger.systems.expressions import Column
from merger.systems.functions import canonical, exact, row_hash
from merger.systems.stores import Store, TargetStore
from merger.systems.stores.failures import refusal_of

BROKEN_RULE = 4025
"""MariaDB's code for a row that a CHECK refuses, which its driver does not count among broken rules."""


class Mover:
    """Moves batches over an opened source and target. `reading`: as of `SourceRows`."""

    def __init__(
        self,
        move: Move,
        source: Store,
        target: TargetStore,
        ledger: Ledger | None = None,
        reading: AbstractContextManager[object] | None = None,
    ) -> None:
        self.move = move
        self.target = target
        self.ledger = ledger or Ledger(target.connection, target.schema)
        self.rows = SourceRows(move, source, target, self.ledger, reading)
        self.words = Words(move, target, self.ledger)
        self.columns = dict(zip(self.rows.names, move.columns, strict=True))

    def run(self, batch: Batch, worker: str = "") -> int:
        """Moves a batch. Answers how many rows were settled. Raises BatchError, DatabaseFailed."""
        started = time.monotonic()
        try:
            landed = self.rows.land(batch) if self.rows.lands_ahead(batch) else None
            with self.target.transaction():
                if not self.ledger.take_batch(batch.id, worker):
                    return self._settled(batch)
                settled = self._settle(batch, landed)
                rows = settled if batch.kind in (ROWS, TIED) else 0
                self.ledger.settle_batch(batch.id, rows, time.monotonic() - started)
                reach("in-batch")
                reach("before-batch-commit")
        except sa.exc.DBAPIError as error:
            told = getattr(error.orig, "args", ())[:1]
            by = refusal_of(error.orig) if error.orig is not None else None
            if by is None and not isinstance(error, sa.exc.IntegrityError) and told != (BROKEN_RULE,):
                raise
            named = broken_rule(error) or by
            what = f" ({named})" if named else ""
            raise self._error("migrate.batch-refused", batch=batch.number, what=what) from None
        reach("after-batch-commit")
        return settled

    def _settled(self, batch: Batch) -> int:
        """How many rows a batch settled that is done: by a worker that was killed before it could tell."""
        if batch.kind in (ROWS, TIED):
            rows = sa.select(self.ledger.batch.c.rows).where(self.ledger.batch.c.id == batch.id)
            return int(self.target.connection.execute(rows).scalar_one())
        noted = (self.ledger.row if batch.kind == MERGED else self.ledger.change).c
        asked = sa.select(sa.func.count()).where(
            noted.run == self.move.run, noted.dataset_id == self.move.dataset_id, noted.batch == batch.id
        )
        return self.target.connection.execute(asked).scalar_one()

    def _settle(self, batch: Batch, landed: "tuple[sa.TableClause, int] | None") -> int:
        """Answers how many rows were settled; those of `changed` and `gone` that the target changed
        meanwhile stay. `landed`: the batch's rows, where they landed ahead."""
        if batch.kind == GONE:
            return self._withdraw(batch)
        if batch.kind == CHANGED:
            landing, _ = self.rows.land(batch)
            return self._update(landing, batch)
        if batch.kind == TIED:
            return self._tie(self.rows.land(batch)[0])
        returning = Returning(self.ledger, self.move.dataset_id, batch.keys or ())
        put = (
            self.rows.copy(batch)
            if batch.kind == ROWS and self.rows.straight
            else self._put(batch, *(landed or self.rows.land(batch)))
        )
        returning.note(self.move.run, batch.id)
        if batch.kind == ROWS and self._altered:
            self._require(put, self._there(batch))
        return put

    @cached_property
    def _altered(self) -> bool:
        """Whether the target itself may change rows on their way in."""
        return self.target.alters(self.move.table)

    def _there(self, batch: Batch) -> int:
        """How many rows of a batch that was put in stand there as the ledger has them."""
        row, put = self.ledger.row, self.move.put.subquery("put")
        same = sa.and_(put.c.key == row.c.source_key, put.c.hash == row.c.row_hash)
        asked = sa.select(sa.func.count()).select_from(sa.join(row, put, same))
        mine = asked.where(row.c.dataset_id == self.move.dataset_id, row.c.batch == batch.id)
        return self.target.connection.execute(mine, {PROVED: batch.id}).scalar_one()

    def _require(self, expected: int, there: int) -> None:
        if there != expected:
            rows = expected - there
            raise self._error("migrate.batch-altered", table=self.move.table, expected=expected, rows=rows)

    def _put(self, batch: Batch, landing: sa.TableClause, landed: int) -> int:
        """Puts landed rows in and enters them into the ledger. Answers how many they are."""
        if batch.kind == ROWS:
            put = self._count(self._insert(landing, batch))
            if put != landed:
                early = {name: one for name, one in self.columns.items() if not one.late}
                landed -= self.words.leave(landing, early)
            if put != landed:
                raise self._error("migrate.batch-short", expected=landed, moved=put)
        else:
            self._require_same(landing, landed)
        entered = self._count(self._enter(landing, batch))
        if entered != landed:
            raise self._error("migrate.batch-short", expected=landed, moved=entered)
        return landed

    def _count(self, statement: sa.Insert) -> int:
        """Executes a statement; answers how many rows it put in."""
        return self.target.connection.execute(
            statement, execution_options={"preserve_rowcount": True}
        ).rowcount

    def _error(self, key: str, **fields: object) -> BatchError:
        return BatchError(key, system=self.move.system, dataset=self.move.dataset, **fields)

    # --- into the target

    def _landed_key(self, landing: sa.TableClause, batch: Batch) -> Column:
        """The target's key of a landed row, or the word for the row that it is merged into."""
        if not self.rows.numbered or batch.kind != ROWS:
            return landing.c[TARGET_KEY]
        assert batch.first_target is not None
        number: Column = sa.column("rowid", sa.BigInteger, _selectable=landing)
        return number + (batch.first_target - 1)

    def _insert(self, landing: sa.TableClause, batch: Batch) -> sa.Insert:
        """Puts the landed rows into their table; the words for other rows become the target's keys, but for
        those that are tied later. A word that means no row there is no NULL: its row is left."""
        found: sa.FromClause = landing
        values: list[Column] = [self._landed_key(landing, batch)]
        known: list[Column] = []
        for name, one in self.columns.items():
            value: Column = sa.null() if one.late else landing.c[name]
            if one.refers is not None and not one.late:
                found, value = self.words.referred(found, value, one.refers, one.column)
                known.append(sa.or_(landing.c[name].is_(None), value.is_not(None)))
            values.append(value)
        filled = [self.move.target_key.name, *[one.column.name for one in self.move.columns]]
        table = sa.table(self.move.table, *[sa.column(name) for name in filled], schema=self.target.schema)
        asked = sa.select(*values).select_from(found).where(*known)
        return self.target.insertion(table, filled, asked)

    def _enter(self, landing: sa.TableClause, batch: Batch) -> sa.Insert:
        """Enters the landed rows into the ledger, with their hashes."""
        move, row = self.move, self.ledger.row
        hash_ = (
            landing.c[HASH]
            if self.rows.lands_ahead(batch)
            else row_hash(self._landed_texts(landing, tied=batch.kind != ROWS))
        )
        found: sa.FromClause = landing
        key = self._landed_key(landing, batch)
        if batch.kind == MERGED:
            found, key = self.words.referred(found, key, move.dataset_id, move.target_key)
        entered = sa.select(
            sa.literal(move.dataset_id), landing.c[SOURCE_KEY],
            as_entered(key, move.target_key.kind, self.target),
            hash_, sa.literal(batch.kind == MERGED), sa.literal(move.run), sa.literal(batch.id),
        ).select_from(found)  # fmt: skip
        names = ["dataset_id", "source_key", "target_key", "row_hash", "merged", "run", "batch"]
        return sa.insert(row).from_select(names, entered)

    def _require_same(self, landing: sa.TableClause, landed: int) -> None:
        """Raises BatchError unless every landed row agrees, in what a rule asks for, with the row that it is
        merged into: both may have changed since the plan."""
        move = self.move
        found, key = self.words.referred(landing, landing.c[TARGET_KEY], move.dataset_id, move.target_key)
        table = sa.table(move.table, schema=self.target.schema).alias("t")
        here: Column = sa.column(move.target_key.name, _selectable=table)
        agree: dict[str, Column] = {}
        for name, one in self.columns.items():
            value: Column = landing.c[name]
            there: Column = sa.column(one.column.name, one.column.type, _selectable=table)
            if one.refers is not None:
                found, value = self.words.referred(found, value, one.refers, one.column)
            texts = [exact(canonical(each, one.column.kind, one.column.kind)) for each in (value, there)]
            agree[one.column.name] = texts[0] == texts[1]
        rules = [
            sa.and_(*[agree[name] for name in names]) for names in move.alike if set(names) <= set(agree)
        ]
        asked = sa.select(sa.func.count()).select_from(sa.join(found, table, here == key))
        same = self.target.connection.execute(asked.where(sa.or_(sa.false(), *rules))).scalar_one()
        if same != landed:
            raise self._error("migrate.merge-changed", rows=landed - same)

    def _landed_texts(self, landing: sa.TableClause, *, tied: bool = True) -> list[Column]:
        """What a row's hash is made of; before it is `tied`, its late references are NULL."""
        texts: list[Column] = []
        for name, one in self.columns.items():
            text: Column = landing.c[name]
            if one.late and not tied:
                text = sa.cast(sa.null(), sa.Text)
            elif one.refers is None:
                text = canonical(text, one.column.kind, one.column.kind)
            texts.append(text)
        return [landing.c[SOURCE_KEY], *texts]

    # --- changes of rows that were moved before

    def _update(self, landing: sa.TableClause, batch: Batch) -> int:
        """Brings changed rows over, where the target has them as they were moved, or as they are to be: what
        both sides changed to the same."""
        move = self.move
        self.words.leave(landing, self.columns)
        keys = [key for key, _ in self._as_moved(landing=landing)]
        if not keys:
            return 0
        there = self._fill(self.words.resolved(landing, self.columns, keys), self.columns)
        if there != len(keys):
            raise self._error("migrate.batch-short", expected=len(keys), moved=there)
        changed = (
            sa.select(
                landing.c[SOURCE_KEY].label("source_key"),
                row_hash(self._landed_texts(landing)).label("row_hash"),
            )
            .where(landing.c[SOURCE_KEY].in_(keys))
            .subquery("changed")
        )
        self.ledger.note_changes(move.run, move.dataset_id, batch.id, changed, "updated")
        if self._altered:
            self._require(len(keys), len(self._as_moved(keys)))
        return len(keys)

    def _fill(self, ready: sa.TableClause, columns: Mapping[str, Landed], *, empty: bool = False) -> int:
        """Fills columns of the rows that `ready` names by their keys in the target, or only what is `empty`
        of them. Answers how many of them the target has."""
        move = self.move
        names = [one.column.name for one in columns.values()]
        key = move.target_key.name
        known = self.target.columns(move.table)
        stamped = [name for name in known if known[name].stamped and name not in names]
        table = sa.table(move.table, *map(sa.column, (key, *names, *stamped)), schema=self.target.schema)
        here = table.c[key] == ready.c[TARGET_KEY]
        joined = sa.select(sa.func.count()).select_from(sa.join(table, ready, here))
        there = self.target.connection.execute(joined).scalar_one()
        values: dict[str, Column] = {name: table.c[name] for name in stamped}
        for name, column in zip(names, columns, strict=True):
            new: Column = ready.c[column]
            values[name] = sa.func.coalesce(table.c[name], new) if empty else new
        done = self.target.connection.execute(sa.update(table).values(values).where(here)).rowcount
        if done != there:
            raise self._error("migrate.batch-short", expected=there, moved=done)
        return there

    def _tie(self, landing: sa.TableClause) -> int:
        """Fills the late references of rows that were put in without them, and gives these the hashes of what
        they are now. A row whose source says something else than it did then, or that refers to a row which
        did not move, is left to the next run."""
        move, row = self.move, self.ledger.row
        self.words.leave(landing, self.columns)
        mine = sa.and_(row.c.dataset_id == move.dataset_id, row.c.source_key == landing.c[SOURCE_KEY])
        untied = row.c.row_hash == row_hash(self._landed_texts(landing, tied=False))
        as_put_in = sa.exists().where(mine, row.c.merged == sa.false(), row.c.state != WITHDRAWN, untied)
        self.target.connection.execute(sa.delete(landing).where(sa.not_(as_put_in)))
        before = len(self._as_moved(landing=landing)) if self._altered else 0
        late = {name: one for name, one in self.columns.items() if one.late}
        self._fill(self.words.resolved(landing, late), late, empty=True)
        few = of_few(row, landing.c[SOURCE_KEY], self.target.connection)
        hashed = sa.update(row).values(row_hash=row_hash(self._landed_texts(landing))).where(mine, few)
        tied = self.target.connection.execute(hashed).rowcount
        if self._altered:
            self._require(before, len(self._as_moved(landing=landing)))
        return tied

    def _withdraw(self, batch: Batch) -> int:
        """Takes out rows that the source does not have any more, where nobody changed them and nothing
        refers to them. Of merged rows, and of rows that the target does not have any more either, only the
        ledger is to know."""
        move = self.move
        absent = self._absent(batch.keys or ())
        self._note_withdrawn(batch, absent)
        chosen = self._as_moved(batch.keys or (), unreferred=True)
        if not chosen:
            return len(absent)
        key = move.target_key
        table = sa.table(move.table, sa.column(key.name), schema=self.target.schema)
        targets = [as_value(one, key, self.target) for _, one in chosen]
        done = self.target.connection.execute(sa.delete(table).where(table.c[key.name].in_(targets))).rowcount
        if done != len(chosen):
            raise self._error("migrate.batch-short", expected=len(chosen), moved=done)
        self._note_withdrawn(batch, [one for one, _ in chosen])
        return len(absent) + done

    def _note_withdrawn(self, batch: Batch, keys: Sequence[str]) -> None:
        if not keys:
            return
        move, row = self.move, self.ledger.row
        gone = (
            sa.select(row.c.source_key, row.c.row_hash)
            .where(row.c.dataset_id == move.dataset_id, row.c.source_key.in_(keys))
            .subquery("gone")
        )
        self.ledger.note_changes(move.run, move.dataset_id, batch.id, gone, WITHDRAWN)

    def _absent(self, keys: Sequence[str]) -> list[str]:
        """The keys in the source of those rows of the ledger that have no row of their own in the target."""
        row, now = self.ledger.row, self.move.now.subquery("now")
        asked = (
            sa.select(row.c.source_key)
            .select_from(sa.outerjoin(row, now, now.c.key == row.c.source_key))
            .where(row.c.dataset_id == self.move.dataset_id, row.c.source_key.in_(keys),
                   row.c.state != WITHDRAWN, now.c.key.is_(None))
        )  # fmt: skip
        return list(self.target.connection.execute(asked).scalars())

    def _as_moved(
        self,
        keys: Sequence[str] = (),
        *,
        landing: sa.TableClause | None = None,
        unreferred: bool = False,
    ) -> list[tuple[str, Any]]:
        """(key in the source, key in the target) of the moved rows with these keys that the target has as
        they were; of landed rows, also of those that it has as they landed."""
        row, now, key = self.ledger.row, self.move.now.subquery("now"), self.move.target_key
        rows: sa.FromClause = sa.join(row, now, now.c.key == row.c.source_key)
        wanted = [row.c.dataset_id == self.move.dataset_id]
        if landing is None:
            wanted += [row.c.source_key.in_(keys), now.c.hash == row.c.row_hash]
        else:
            rows = rows.join(landing, landing.c[SOURCE_KEY] == row.c.source_key)
            landed = row_hash(self._landed_texts(landing))
            wanted.append(of_few(row, landing.c[SOURCE_KEY], self.target.connection))
            wanted.append(sa.or_(now.c.hash == row.c.row_hash, now.c.hash == landed))
        asked = sa.select(row.c.source_key, row.c.target_key).select_from(rows).where(*wanted)
        if unreferred:
            asked = asked.where(
                *[
                    sa.not_(sa.exists().where(is_here(row.c.target_key, one, key, self.target)))
                    for one in self.move.referring
                ],
                self.ledger.nobody_merged_into(row, self.move.feeding),
            )
        return [(key, target) for key, target in self.target.connection.execute(asked)]
