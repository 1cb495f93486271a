"""Values that a column of the target would keep, but written otherwise: the text 012 as the number 12.

They hold their rows, since a value is carried over as it is or not at all.
"""

from collections.abc import Iterator

import sqlalchemy as sa

from merger.systems.expressions import Column, Row
from merger.systems.profile import Dataset
from merger.systems.sqlite import TARGET, Workbench, affinity

ALTERED = "altered-by-target"


def altered(bench: Workbench, table: str, dataset: Dataset, row: Row) -> Iterator[tuple[str, Column]]:
    """When a value would be altered by its column of the target's `table`, and the reason of the hold."""
    for name, value in dataset.columns.items():
        if value.decided or value.reference:
            continue
        kind = affinity(bench.type_of(TARGET, table, name))
        made_text = bool(value.time or value.values or value.qualify)
        if kind == "number":
            written = row.value(value)
            number = sa.func.merger_number(written) == 0
            yield ALTERED, sa.case((sa.func.typeof(written) == "text", number), else_=sa.false())
        elif kind == "text" and not made_text:
            written = row.value(value)
            other = sa.cast(written, sa.Text) != sa.func.merger_text(written)
            yield ALTERED, sa.case((sa.func.typeof(written) == "real", other), else_=sa.false())
