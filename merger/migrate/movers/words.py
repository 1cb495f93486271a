"""The words for the rows that landed ones refer to, turned into the target's keys by the ledger."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from merger.migrate.keys import as_target
from merger.migrate.ledger import WITHDRAWN, Ledger, of_few
from merger.migrate.movers.move import SOURCE_KEY, TARGET_KEY, Landed, Move
from merger.systems.expressions import Column
from merger.systems.functions import exact
from merger.systems.stores import Column as Reflected
from merger.systems.stores import Plain, TargetStore

RESOLVED = "merger_resolved"


class Words:
    """What words for rows mean, for an opened target."""

    def __init__(self, move: Move, target: TargetStore, ledger: Ledger) -> None:
        self.move = move
        self.target = target
        self.ledger = ledger
        self.survivors = self._survivors()

    def referred(
        self, found: sa.FromClause, word: Column, dataset_id: int, column: Reflected
    ) -> tuple[sa.FromClause, Column]:
        """The target's key of the row that a word means, by the ledger, which `found` is joined with."""
        row = self.ledger.row.alias()
        found = found.outerjoin(row, self._entered(row, dataset_id, word))
        key: Column = row.c.target_key
        if self.survivors is not None:
            elsewhere = self.survivors.alias()
            found = found.outerjoin(elsewhere, elsewhere.c.word == exact(word))
            key = sa.func.coalesce(elsewhere.c.target_key, key)
        return found, as_target(key, column, self.target)

    def resolved(
        self, landing: sa.TableClause, columns: Mapping[str, Landed], keys: Sequence[str] | None = None
    ) -> sa.TableClause:
        """These columns of the landed rows, or of those with these keys, by the rows' keys in the target, the
        words for other rows as keys."""
        move, row = self.move, self.ledger.row.alias("e")
        types: dict[str, Reflected | Plain] = {TARGET_KEY: move.target_key}
        here: Column = landing.c[SOURCE_KEY]
        few = of_few(row, here, self.target.connection)
        mine = sa.and_(row.c.dataset_id == move.dataset_id, row.c.source_key == here, few)
        found: sa.FromClause = sa.join(landing, row, mine)
        values: list[Column] = [as_target(row.c.target_key, move.target_key, self.target)]
        for name, one in columns.items():
            types[name] = one.column
            value: Column = landing.c[name]
            if one.refers is not None:
                found, value = self.referred(found, value, one.refers, one.column)
            values.append(value)
        self.target.land(RESOLVED, types, ())
        ready = self.target.landing(RESOLVED, types)
        asked = sa.select(*values).select_from(found)
        if keys is not None:
            asked = asked.where(landing.c[SOURCE_KEY].in_(keys))
        self.target.connection.execute(sa.insert(ready).from_select(list(types), asked))
        return ready

    def leave(self, landing: sa.TableClause, columns: Mapping[str, Landed]) -> int:
        """Takes out landed rows that refer, in these of the landed columns, to a row which did not move: it
        came, or they were turned to it, after the rows before them had been read. The next run moves them.
        Answers how many they are."""
        left: list[Column] = []
        for name, one in columns.items():
            if one.refers is not None:
                word: Column = landing.c[name]
                known = [sa.exists().where(self._entered(self.ledger.row, one.refers, word))]
                if self.survivors is not None:
                    known.append(sa.exists().where(self.survivors.c.word == exact(word)))
                left.append(sa.and_(word.is_not(None), sa.not_(sa.or_(*known))))
        if not left:
            return 0
        return self.target.connection.execute(sa.delete(landing).where(sa.or_(*left))).rowcount

    @staticmethod
    def _entered(row: sa.FromClause, dataset_id: int, word: Column) -> sa.ColumnElement[bool]:
        """Whether a row of the ledger is the one in the target that a word means."""
        return sa.and_(row.c.dataset_id == dataset_id, row.c.source_key == word, row.c.state != WITHDRAWN)

    def _survivors(self) -> sa.FromClause | None:
        if not self.move.survivors:
            return None
        kept: Plain = "bytes" if self.target.dialect == "sqlite" else "text"  # SQLite then keeps their types
        columns: dict[str, Plain] = {"word": "text", "target_key": kept}
        return self.target.literals("survivors", columns, self.move.survivors, key=["word"])
