"""Whether a row's values can be carried over: whether the source's can be read, and the target's columns take
them as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from merger.migrate.state import held_for
from merger.systems.expressions import Column, Row, Typed
from merger.systems.functions import SERVER_UTF8, canonical, cramped, rounded, unfit, unlisted, unwritable
from merger.systems.stores import Column as Reflected

if TYPE_CHECKING:
    from merger.migrate.stage import Stage

ALTERED = "altered-by-target"
NO_ROOM = "no-room"
UNLISTED = "unlisted"
UNWRITABLE = "unwritable"


def uncarried(stage: Stage, row: Row) -> Iterator[tuple[str, Column]]:
    """The state of a row, and when a value that cannot be carried over brings it about."""
    known = stage.store.columns(stage.dataset.table)
    utf8 = getattr(stage.store.connection.dialect, SERVER_UTF8, True)
    letters = None if utf8 else next((one.limits.lacking for one in known.values() if one.limits.lacking), "")
    if stage.kept_key is not None:
        key = _askable(stage.kept_key, letters)
        yield from _untaken(row.key, key, known.get(stage.dataset.key[0]))
    for name, value in stage.dataset.columns.items():
        yield from ((held_for(why, name), broken) for why, broken in row.unreadable(value))
        column = stage.columns.get(name)
        if column is not None and not value.decided and not value.reference:
            own = known.get(value.column) if value.is_plain else None
            yield from _untaken(row.value(value), _askable(column, letters), own, row.zone_of(value))


def _askable(column: Reflected, letters: str | None) -> Reflected:
    """A column of the target without what a source's server cannot be asked about, since it lacks such
    characters itself. `letters`: those that it lacks, empty where that is not known; None where it has
    all."""
    if letters is None:
        return column
    limits = column.limits
    members = tuple(
        one for one in limits.members if one.isascii() or (letters and not re.search(f"[{letters}]", one))
    )
    if not letters and len(members) < len(limits.members):
        members = ()
    return replace(column, limits=replace(limits, members=members, lacking=""))


def _untaken(
    found: Typed, column: Reflected, own: Reflected | None, zone: str = ""
) -> Iterator[tuple[str, Column]]:
    """As `uncarried`, for one value: a column does not take it as it is, or is given none where it needs one.
    `own`: the source's column, where the value is what it holds; what that lacks too is not asked."""
    broken = unfit(found.sql, column.kind, found.kind, zone)
    if broken is not None:
        yield held_for(ALTERED, column.name), broken
    if not column.nullable and (own is None or own.nullable):
        yield held_for(NO_ROOM, column.name), found.sql.is_(None)
    if own is not None and own.kind is column.kind and own.limits.within(column.limits):
        return
    text = canonical(found.sql, column.kind, found.kind, zone)
    for why, refused in (
        (UNLISTED, unlisted(text, column.limits)),
        (NO_ROOM, cramped(text, column.limits)),
        (UNWRITABLE, unwritable(text, column.limits)),
        (ALTERED, rounded(text, column.limits)),
    ):
        if refused is not None:
            yield held_for(why, column.name), refused
