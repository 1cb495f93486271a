"""Whether rows have files in columns of bytes."""

from typing import Any

import sqlalchemy as sa

from merger.systems.functions.files import is_file
from merger.systems.stores.base import Store
from merger.systems.stores.failures import told

WHOLE = ("postgresql", "sqlite")
"""The databases whose drivers have every row whole."""


def has_files(store: Store, select: sa.Select[*tuple[Any, ...]]) -> bool:
    """Whether a select of bytes has files, which `Store.lines` is then better given as `file_digits`; never
    where rows come in pieces anyway. The values are not read."""
    if store.dialect not in WHOLE or not select.selected_columns:
        return False
    files = select.where(sa.or_(*map(is_file, select.selected_columns)))
    with told():
        return bool(store.connection.execute(sa.select(files.exists())).scalar())
