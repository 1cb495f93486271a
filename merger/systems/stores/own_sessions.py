"""Connections to PostgreSQL with a session of their own at the server.

What a run needs belongs to a session: the lock that lets one run at a time, temporary tables, settings, an
exported view. A pooler such as PgBouncer may lend the server's sessions for a transaction or a statement
only; then these are lost between two statements, and met by others: their writes would be refused because
we only read.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

import sqlalchemy as sa

from merger.errors import Refused
from merger.systems.stores.urls import place_of

_NO_BLOCKS = "statement pooling mode"
"""What PgBouncer says where it lends sessions for a statement and a transaction is begun."""
_TRIES = 3
_lent: dict[sa.URL, bool] = {}
"""Whether the sessions of a server that is reached by a pooler are lent, by where it is."""
Raw = Any
"""A connection of the driver's own."""


def own_sessions(engine: sa.Engine) -> None:
    """Lets an engine refuse a server of PostgreSQL whose sessions are lent for less than a connection's life,
    before anything is set over the connection."""
    opening: list[Callable[[], Raw]] = []

    @sa.event.listens_for(engine, "do_connect")
    def _(dialect: Any, _: object, given: Any, named: Any) -> None:
        opening[:] = [lambda: dialect.connect(*given, **named)]

    @sa.event.listens_for(engine, "connect", insert=True)
    def _(raw: Raw, _: object) -> None:
        before, raw.autocommit = raw.autocommit, True
        if _process(raw) != raw.info.backend_pid and _is_lent(engine.url, raw, opening[0]):
            raw.close()
            raise Refused("systems.lent-session", database=place_of(engine.url))
        raw.autocommit = before


def _is_lent(url: sa.URL, one: Raw, another: Callable[[], Raw]) -> bool:
    """What `_lent` says, asked once. A connection that goes by no pooler is told by the server's process,
    which is that of its greeting."""
    if url not in _lent:
        with closing(another()) as other:
            other.autocommit = True
            _lent[url] = _change_hands(one, other)
    return _lent[url]


def _change_hands(one: Raw, other: Raw) -> bool:
    """Whether sessions of the server change hands between two connections.

    A pooler gives whoever asks next the session that was used last (its usual order), or the one that was not
    used for the longest time: so either the second connection gets what the first one had, or the first one
    alone gets others.
    """
    seen = {_process(one) for _ in range(_TRIES)}
    for _ in range(_TRIES):
        try:
            other.execute("BEGIN")
        except Exception as error:
            if _NO_BLOCKS not in str(error):
                raise
            return True
        if _process(other) in seen:
            return True
        seen.add(_process(one))
        other.execute("ROLLBACK")
    return len(seen) > 1


def _process(raw: Raw) -> int:
    return int(raw.execute("SELECT pg_backend_pid()").fetchone()[0])
