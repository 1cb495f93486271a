"""The keys of a source's rows: whether they tell rows apart, and which rows bear some of them."""

from collections.abc import Iterator, Sequence
from re import fullmatch
from typing import Any

import sqlalchemy as sa

from merger.errors import Refused
from merger.migrate.comparing import Keys
from merger.migrate.stage import Stage
from merger.systems.expressions import Row
from merger.systems.functions import exact

AT_ONCE = 5000
"""Keys that one question asks for. SQLite looks through all rows for them."""
INDEXED = ("postgresql", "mariadb", "mysql")
"""Dialects whose columns hold nothing but values of their types."""


def having(row: Row, keys: Keys) -> sa.ColumnElement[bool]:
    """That a row's key is one of these (as text), byte for byte; where it can, by the index of the key. What
    the database takes for equal is looked at again, so that it may take more for equal than is."""
    among = exact(row.key_text).in_(keys)
    key = row.key.sql
    if isinstance(keys, sa.Select) or row.store.dialect not in INDEXED:
        return among
    if isinstance(key.type, sa.Integer):
        return sa.and_(key.in_([int(one) for one in keys if fullmatch("-?[0-9]+", one)]), among)
    if isinstance(key.type, sa.String) and not isinstance(key.type, sa.Enum):
        return sa.and_(key.in_(keys), among)
    return among


def require_keys(stage: Stage) -> None:
    """Raises Refused where rows, or those that values are looked up in, cannot be told apart."""
    without, shared = bad_keys(stage)
    if without or shared:
        raise Refused(
            "migrate.key-trouble", system=stage.system, dataset=stage.name, without=without, shared=shared
        )
    for name in stage.dataset.looked_up():
        _, shared = bad_keys(Stage(stage.store, stage.profile, name, stage.system, 0))
        if shared:
            raise Refused("migrate.key-trouble", system=stage.system, dataset=name, without=0, shared=shared)


def bad_keys(stage: Stage) -> tuple[int, int]:
    """How many rows have no key, and how many share theirs, byte for byte, with another.

    Not asked of a column that the database itself keeps unique and filled.
    """
    if stage.store.keeps_key(stage.dataset.table, stage.dataset.key):
        return 0, 0
    row = stage.row()
    total, keyed, distinct = stage.store.connection.execute(
        sa.select(
            sa.func.count(), sa.func.count(row.key.sql), sa.func.count(exact(row.key_text).distinct())
        ).select_from(row.table)
    ).one()
    return total - keyed, keyed - distinct


def present(stage: Stage, keys: Sequence[str]) -> set[str]:
    """Those of the keys (as text) that the source still has."""
    row = stage.row()
    asked = sa.select(row.key_text).select_from(row.source)
    return set(_those(row, asked.where(row.key_text.is_not(None)), keys))


def unmoved(stage: Stage, keys: Sequence[str]) -> set[str]:
    """Those of the keys (as text) whose rows get no row of their own in the target."""
    staged = stage.staged()
    asked = sa.select(staged.row.key_text).select_from(staged.row.source).where(sa.not_(staged.moves))
    return set(_those(staged.row, asked, keys))


def merging(stage: Stage, keys: Sequence[str]) -> set[str]:
    """Those of the keys (as text) whose rows are in the source and merged into others."""
    staged = stage.staged()
    if staged.into is None:
        return set()
    merged = sa.and_(staged.state.is_(None), staged.into.is_not(None))
    asked = sa.select(staged.row.key_text).select_from(staged.row.source).where(merged)
    return set(_those(staged.row, asked, keys))


def _those(row: Row, asked: sa.Select[Any], keys: Sequence[str]) -> Iterator[str]:
    for start in range(0, len(keys), AT_ONCE):
        few = asked.where(having(row, keys[start : start + AT_ONCE]))
        yield from row.store.connection.execute(few).scalars()
