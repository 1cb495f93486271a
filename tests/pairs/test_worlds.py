"""The made-up country is one and the same in every kind of database."""

import pytest

from merger.testing.pairs.kinds import DIALECTS
from merger.testing.pairs.tables import Table
from merger.testing.pairs.world import SCHEMAS, everything, own_rows, source_rows
from tests.pairs.conftest import Pairs


def wanted(table: Table, rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """Rows with every column, in the order in which `everything` answers them."""
    whole = [dict.fromkeys(table.columns) | row for row in rows]
    for number, row in enumerate(whole, start=1):
        if row[table.key] is None:
            row[table.key] = number
    given = [{name: table.given(name, value) for name, value in row.items()} for row in whole]
    return sorted(given, key=lambda row: str(row[table.key]))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_database_holds_the_rows_as_they_were_written(pairs: Pairs, dialect: str) -> None:
    world = pairs.fresh((dialect, dialect))
    for name, tables in SCHEMAS.items():
        rows = own_rows() if name == "platform" else source_rows(name)
        found = everything(world, name)
        for table in tables.values():
            assert found[table.name] == wanted(table, rows[table.name])
    pairs.leave(world)
