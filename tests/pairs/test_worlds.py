"""The made-up country is one and the same in every kind of database."""

import itertools

import pytest

from merger.testing.pairs.kinds import DIALECTS, SQLITE
from merger.testing.pairs.made import MOVE
from merger.testing.pairs.spoiling import cells, of_every_column, put_back, spoil
from merger.testing.pairs.tables import PLATFORM, Table, insert, read, read_natively
from merger.testing.pairs.world import (
    GOES_TO,
    SCHEMAS,
    World,
    content,
    everything,
    expected,
    made,
    own_rows,
    platform,
    source_rows,
)
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


def move_by_hand(world: World) -> None:
    """Fills the platform with what the rows should become, with keys from 1000 on."""
    engine = world.engine("platform")
    people, dossiers = {None: None}, {None: None}
    keys = itertools.count(1000)
    with engine.begin() as connection:
        for (_, dataset), rows in made().items():
            table = PLATFORM[GOES_TO[dataset]]
            for one in rows:
                if one.fate == MOVE:
                    row = {"id": next(keys)} | one.becomes
                    if table.name == "p_applicant":
                        people[row["name"]] = row["id"]
                    if table.name == "p_dossier":
                        dossiers[row["number"]] = row["id"]
                        row["applicantId"] = people.get(row["applicantId"], 1)
                    if "dossierId" in row:
                        row["dossierId"] = dossiers[row["dossierId"]]
                    insert(connection, table, [row])
    engine.dispose()


def natively(world: World) -> dict[tuple[str, object, str], object]:
    """Every cell of the platform as the driver tells it, by table, key and column."""
    engine = world.engine("platform")
    with engine.connect() as connection:
        told = {
            (table.name, str(row[table.key]), column): native[column]
            for table in PLATFORM.values()
            for row, native in zip(read(connection, table), read_natively(connection, table), strict=True)
            for column in table.columns
        }
    engine.dispose()
    return told


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_database_can_hold_what_the_rows_should_become(pairs: Pairs, dialect: str) -> None:
    world = pairs.fresh((SQLITE, dialect))
    move_by_hand(world)
    got, wanted = content(platform(world)), expected()
    for name, rows in wanted.items():
        assert got[name] == rows
    pairs.leave(world)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_spoilt_cells_differ_in_every_database_and_are_put_back(pairs: Pairs, dialect: str) -> None:
    world = pairs.fresh((SQLITE, dialect))
    move_by_hand(world)
    before = natively(world)
    spoilt = of_every_column(cells(world))
    spoil(world, spoilt)
    after = natively(world)
    assert {where for where in before if after[where] != before[where]} == {
        (one.table, str(one.id), one.column) for one in spoilt
    }
    put_back(world, spoilt)
    assert natively(world) == before
    pairs.leave(world)
