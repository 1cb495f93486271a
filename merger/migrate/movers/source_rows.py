"""The rows of a batch as they come from the source: landed, or straight into their table."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import sqlalchemy as sa

from merger.migrate.keys import between, edge_from
from merger.migrate.ledger import Batch, Ledger
from merger.migrate.movers.batch import BatchError, read
from merger.migrate.movers.move import HASH, MERGED, ROWS, SOURCE_KEY, TARGET_KEY, TIED, Landed, Move
from merger.migrate.movers.parting import ENTRY, numbered, parted
from merger.systems.canonical import BLOB
from merger.systems.expressions import Column
from merger.systems.functions import canonical, exact, fenced, file_digits, row_digits, row_hash
from merger.systems.kinds import Kind
from merger.systems.stores import Column as Reflected
from merger.systems.stores import Plain, Store, TargetStore, piped
from merger.systems.stores.lines import each

LANDING = "merger_landing"
SUMMED = 2**62
"""Keys beyond it are not added to: MariaDB has whole numbers up to 2**64."""


class SourceRows:
    """What of a move is asked of the source, for an opened source and target.

    `shared`: one connection reaches both. `numbered`: rows land in the order of their keys, and SQLite itself
    numbers them as they do. `straight`: they need not land (`copy`). `names`: of the landed columns.
    `reading` is held while the source is asked, which others read by turns (`turns`).
    """

    def __init__(
        self,
        move: Move,
        source: Store,
        target: TargetStore,
        ledger: Ledger,
        reading: AbstractContextManager[object] | None = None,
    ) -> None:
        self.move = move
        self.source = source
        self.target = target
        self.ledger = ledger
        self.reading = reading or nullcontext()
        self.shared = source.connection is target.connection
        self.numbered = self.shared and move.given_out
        straight = target.dialect == "postgresql" and source.dialect in ("postgresql", "mariadb")
        self.straight = bool(straight and move.columns) and all(
            one.refers is None
            and (not one.as_bytes or one.column.kind is Kind.BYTES)
            and one.column.kind is not Kind.NORMAL
            for one in move.columns
        )
        self.names = [f"c{number}" for number in range(len(move.columns))]

    def lands_ahead(self, batch: Batch) -> bool:
        """Whether rows land, hashed, before the transaction begins: a file of SQLite is written by one at a
        time, and another worker can make its batch ready meanwhile."""
        return self.shared and batch.kind == ROWS

    def land(self, batch: Batch) -> tuple[sa.TableClause, int]:
        """The batch's rows in a scratch table of the target's session, and how many they are."""
        move = self.move
        types: dict[str, Reflected | Plain] = {}
        columns: list[Column] = []
        if batch.kind == MERGED:
            assert move.into is not None
            types[TARGET_KEY] = "text"
            columns.append(move.into.label(TARGET_KEY))
        elif batch.kind == ROWS and not self.numbered:
            kept_bytes = move.key.kind is Kind.BYTES and not move.given_out
            types[TARGET_KEY] = "bytes" if kept_bytes else move.target_key
            if not self._counts(batch):
                columns.append(self._target_key(batch).label(TARGET_KEY))
        types[SOURCE_KEY] = "text"
        columns.append(move.key_text.label(SOURCE_KEY))
        if self.lands_ahead(batch):
            types[HASH] = "bytes"
            columns.append(self._hash.label(HASH))
        for name, one in zip(self.names, move.columns, strict=True):
            types[name] = "text" if one.refers is not None else one.column
            if one.as_bytes and not self.shared and one.column.kind is not Kind.BYTES:
                types[name] = "bytes"
            columns.append(self._landed(one).label(name))
        with self.reading:
            asked = self._asked(batch, columns)
            if self.shared:
                landed = self.target.land_select(LANDING, types, asked)
            else:
                landed = piped(
                    self._lines(batch, asked),
                    lambda lines: self.target.land(LANDING, types, lines),
                    in_step=self.target.in_step,
                )
        if batch.kind != ROWS:
            self.target.look_up_landed(LANDING, SOURCE_KEY)
        return self.target.landing(LANDING, types), landed

    def _asked(self, batch: Batch, columns: Sequence[Column]) -> sa.Select[Any]:
        """Columns of the batch's rows. Rows that came into its range later are the next run's."""
        asked = sa.select(*columns).select_from(self.move.source).where(self._of(batch))
        if batch.kind == ROWS and batch.first_target is not None and not self._gapless(batch):
            return asked.order_by(*self.move.order).limit(batch.expected)
        return asked

    def _lines(self, batch: Batch, asked: sa.Select[Any]) -> Iterator[bytes]:
        lines = self.source.lines(asked)
        if not self._counts(batch):
            return lines
        assert batch.first_target is not None
        return numbered(lines, batch.first_target)

    def _rows(self, batch: Batch, asked: sa.Select[Any]) -> Iterator[list[bytes]]:
        return each(self._lines(batch, asked)) if self._counts(batch) else self.source.rows(asked)

    def copy(self, batch: Batch) -> int:
        """Rows that refer to nothing, straight into their table, and the entries that came with them into the
        ledger; the source hashes what it gives, so that a later look at the target tells what became."""
        entries: list[bytes] = []
        with self.reading:
            put = self._copied(batch, entries)
        names = [*ENTRY, "dataset_id", "merged", "run", "batch"]
        entered = self.target.copy_into(self.ledger.row.name, names, entries)
        if entered != put:
            raise BatchError(
                "migrate.batch-short",
                system=self.move.system, dataset=self.move.dataset, expected=entered, moved=put,
            )  # fmt: skip
        return put

    def _copied(self, batch: Batch, entries: list[bytes]) -> int:
        """Puts the rows into their table, and what the ledger is to have of them into `entries`."""
        move = self.move
        made, target, source_key, texts, values = self._made(batch)
        landed = [
            self._line_text(one, sa.literal(BLOB).concat(text) if one.as_bytes else text, value)
            for one, text, value in zip(move.columns, texts, values, strict=True)
        ]
        columns = [*target, row_digits([source_key, *texts]), source_key, *landed]
        line = made.with_only_columns(
            *[one.label(f"c{number}") for number, one in enumerate(columns)], maintain_column_froms=True
        )
        filled = [move.target_key.name, *[one.column.name for one in move.columns]]
        constant = f"{move.dataset_id}\tf\t{move.run}\t{batch.id}".encode()
        return piped(
            self._rows(batch, line),
            lambda rows: self.target.copy_into(move.table, filled, parted(rows, entries, constant)),
            in_step=self.target.in_step,
        )

    def _made(self, batch: Batch) -> tuple[sa.Select[Any], list[Column], Column, list[Column], list[Column]]:
        """A select of the batch's rows, and of what their lines are made there: the key in the target (none
        where lines are counted), the key in the source, the texts, the values. PostgreSQL computes each once
        (0.9 s a million rows of 13 columns less); MariaDB would write them into a table."""
        move = self.move
        target = [] if self._counts(batch) else [self._target_key(batch)]
        values = [one.value for one in move.columns] if move.files else []
        made = [*target, move.key_text, *[one.text for one in move.columns], *values]
        asked = self._asked(batch, made)
        if self.source.dialect == "postgresql":
            labelled = [one.label(f"m{number}") for number, one in enumerate(made)]
            made = list(fenced(self._asked(batch, labelled), "made").c)
            asked = sa.select(*made)
        at, end = len(target), len(target) + 1 + len(move.columns)
        return asked, made[:at], made[at], made[at + 1 : end], made[end:] or made[at + 1 : end]

    def _line_text(self, one: Landed, text: Column, value: Column) -> Column:
        """A column's text in lines. `value`: that of which it is the text."""
        return file_digits(text, value) if self.move.files and one.may_be_files else text

    def _target_key(self, batch: Batch) -> Column:
        move = self.move
        if not move.given_out:
            if self.shared:
                return move.key.sql
            text = canonical(move.key.sql, move.target_key.kind, move.key.kind)
            return sa.literal(BLOB).concat(text) if move.target_key.kind is Kind.BYTES else text
        assert batch.first_target is not None
        if self._gapless(batch):
            number = sa.cast(move.key.sql, sa.BigInteger) + (batch.first_target - read(batch.first_key))
            return sa.cast(number, sa.Text)
        number = sa.func.row_number().over(order_by=move.order) + (batch.first_target - 1)
        return number if self.shared else sa.cast(number, sa.Text)

    @property
    def _hash(self) -> Column:
        """The hash of a row that is put in, by what the source has: without late references."""
        texts = [sa.cast(sa.null(), sa.Text) if one.late else one.text for one in self.move.columns]
        return row_hash([self.move.key_text, *texts])

    def _counts(self, batch: Batch) -> bool:
        """Whether lines get their keys in the target on their way: MariaDB and SQLite would write all rows
        into a table only to number them (MariaDB: 5 s a million rows)."""
        dear = self.source.dialect in ("mariadb", "sqlite") and not self.shared
        return dear and batch.kind == ROWS and self.move.given_out and not self._gapless(batch)

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
        text = sa.literal(BLOB).concat(one.text) if digits else one.text
        return self._line_text(one, text, one.value)

    def _of(self, batch: Batch) -> Column:
        """Which rows of the source are the batch's."""
        move = self.move
        if batch.kind == MERGED:
            assert move.into is not None
            chosen: list[Column] = [move.into.is_not(None)]
        else:
            chosen = [move.moves]
        if batch.kind == TIED:
            chosen.append(sa.or_(*[one.text.is_not(None) for one in move.columns if one.late]))
        if batch.keys is not None:
            keys = self.source.literals(
                "batch_keys", {"key": "text"}, [(one,) for one in batch.keys], key=["key"]
            )
            chosen.append(exact(move.key_text).in_(sa.select(exact(keys.c.key))))
        else:
            first, last = (edge_from(read(one), move.key, self.source)
                           for one in (batch.first_key, batch.last_key))  # fmt: skip
            chosen.append(between(move.order, first, last))
        return sa.and_(*chosen)
