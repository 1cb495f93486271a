"""What moving the batches of one dataset needs to know."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from merger.systems.expressions import Column, Typed
from merger.systems.kinds import DYNAMIC, Kind
from merger.systems.stores import Column as Reflected

SOURCE_KEY, TARGET_KEY, HASH = "source_key", "target_key", "row_hash"
"""Columns of landed rows beside those that they fill."""
PROVED = "proved"
"""The parameter of `Move.put`: the number of a batch."""
ROWS, MERGED, CHANGED, GONE, TIED = "rows", "merged", "changed", "gone", "tied"
"""Kinds of batches: rows that move, rows that are merged into others, rows that were moved and say something
else now, rows that were moved and that the source does not have any more, and rows that were put in without
their late references, which are tied now."""


@dataclass(frozen=True)
class Landed:
    """One column that rows bring: the target's `column`, the value as the source has it, and its
    canonical text.

    `of`: what kind of value the source has. `refers`: the number in the ledger of the dataset whose rows it
    means; the text is then a word for one of them. `late`: it is NULL until it is tied.
    """

    column: Reflected
    value: Column
    text: Column
    of: Kind
    refers: int | None
    late: bool = False

    @property
    def as_bytes(self) -> bool:
        """Whether what lands as lines is bytes, though the target's column may hold anything."""
        return self.refers is None and Kind.BYTES in (self.of, self.column.kind)

    @property
    def may_be_files(self) -> bool:
        """Whether its values are bytes, or may be."""
        return self.as_bytes and self.of in (Kind.BYTES, *DYNAMIC)


@dataclass(frozen=True)
class Move:
    """Everything that moving a dataset's batches needs; it can be sent to a worker.

    Of the source: where its rows stand with all that is joined to them, their key, by what they are sorted
    (`order_of`), which of them move and which are merged (`into`: the words for those that survive). Of the
    target: its table and its key's column, which is given out in order (`given_out`) or is the source's.
    `survivors`: the target's keys by the words for rows that stand elsewhere than in the dataset that is
    referred to; `now`: the moved rows (key, hash) as the target has them, `put` those of the batch PROVED;
    `referring`: the columns that hold keys of its rows; `feeding`: the numbers in the ledger of the datasets
    that move into its table; `alike`: by rule, the columns in which rows must agree to be merged.
    `files`: the source's values of bytes are better read in pieces (`has_files`).
    """

    system: str
    dataset: str
    dataset_id: int
    run: str
    source: sa.FromClause
    key: Typed
    order: tuple[Column, ...]
    key_text: Column
    moves: Column
    into: Column | None
    table: str
    target_key: Reflected
    given_out: bool
    columns: tuple[Landed, ...]
    now: sa.Select[Any]
    put: sa.Select[Any]
    referring: tuple[Column, ...]
    feeding: tuple[int, ...]
    survivors: tuple[tuple[str, object], ...]
    alike: tuple[tuple[str, ...], ...]
    files: bool
