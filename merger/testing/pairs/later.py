"""What goes on in the old systems and on the platform between the bulk and the cut-over."""

from typing import Any

import sqlalchemy as sa

from merger.testing.pairs import desk, gate, values
from merger.testing.pairs.made import Row
from merger.testing.pairs.tables import dialect_of, insert
from merger.testing.pairs.world import SCHEMAS, World, expected, in_order

NEW = gate.moved(gate.dossier("new", citizen_id="c1", note=values.TEXTS[4], seal=values.BYTES[0]))
NEW_FILES = (
    gate.file(700, "BN-new", "new.pdf", bytes(range(256)), "new"),
    gate.file(701, "BN-Z01.05-250505-0013", "more.pdf", b"", "Z01.05-250505-0013"),
)
NEW_RECORD = desk.moved(desk.record(900, "new-record", person_id=5))
CHANGED, FINISHED, GONE_ELSEWHERE, DELETED, ON_BOTH_SIDES, ON_THE_PLATFORM = (
    f"Z01.05-250505-{number:04d}" for number in (1, 3, 5, 35, 9, 11)
)
"""The numbers of moved dossiers to which something happens. `DELETED` has no child."""
CHANGED_RECORD = "Z02.05-250505-0002"
RETURNED = gate.moved(gate.dossier(DELETED, citizen_id="c1", note="trở lại 🙂"))
"""The deleted dossier as it is when it comes back, with a step."""
RETURNED_STEP = gate.step(2500, RETURNED)
MENDED = "acute"
"""A dossier that was held, and whose unit is mended in the source."""


def go_on(world: World) -> None:
    """Rows come, change, are finished and go in the old systems, and officers work on the platform."""
    note = {"note": "sửa lại 🙂"}
    _change(world, "one", "dossier", CHANGED, note)
    _change(world, "one", "dossier", FINISHED, {"status": 9})
    _change(world, "one", "dossier", GONE_ELSEWHERE, {"commune": "Hoà"})
    _change(world, "one", "dossier", MENDED, {"commune": "10002"})
    _change(world, "one", "dossier", ON_BOTH_SIDES, note)
    _change(world, "two", "record", CHANGED_RECORD, note)
    _change(world, "platform", "p_dossier", ON_BOTH_SIDES, {"note": "của mình"})
    _change(world, "platform", "p_dossier", ON_THE_PLATFORM, {"note": "của mình"})
    engine = world.engine("one")
    table = SCHEMAS["one"]["dossier"].clause()
    with engine.begin() as connection:
        connection.execute(sa.delete(table).where(table.c.id == f"d-{DELETED}"))
    engine.dispose()
    _add(world, "one", "dossier", [NEW])
    _add(world, "one", "file", NEW_FILES)
    _add(world, "two", "record", [NEW_RECORD])


def write_on(world: World) -> None:
    """Someone still writes in an old system: a remark that no code depends on."""
    _change(world, "one", "dossier", CHANGED, {"process": "p-9"})


def take_back(world: World) -> None:
    """What `write_on` wrote is taken back."""
    _change(world, "one", "dossier", CHANGED, {"process": None})


def come_back(world: World) -> None:
    """The deleted dossier is in its old system again, with another remark and a step."""
    _add(world, "one", "dossier", [RETURNED])
    _add(world, "one", "step", [RETURNED_STEP])


def expected_back() -> dict[str, list[Row]]:
    """What `content` must find after a run that follows on that of `expected_later`."""
    out = expected_later()
    dossier = SCHEMAS["platform"]["p_dossier"]
    row = {name: dossier.given(name, value) for name, value in RETURNED.becomes.items()}
    out["p_dossier"] = in_order("p_dossier", [*out["p_dossier"], row])
    out["p_step"] = in_order("p_step", [*out["p_step"], RETURNED_STEP.becomes])
    return out


def expected_later() -> dict[str, list[Row]]:
    """What `content` must find after the catch-up. The deleted row, which nobody changed on the platform and
    nothing there refers to, is taken out again."""
    out = expected()
    dossiers = {row["number"]: dict(row) for row in out["p_dossier"]}
    del dossiers[DELETED]
    for number in (CHANGED, CHANGED_RECORD):
        dossiers[number]["note"] = "sửa lại 🙂"
    dossiers[FINISHED]["status"] = "done"
    dossiers[GONE_ELSEWHERE] |= gate.SOUTH
    for number in (ON_BOTH_SIDES, ON_THE_PLATFORM):
        dossiers[number]["note"] = "của mình"
    mended = gate.moved(gate.dossier(MENDED, commune="10002"))
    for one in (NEW, NEW_RECORD, mended):
        table = SCHEMAS["platform"]["p_dossier"]
        row = {name: table.given(name, value) for name, value in one.becomes.items()}
        dossiers[row["number"]] = row
    out["p_dossier"] = in_order("p_dossier", dossiers.values())
    steps = [*out["p_step"], gate.step_row(gate.FIRST_HELD_STEP, MENDED)]
    out["p_step"] = in_order("p_step", steps)
    files = [*out["p_file"], *(one.becomes for one in NEW_FILES)]
    out["p_file"] = in_order("p_file", files)
    return out


def _add(world: World, name: str, table: str, rows: Any) -> None:
    engine = world.engine(name)
    with engine.begin() as connection:
        insert(connection, SCHEMAS[name][table], (one.row for one in rows))
    engine.dispose()


def _change(world: World, name: str, table: str, number: str, fields: Row) -> None:
    engine = world.engine(name)
    of = SCHEMAS[name][table]
    clause = of.clause()
    with engine.begin() as connection:
        done = connection.execute(
            sa.update(clause).values(of.taken(fields, dialect_of(engine))).where(clause.c.number == number)
        )
        if done.rowcount != 1:
            raise ValueError(f"{name}/{table}: {done.rowcount} rows have the number {number}")
    engine.dispose()
