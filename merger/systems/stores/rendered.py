"""Statements as a driver takes them, for what is done over the driver itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from merger.systems.stores.base import Select

_CAUGHT = "merger_caught"


def rendered(
    connection: sa.Connection, select: Select, params: Mapping[str, object] | None
) -> tuple[str, Any]:
    """A select in the database's SQL and the values of its parameters, both as the driver's cursor takes
    them. Nothing is asked of the database. The engine must be one that `let_render` has prepared."""
    caught: list[tuple[str, Any]] = []
    connection.execute(select.execution_options(**{_CAUGHT: caught}), params).close()
    return caught[0]


def let_render(engine: sa.Engine) -> None:
    """Prepares an engine for `rendered`."""

    @sa.event.listens_for(engine, "do_execute")
    def _(_: object, statement: str, parameters: Any, context: sa.engine.ExecutionContext) -> bool | None:
        caught = context.execution_options.get(_CAUGHT)
        if caught is None:
            return None
        caught.append((statement, parameters))
        return True
