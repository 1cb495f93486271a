"""What every place that counts keys can do."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

import sqlalchemy as sa

from merger.systems.expressions import Column
from merger.systems.profile import Dataset


@dataclass(frozen=True)
class Place(ABC):
    """Something that remembers the last key given out for a dataset's table."""

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
        return int(self.connection.execute(sa.select(sa.func.max(key)).select_from(table)).scalar() or 0)

    def take(self, count: int) -> tuple[int, int, int]:
        """Takes `count` keys while it is held: what it said before, the first key, what it says after."""
        before = self.kept() or 0
        first = max(before + self.step, self.highest() + 1)
        after = first + count - 1
        self.advance(after)
        return before, first, after
