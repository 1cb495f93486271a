"""Moves the batches of one dataset.

A batch's rows are *landed* in a scratch table of the target's session, with the words for the rows that they
refer to; from there they are put in set by set, in the transaction that also holds their rows in the ledger
and the batch's state. How they are landed depends on the pair of databases: over one connection that sees
both, or as lines through a pipe. From PostgreSQL or MariaDB into PostgreSQL, rows that refer to nothing are
not landed.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from merger.migrate.failpoints import reach
from merger.migrate.keys import as_entered, as_target, as_value
from merger.migrate.ledger import WITHDRAWN, Batch, Ledger, Returning
from merger.migrate.movers.batch import BatchError, read
from merger.migrate.movers.parting import parted
from merger.systems.expressions import Column, Typed
from merger.systems.functions import canonical, exact, fenced, row_digits, row_hash
from merger.systems.kinds import Kind
from merger.systems.stores import Column as Reflected
from merger.systems.stores import Plain, Store, TargetStore, piped

BROKEN_RULE = 4025
"""MariaDB's code for a row that a CHECK refuses, which its driver does not count among broken rules."""
SUMMED = 2**62
"""Keys beyond it are not added to: MariaDB has whole numbers up to 2**64."""
LANDING, RESOLVED = "merger_landing", "merger_resolved"
SOURCE_KEY, TARGET_KEY, HASH = "source_key", "target_key", "row_hash"
ROWS, MERGED, CHANGED, GONE = "rows", "merged", "changed", "gone"
"""Kinds of batches: rows that move, rows that are merged into others, rows that were moved and say something
else now, rows that were moved and that the source does not have any more."""


@dataclass(frozen=True)
class Landed:
    """One column that rows bring: the target's `column`, the value as the source has it, and its
    canonical text.

    `of`: what kind of value the source has. `refers`: the number in the ledger of the dataset whose rows it
    means; the text is then a word for one of them.
    """

    column: Reflected
    value: Column
    text: Column
    of: Kind
    refers: int | None

    @property
    def as_bytes(self) -> bool:
        """Whether what lands as lines is bytes, though the target's column may hold anything."""
        return self.refers is None and Kind.BYTES in (self.of, self.column.kind)


@dataclass(frozen=True)
class Move:
    """Everything that moving a dataset's batches needs; it can be sent to a worker.

    Of the source: where its rows stand with all that is joined to them, their key, which of them move and
    which are merged (`into`: the words for those that survive). Of the target: its table and its key's
    column, which is given out in order (`given_out`) or is the source's. `survivors`: the target's keys by
    the words for rows that stand elsewhere than in the dataset that is referred to; `now`: the moved rows
    (key, hash) as the target has them; `referring`: the columns that hold keys of its rows; `feeding`: the
    numbers in the ledger of the datasets that move into its table.
    """

    system: str
    dataset: str
    dataset_id: int
    run: str
    source: sa.FromClause
    key: Typed
    key_text: Column
    moves: Column
    into: Column | None
    table: str
    target_key: Reflected
    given_out: bool
    columns: tuple[Landed, ...]
    now: sa.Select[Any]
    referring: tuple[Column, ...]
    feeding: tuple[int, ...]
    survivors: tuple[tuple[str, object], ...]


