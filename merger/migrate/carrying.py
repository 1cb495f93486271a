"""When a value of a row cannot be carried over to the target, and the state that it brings about."""

from collections.abc import Iterator, Mapping

from merger.migrate.state import held_for
from merger.systems.expressions import Column, Row
from merger.systems.functions import canonical, cramped, unfit
from merger.systems.profile import Value
from merger.systems.stores import Column as Reflected

ALTERED = "altered-by-target"
NO_ROOM = "no-room"


def uncarried(
    row: Row, columns: Mapping[str, Reflected], kept_key: Reflected | None
) -> Iterator[tuple[str, Column]]:
    """The state of a row, and when a value brings it about. `columns`: the target's, by name; `kept_key`: the
    one that takes the row's key as it is, where one does."""
    if kept_key is not None:
        broken = unfit(row.key.sql, kept_key.kind, row.key.kind)
        if broken is not None:
            yield held_for(ALTERED, kept_key.name), broken
    for name, value in row.dataset.columns.items():
        yield from ((held_for(why, name), broken) for why, broken in row.unreadable(value))
        column = columns.get(name)
        if column is not None and not value.decided and not value.reference:
            found = row.value(value)
            broken = unfit(found.sql, column.kind, found.kind, row.zone_of(value))
            if broken is not None:
                yield held_for(ALTERED, name), broken
            yield from ((held_for(NO_ROOM, name), broken) for broken in _cramped(row, value, column))


def _cramped(row: Row, value: Value, column: Reflected) -> Iterator[Column]:
    """When a value has no room in its column, or is none where the column needs one; not asked where the
    source's own column takes no such value either."""
    found = row.value(value)
    own = row.store.columns(row.dataset.table).get(value.column) if value.is_plain else None
    if not column.nullable and (own is None or own.nullable):
        yield found.sql.is_(None)
    if own is None or own.kind is not column.kind or not own.limits.within(column.limits):
        text = canonical(found.sql, column.kind, found.kind, row.zone_of(value))
        broken = cramped(text, column.limits)
        if broken is not None:
            yield broken
