"""Steps of the ledger's versions that can be repeated."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op


def index(name: str, table: str, columns: Sequence[str], *, unique: bool = False) -> None:
    """Makes an index, unless it is there. (MySQL has no `IF NOT EXISTS` for indexes.)"""
    if name not in {one["name"] for one in sa.inspect(op.get_bind()).get_indexes(table)}:
        op.create_index(name, table, list(columns), unique=unique)