class Mover:
    """Moves batches over an opened source and target."""

    def __init__(self, move: Move, source: Store, target: TargetStore, ledger: Ledger | None = None) -> None:
        self.move = move
        self.source = source
        self.target = target
        self.ledger = ledger or Ledger(target.connection, target.schema)
        self.shared = source.connection is target.connection
        self.numbered = self.shared and move.given_out
        """Whether rows land in the order of their keys and are numbered by SQLite itself as they do."""
        straight = target.dialect == "postgresql" and source.dialect in ("postgresql", "mariadb")
        self.straight = straight and all(
            one.refers is None
            and (not one.as_bytes or one.column.kind is Kind.BYTES)
            and one.column.kind is not Kind.NORMAL
            for one in move.columns
        )
        self.names = [f"c{number}" for number in range(len(move.columns))]
        self.survivors = self._survivors()

    def run(self, batch: Batch, worker: str = "") -> int:
        """Moves a batch. Answers how many rows were settled. Raises BatchError, DatabaseFailed."""
        started = time.monotonic()
        try:
            landed = self._land(batch) if self._lands_ahead(batch) else None
            with self.target.transaction():
                if not self.ledger.take_batch(batch.id, worker):
                    return self._settled(batch)
                settled = self._settle(batch, landed)
                rows = settled if batch.kind == ROWS else 0
                self.ledger.settle_batch(batch.id, rows, time.monotonic() - started)
                reach("in-batch")
                reach("before-batch-commit")
        except (sa.exc.IntegrityError, sa.exc.OperationalError) as error:
            told = getattr(error.orig, "args", ())[:1]
            if isinstance(error, sa.exc.OperationalError) and told != (BROKEN_RULE,):
                raise
            raise self._error("migrate.batch-refused", batch=batch.number) from None
        reach("after-batch-commit")
        return settled

    def _settled(self, batch: Batch) -> int:
        """How many rows a batch settled that is done: by a worker that was killed before it could tell."""
        if batch.kind == ROWS:
            rows = sa.select(self.ledger.batch.c.rows).where(self.ledger.batch.c.id == batch.id)
            return int(self.target.connection.execute(rows).scalar_one())
        noted = (self.ledger.row if batch.kind == MERGED else self.ledger.change).c
        asked = sa.select(sa.func.count()).where(
            noted.run == self.move.run, noted.dataset_id == self.move.dataset_id, noted.batch == batch.id
        )
        return self.target.connection.execute(asked).scalar_one()

    def _lands_ahead(self, batch: Batch) -> bool:
        """Whether rows land, hashed, before the transaction begins: a file of SQLite is written by one at a
        time, and another worker can make its batch ready meanwhile."""
        return self.shared and batch.kind == ROWS

    def _settle(self, batch: Batch, landed: "tuple[sa.TableClause, int] | None") -> int:
        """Answers how many rows were settled; those of `changed` and `gone` that the target changed
        meanwhile stay. `landed`: the batch's rows, where they landed ahead."""
        if batch.kind == GONE:
            return self._withdraw(batch)
        if batch.kind == CHANGED:
            landing, _ = self._land(batch)
            return self._update(landing, batch)
        returning = Returning(self.ledger, self.move.dataset_id, batch.keys or ())
        put = (
            self._copy(batch)
            if batch.kind == ROWS and self.straight
            else self._put(batch, *(landed or self._land(batch)))
        )
        returning.note(self.move.run, batch.id)
        return put

    def _put(self, batch: Batch, landing: sa.TableClause, landed: int) -> int:
        """Puts landed rows in and enters them into the ledger. Answers how many they are."""
        if batch.kind == ROWS:
            put = self._count(self._insert(landing, batch))
            if put != landed:
                raise self._error("migrate.batch-short", expected=landed, moved=put)
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

    # --- from the source

    def _land(self, batch: Batch) -> tuple[sa.TableClause, int]:
        """The batch's rows in a scratch table of the target's session, and how many they are."""
        move = self.move
        types: dict[str, Reflected | Plain] = {SOURCE_KEY: "text"}
        columns: list[Column] = [move.key_text.label(SOURCE_KEY)]
        if batch.kind == MERGED:
            assert move.into is not None
            types[TARGET_KEY] = "text"
            columns.append(move.into.label(TARGET_KEY))
        elif batch.kind == ROWS and not self.numbered:
            types[TARGET_KEY] = move.target_key
            columns.append(self._target_key(batch).label(TARGET_KEY))
        if self._lands_ahead(batch):
            types[HASH] = "bytes"
            columns.append(self._hash.label(HASH))
        for name, one in zip(self.names, move.columns, strict=True):
            types[name] = "text" if one.refers is not None else one.column
            if one.as_bytes and not self.shared and one.column.kind is not Kind.BYTES:
                types[name] = "bytes"
            columns.append(self._landed(one).label(name))
        asked = self._asked(batch, columns)
        if self.shared:
            landed = self.target.land_select(LANDING, types, asked)
        else:
            landed = self._piped(asked, lambda lines: self.target.land(LANDING, types, lines))
        return self.target.landing(LANDING, types), landed

    def _asked(self, batch: Batch, columns: Sequence[Column]) -> sa.Select[Any]:
        """Columns of the batch's rows. Rows that came into its range later are the next run's."""
        asked = sa.select(*columns).select_from(self.move.source).where(self._of(batch))
        if batch.kind == ROWS and batch.first_target is not None and not self._gapless(batch):
            return asked.order_by(self.move.key.sql).limit(batch.expected)
        return asked

    def _piped(self, asked: sa.Select[Any], load: Callable[[Iterator[bytes]], int]) -> int:
        return piped(self.source.lines(asked), load, in_step=self.target.in_step)

    def _copy(self, batch: Batch) -> int:
        """Rows that refer to nothing, straight into their table, and the entries that came with them into the
        ledger; the source hashes what it gives, so that a later look at the target tells what became."""
        move, table = self.move, self.ledger.row
        made, target, source_key, texts = self._made(batch)
        landed = [
            sa.literal("\\x").concat(text) if one.as_bytes else text
            for one, text in zip(move.columns, texts, strict=True)
        ]
        columns = [target, *landed, source_key, target, row_digits([source_key, *texts])]
        line = made.with_only_columns(
            *[one.label(f"c{number}") for number, one in enumerate(columns)], maintain_column_froms=True
        )
        filled = [move.target_key.name, *[one.column.name for one in move.columns]]
        entries: list[bytes] = []
        constant = f"{move.dataset_id}\tf\t{move.run}\t{batch.id}".encode()
        put = self._piped(
            line, lambda lines: self.target.copy_into(move.table, filled, parted(lines, entries, constant))
        )
        names = ["source_key", "target_key", "row_hash", "dataset_id", "merged", "run", "batch"]
        entered = self.target.copy_into(table.name, names, entries)
        if entered != put:
            raise self._error("migrate.batch-short", expected=put, moved=entered)
        return put

    def _made(self, batch: Batch) -> tuple[sa.Select[Any], Column, Column, list[Column]]:
        """A select of the batch's rows, and of what their lines are made there: the key in the target, the
        key in the source, the texts. PostgreSQL computes each once (0.9 s a million rows of 13 columns
        less); MariaDB would write them into a table."""
        move = self.move
        made = [self._target_key(batch), move.key_text, *[one.text for one in move.columns]]
        asked = self._asked(batch, made)
        if self.source.dialect == "postgresql":
            labelled = [one.label(f"m{number}") for number, one in enumerate(made)]
            rows = fenced(self._asked(batch, labelled), "made")
            made = list(rows.c)
            asked = sa.select(*made)
        return asked, made[0], made[1], made[2:]

    def _target_key(self, batch: Batch) -> Column:
        move = self.move
        if not move.given_out:
            return (
                move.key.sql if self.shared else canonical(move.key.sql, move.target_key.kind, move.key.kind)
            )
        assert batch.first_target is not None
        if self._gapless(batch):
            number = sa.cast(move.key.sql, sa.BigInteger) + (batch.first_target - read(batch.first_key))
            return sa.cast(number, sa.Text)
        number = sa.func.row_number().over(order_by=move.key.sql) + (batch.first_target - 1)
        return number if self.shared else sa.cast(number, sa.Text)

    @property
    def _hash(self) -> Column:
        """The hash of a row, by what the source has."""
        return row_hash([self.move.key_text, *[one.text for one in self.move.columns]])

    def _gapless(self, batch: Batch) -> bool:
        """Whether the batch's rows have all the whole numbers of its range for keys. Each row's key in the
        target then follows from its own, and rows need not be sorted (a second a million rows)."""
        if self.numbered or batch.keys is not None or not isinstance(self.move.key.sql.type, sa.Integer):
            return False
        first, last = read(batch.first_key), read(batch.last_key)
        return bool(-SUMMED < first <= last < SUMMED and last - first + 1 == batch.expected)

    def _landed(self, one: Landed) -> Column:
        if self.shared and one.refers is None:
            return one.value
        digits = one.as_bytes and one.column.kind is Kind.BYTES
        return sa.literal("\\x").concat(one.text) if digits else one.text

    def _of(self, batch: Batch) -> Column:
        """Which rows of the source are the batch's."""
        move = self.move
        if batch.kind == MERGED:
            assert move.into is not None
            chosen: list[Column] = [move.into.is_not(None)]
        else:
            chosen = [move.moves]
        if batch.keys is not None:
            keys = self.source.literals(
                "batch_keys", {"key": "text"}, [(one,) for one in batch.keys], key=["key"]
            )
            chosen.append(exact(move.key_text).in_(sa.select(exact(keys.c.key))))
        else:
            chosen.append(move.key.sql.between(read(batch.first_key), read(batch.last_key)))
        return sa.and_(*chosen)

    # --- into the target

    def _landed_key(self, landing: sa.TableClause, batch: Batch) -> Column:
        """The target's key of a landed row, or the word for the row that it is merged into."""
        if not self.numbered or batch.kind != ROWS:
            return landing.c[TARGET_KEY]
        assert batch.first_target is not None
        number: Column = sa.column("rowid", sa.BigInteger, _selectable=landing)
        return number + (batch.first_target - 1)

    def _insert(self, landing: sa.TableClause, batch: Batch) -> sa.Insert:
        """Puts the landed rows into their table; the words for other rows become the target's keys."""
        found: sa.FromClause = landing
        values: list[Column] = [self._landed_key(landing, batch)]
        for name, one in zip(self.names, self.move.columns, strict=True):
            value: Column = landing.c[name]
            if one.refers is not None:
                found, value = self._referred(found, value, one.refers, one.column)
            values.append(value)
        filled = [self.move.target_key.name, *[one.column.name for one in self.move.columns]]
        table = sa.table(self.move.table, *[sa.column(name) for name in filled], schema=self.target.schema)
        return sa.insert(table).from_select(filled, sa.select(*values).select_from(found))

    def _referred(
        self, found: sa.FromClause, word: Column, dataset_id: int, column: Reflected
    ) -> tuple[sa.FromClause, Column]:
        """The target's key of the row that a word means, by the ledger."""
        row = self.ledger.row.alias()
        found = found.outerjoin(row, sa.and_(row.c.dataset_id == dataset_id, row.c.source_key == word))
        key: Column = row.c.target_key
        if self.survivors is not None:
            elsewhere = self.survivors.alias()
            found = found.outerjoin(elsewhere, elsewhere.c.word == exact(word))
            key = sa.func.coalesce(elsewhere.c.target_key, key)
        return found, as_target(key, column, self.target)

    def _enter(self, landing: sa.TableClause, batch: Batch) -> sa.Insert:
        """Enters the landed rows into the ledger, with their hashes."""
        move, row = self.move, self.ledger.row
        hash_ = landing.c[HASH] if self._lands_ahead(batch) else row_hash(self._landed_texts(landing))
        found: sa.FromClause = landing
        key = self._landed_key(landing, batch)
        if batch.kind == MERGED:
            found, key = self._referred(found, key, move.dataset_id, move.target_key)
        entered = sa.select(
            sa.literal(move.dataset_id), landing.c[SOURCE_KEY],
            as_entered(key, move.target_key.kind, self.target),
            hash_, sa.literal(batch.kind == MERGED), sa.literal(move.run), sa.literal(batch.id),
        ).select_from(found)  # fmt: skip
        names = ["dataset_id", "source_key", "target_key", "row_hash", "merged", "run", "batch"]
        return sa.insert(row).from_select(names, entered)

    def _landed_texts(self, landing: sa.TableClause) -> list[Column]:
        """What a row's hash is made of."""
        texts: list[Column] = [
            landing.c[name]
            if one.refers is not None
            else canonical(landing.c[name], one.column.kind, one.column.kind)
            for name, one in zip(self.names, self.move.columns, strict=True)
        ]
        return [landing.c[SOURCE_KEY], *texts]

    # --- changes of rows that were moved before

    def _update(self, landing: sa.TableClause, batch: Batch) -> int:
        """Brings changed rows over, where the target has them as they were moved."""
        move = self.move
        keys = [key for key, _ in self._as_moved(sa.select(landing.c[SOURCE_KEY]))]
        if not keys:
            return 0
        ready = self._resolved(landing, keys)
        names = [one.column.name for one in move.columns]
        key = move.target_key.name
        table = sa.table(move.table, *map(sa.column, (key, *names)), schema=self.target.schema)
        here = table.c[key] == ready.c[TARGET_KEY]
        joined = sa.select(sa.func.count()).select_from(sa.join(table, ready, here))
        there = self.target.connection.execute(joined).scalar_one()
        if there != len(keys):
            raise self._error("migrate.batch-short", expected=len(keys), moved=there)
        values = {name: ready.c[column] for name, column in zip(names, self.names, strict=True)}
        self.target.connection.execute(sa.update(table).values(values).where(here))
        changed = (
            sa.select(
                landing.c[SOURCE_KEY].label("source_key"),
                row_hash(self._landed_texts(landing)).label("row_hash"),
            )
            .where(landing.c[SOURCE_KEY].in_(keys))
            .subquery("changed")
        )
        self.ledger.note_changes(move.run, move.dataset_id, batch.id, changed, "updated")
        return len(keys)

    def _resolved(self, landing: sa.TableClause, keys: Sequence[str]) -> sa.TableClause:
        """The landed rows with these keys by their keys in the target, the words for other rows as keys."""
        move, row = self.move, self.ledger.row.alias("e")
        types: dict[str, Reflected | Plain] = {TARGET_KEY: move.target_key}
        mine = sa.and_(row.c.dataset_id == move.dataset_id, row.c.source_key == landing.c[SOURCE_KEY])
        found: sa.FromClause = sa.join(landing, row, mine)
        values: list[Column] = [as_target(row.c.target_key, move.target_key, self.target)]
        for name, one in zip(self.names, move.columns, strict=True):
            types[name] = one.column
            value: Column = landing.c[name]
            if one.refers is not None:
                found, value = self._referred(found, value, one.refers, one.column)
            values.append(value)
        self.target.land(RESOLVED, types, ())
        ready = self.target.landing(RESOLVED, types)
        asked = sa.select(*values).select_from(found).where(landing.c[SOURCE_KEY].in_(keys))
        self.target.connection.execute(sa.insert(ready).from_select(list(types), asked))
        return ready

    def _withdraw(self, batch: Batch) -> int:
        """Takes out rows that the source does not have any more, where nobody changed them and nothing
        refers to them."""
        move, row = self.move, self.ledger.row
        chosen = self._as_moved(batch.keys or (), unreferred=True)
        if not chosen:
            return 0
        key = move.target_key
        table = sa.table(move.table, sa.column(key.name), schema=self.target.schema)
        targets = [as_value(one, key) for _, one in chosen]
        done = self.target.connection.execute(sa.delete(table).where(table.c[key.name].in_(targets))).rowcount
        gone = (
            sa.select(row.c.source_key, row.c.row_hash)
            .where(row.c.dataset_id == move.dataset_id, row.c.source_key.in_([one for one, _ in chosen]))
            .subquery("gone")
        )
        self.ledger.note_changes(move.run, move.dataset_id, batch.id, gone, WITHDRAWN)
        return done

    def _as_moved(
        self, keys: Sequence[str] | sa.Select[tuple[str]], *, unreferred: bool = False
    ) -> list[tuple[str, Any]]:
        """(key in the source, key in the target) of the moved rows that the target has as they were."""
        row, now = self.ledger.row, self.move.now.subquery("now")
        there = as_target(row.c.target_key, self.move.target_key, self.target)
        asked = (
            sa.select(row.c.source_key, row.c.target_key)
            .select_from(sa.join(row, now, now.c.key == row.c.source_key))
            .where(row.c.dataset_id == self.move.dataset_id, row.c.source_key.in_(keys),
                   now.c.hash == row.c.row_hash)
        )  # fmt: skip
        if unreferred:
            asked = asked.where(
                *[sa.not_(sa.exists().where(one == there)) for one in self.move.referring],
                self.ledger.nobody_merged_into(row, self.move.feeding),
            )
        return [(key, target) for key, target in self.target.connection.execute(asked)]

    def _survivors(self) -> sa.FromClause | None:
        if not self.move.survivors:
            return None
        whole = all(isinstance(key, int) for _, key in self.move.survivors)
        columns: dict[str, Plain] = {"word": "text", "target_key": "integer" if whole else "text"}
        return self.target.literals("survivors", columns, self.move.survivors, key=["word"])
