"""The table `merger_file` of a target's ledger, as the moving of files uses it."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields

import sqlalchemy as sa

from merger.migrate.filing.model import FileRow
from merger.migrate.ledger import WITHDRAWN, Ledger
from merger.migrate.lock import Require
from merger.systems.stores import TargetStore

_COLUMNS = tuple(one.name for one in fields(FileRow))
_ID = ("dataset_id", "source_key", "path_sha256")
LOOKED_UP = 1000


def free() -> None:
    """Nothing that could be lost is held."""


@dataclass(frozen=True)
class FileCounts:
    """What the ledger has of a dataset's files of a run: by its state how many, and the bytes that were
    copied; of those that are held, how many by why."""

    states: dict[str, int]
    bytes: int
    held: dict[str, int]


class LedgerFiles:
    """A FileLedger (`filing.book`) in the ledger of an open target. `require`: raises where the run has lost
    its lock; asked before anything is written."""

    def __init__(self, target: TargetStore, ledger: Ledger, require: Require = free) -> None:
        self.target = target
        self.ledger = ledger
        self.require = require
        self.table = ledger.file

    def known(self, dataset_id: int, source_keys: Sequence[str]) -> Iterable[FileRow]:
        """The rows of some source keys of a dataset, of every run."""
        if not self.ledger.there:
            return []
        here = self.table.c
        asked = sa.select(*[here[name] for name in _COLUMNS]).where(
            here.dataset_id == dataset_id, here.source_key.in_(source_keys)
        )
        return [FileRow(*one) for one in self.ledger.connection.execute(asked)]

    def keep(self, rows: Sequence[FileRow]) -> None:
        """Adds rows, or puts them in the place of those that there are."""
        if rows:
            self.require()
            with self.target.transaction():
                self._delete(rows)
                self.ledger.connection.execute(sa.insert(self.table), [asdict(row) for row in rows])

    def forget(self, rows: Sequence[FileRow]) -> None:
        """Takes rows out."""
        if rows:
            self.require()
            with self.target.transaction():
                self._delete(rows)

    def named_by_others(self, target_sha256: Sequence[str], run: str) -> Iterable[str]:
        """Which of these target paths rows of other runs name as `done` or `there`."""
        here = self.table.c
        asked = (
            sa.select(here.target_sha256)
            .distinct()
            .where(here.target_sha256.in_(target_sha256), here.run != run, here.state.in_(("done", "there")))
        )
        return [str(one) for one in self.ledger.connection.execute(asked).scalars()]

    def of_run(self, dataset_id: int, run: str, keys: Sequence[str]) -> set[str]:
        """Those of the keys whose files a run has noted."""
        here = self.table.c
        asked = sa.select(here.source_key).where(
            here.dataset_id == dataset_id, here.run == run, here.source_key.in_(keys)
        )
        return set(self.ledger.connection.execute(asked).scalars())

    def left_of(self, dataset_id: int, run: str, *, except_: Sequence[str] = ()) -> list[str]:
        """The keys of rows whose files a run has still noted, in other states than these."""
        here = self.table.c
        asked = sa.select(here.source_key).where(
            here.dataset_id == dataset_id, here.run == run, here.state.not_in(except_)
        )
        return list(self.ledger.connection.execute(asked.order_by(here.source_key)).scalars())

    def counts(self, dataset_id: int, run: str) -> FileCounts:
        """The files of rows that a run moved or changed."""
        here = self.table.c
        asked = (
            sa.select(here.state, here.why, sa.func.count(), sa.func.sum(here.copied))
            .select_from(self._joined())
            .where(here.dataset_id == dataset_id, self._touched(run))
            .group_by(here.state, here.why)
        )
        states: dict[str, int] = {}
        held: dict[str, int] = {}
        size = 0
        for state, why, files, copied in self.ledger.connection.execute(asked):
            states[state] = states.get(state, 0) + files
            size += int(copied)
            if state == "held":
                held[why] = files
        return FileCounts(states, size, dict(sorted(held.items())))

    def unfinished(self, run: str) -> bool:
        """Whether any file of the rows that a run moved or changed is not in the target yet."""
        here = self.table.c
        asked = sa.select(here.id).select_from(self._joined())
        asked = asked.where(self._touched(run), here.state.not_in(("done", "there"))).limit(1)
        return self.ledger.connection.execute(asked).first() is not None

    def changed_by(self, dataset_id: int, run: str) -> list[str]:
        """The runs that moved rows which `run` changed since."""
        row = self.ledger.row.c
        asked = sa.select(row.run).where(row.dataset_id == dataset_id, row.changed_by == run, row.run != run)
        return sorted(self.ledger.connection.execute(asked.distinct()).scalars())

    def of_withdrawn(self, dataset_id: int, run: str) -> list[FileRow]:
        """The files of the rows that `run` withdrew."""
        here, row = self.table.c, self.ledger.row.c
        asked = (
            sa.select(*[here[name] for name in _COLUMNS])
            .select_from(self._joined())
            .where(here.dataset_id == dataset_id, row.changed_by == run, row.state == WITHDRAWN)
            .order_by(here.source_key)
        )
        return [FileRow(*one) for one in self.ledger.connection.execute(asked)]

    def _delete(self, rows: Sequence[FileRow]) -> None:
        here = self.table.c
        gone = sa.delete(self.table).where(*[here[name] == sa.bindparam(f"its_{name}") for name in _ID])
        self.ledger.connection.execute(
            gone, [{f"its_{name}": getattr(row, name) for name in _ID} for row in rows]
        )

    def _joined(self) -> sa.FromClause:
        here, row = self.table.c, self.ledger.row
        return sa.join(
            self.table, row, sa.and_(row.c.dataset_id == here.dataset_id, row.c.source_key == here.source_key)
        )

    def _touched(self, run: str) -> sa.ColumnElement[bool]:
        row = self.ledger.row.c
        return sa.or_(row.run == run, row.changed_by == run)
