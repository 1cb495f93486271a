"""What every place that counts keys can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

import sqlalchemy as sa

from merger.errors import Refused
from merger.systems.expressions import Column

if TYPE_CHECKING:
    from merger.systems.profile import Dataset


@dataclass(frozen=True)
class Reserved:
    """A block of `size` keys from `first` on, which the platform gives to nobody. `before` and `after`: what
    the counter said before and after it was reserved."""

    first: int
    size: int
    before: int
    after: int


LAST = 2**63 - 1
"""The greatest key that every database can give out."""
Note = Callable[[Reserved], None]
"""Told of keys that are about to be taken."""


@dataclass(frozen=True)
class Place(ABC):
    """Something that remembers the last key given out for a dataset's table. `lasting`: what is taken stays
    taken, also when the transaction is taken back."""

    lasting: ClassVar[bool] = False
    connection: sa.Connection
    dataset: Dataset
    schema: str | None

    @property
    def step(self) -> int:
        """How far apart the keys are that it gives out; those between belong to who got the one before or
        after."""
        return 1

    @property
    def can_go_back(self) -> bool:
        """Whether nobody can use it unseen while it is held."""
        return True

    @abstractmethod
    def kept(self) -> int | None:
        """The last key given out, None where there is no such counter."""

    @abstractmethod
    def advance(self, value: int) -> None:
        """Lets the next key be after `value`."""

    @contextmanager
    def alone(self) -> Iterator[Self]:
        """The place while nobody else gets a key from it."""
        yield self

    def highest(self) -> int:
        """The highest key in use, 0 where there is none."""
        key: Column = sa.column(self.dataset.key[0])
        table = sa.table(self.dataset.table, schema=self.schema)
        found = self.connection.execute(sa.select(sa.func.max(key)).select_from(table)).scalar()
        return self.number(found) or 0

    def number(self, found: object) -> int | None:
        """A key as a counter or a table holds it. Raises Refused for one that is no number."""
        try:
            return None if found is None else int(found)  # type: ignore[call-overload]
        except (TypeError, ValueError, OverflowError):
            raise Refused("migrate.no-number", table=self.dataset.table) from None

    def take(self, count: int, note: Note) -> Reserved:
        """Takes `count` keys while it is held."""
        before = self.kept() or 0
        first = max(before + self.step, self.highest() + 1)
        return self._taken(Reserved(first, count, before, first + count - 1), note)

    def _taken(self, reserved: Reserved, note: Note) -> Reserved:
        if reserved.after > LAST:
            raise Refused("migrate.no-keys-left", table=self.dataset.table)
        note(reserved)
        self.advance(reserved.after)
        return reserved
