"""What may happen to a job on trial, drawn at random."""

from collections.abc import Callable
from random import Random
from typing import Any

from merger.errors import Refused
from merger.testing.pairs.tables import Row
from merger.testing.runs.oracle import OF_TABLE
from merger.testing.runs.tables import DATASETS, REFERS, UNIQUE
from merger.testing.runs.trial import Trial, Wrong

NAMES = ("An", "Bình", "Hòa")
IDS = ("011", "022", "033", "000000001", None)
NUMBERS = tuple(f"N{n}" for n in range(1, 9))
COMMUNES = ("10002", "10002", "10002", "10005", "10005", "99999", None)
STATES = ("open", "open", "open", "done")
KEYS = {"citizens": range(1, 9), "dossiers": range(1, 13), "steps": [f"s{n}" for n in range(1, 13)]}
OWN = {"p_applicant": range(500, 504), "p_dossier": range(1, 5), "p_step": KEYS["steps"]}
"""Keys of the platform's own rows: its counters are beyond them; steps bear keys as the old system's do."""
SCOPES = ("10001", "10005")
APPLYING = ("before-ledger-upgrade", "after-run-start", "before-keys-commit", "after-keys-commit", "in-batch",
            "before-batch-commit", "after-batch-commit", "before-run-end", "after-run-end")  # fmt: skip
ROLLING = ("after-rollback-start", "before-rollback-commit", "after-rollback-commit", "before-rollback-end")


def row_of(trial: Trial, name: str, key: Any, chance: Random) -> Row:
    """A random row of a dataset."""
    if name == "citizens":
        return {"id": key, "name": chance.choice(NAMES), "idno": chance.choice(IDS)}
    if name == "steps":
        return {"id": key, "dossier_id": _some(trial, "dossiers", chance), "note": _note(chance)}
    person = _some(trial, "citizens", chance) if chance.random() < 0.8 else None
    return {
        "id": key, "number": chance.choice(NUMBERS), "commune": chance.choice(COMMUNES),
        "citizen_id": person, "status": chance.choice(STATES), "note": _note(chance),
    }  # fmt: skip


def _some(trial: Trial, name: str, chance: Random) -> Any:
    """A key of a dataset: mostly of a row that is there."""
    there = sorted(trial.book.source[name])
    if there and chance.random() < 0.9:
        return chance.choice(there)
    return chance.choice(list(KEYS[name]))


def _note(chance: Random) -> str | None:
    return chance.choice((None, "", "ghi chú", "sửa", f"{chance.random():.3f}"))


def insert(trial: Trial, chance: Random) -> None:
    """New rows, some under keys smaller than those that were moved, or that were deleted before."""
    for _ in range(chance.randint(1, 5)):
        name = chance.choice(("citizens", "dossiers", "dossiers", "steps"))
        free = [key for key in KEYS[name] if key not in trial.book.source[name]]
        if free:
            trial.write(name, row_of(trial, name, chance.choice(free), chance))


def change(trial: Trial, chance: Random) -> None:
    """Columns of rows that are there."""
    for _ in range(chance.randint(1, 3)):
        name = chance.choice(tuple(DATASETS))
        if trial.book.source[name]:
            key = chance.choice(sorted(trial.book.source[name]))
            row, other = trial.book.source[name][key], row_of(trial, name, key, chance)
            column = chance.choice(sorted(set(row) - {"id"}))
            trial.write(name, row | {column: other[column]})


def finish(trial: Trial, chance: Random) -> None:
    """A dossier is finished."""
    opened = [key for key, row in trial.book.source["dossiers"].items() if row["status"] == "open"]
    if opened:
        key = chance.choice(sorted(opened))
        trial.write("dossiers", trial.book.source["dossiers"][key] | {"status": "done"})


def delete(trial: Trial, chance: Random) -> None:
    """Rows go from the old system, also such as others refer to."""
    for _ in range(chance.randint(1, 3)):
        name = chance.choice(tuple(DATASETS))
        if trial.book.source[name]:
            trial.delete(name, chance.choice(sorted(trial.book.source[name])))


def own_insert(trial: Trial, chance: Random) -> None:
    """The platform gets a row of its own."""
    table = chance.choice(tuple(OWN))
    free = [key for key in OWN[table] if key not in trial.book.target[table]]
    if not free:
        return
    row = _own_row(trial, table, chance.choice(list(free)), chance)
    if row is not None and _unique(trial, table, row):
        trial.write_own(table, row)


def _own_row(trial: Trial, table: str, key: Any, chance: Random) -> Row | None:
    referred: Any = None
    if table in REFERS:
        there = sorted(trial.book.target[REFERS[table][1]], key=str)
        referred = chance.choice(there) if there else None
    if table == "p_applicant":
        number = chance.choice([one for one in IDS if one != "000000001"])
        return {"id": key, "name": chance.choice(NAMES), "idNo": number}
    if table == "p_step":
        return None if referred is None else {"id": key, "dossierId": referred, "note": _note(chance)}
    return {
        "id": key, "number": chance.choice(NUMBERS), "ward": "10001", "applicantId": referred,
        "status": "open", "note": _note(chance), "remark": None,
    }  # fmt: skip


def _unique(trial: Trial, table: str, row: Row) -> bool:
    column = UNIQUE.get(table)
    return (
        column is None
        or row[column] is None
        or all(
            one[column] != row[column] or key == row["id"] for key, one in trial.book.target[table].items()
        )
    )


def own_change(trial: Trial, chance: Random) -> None:
    """An officer changes a column of a row of the platform, its own or a moved one."""
    for _ in range(chance.randint(1, 2)):
        table = chance.choice(tuple(OWN))
        if trial.book.target[table]:
            key = chance.choice(sorted(trial.book.target[table], key=str))
            row, other = trial.book.target[table][key], _own_row(trial, table, key, chance)
            column = chance.choice(sorted(set(row) - {"id"}))
            if other is not None:
                new = row | {column: "xem" if column == "remark" else other[column]}
                if _unique(trial, table, new):
                    trial.write_own(table, new)


def own_mend(trial: Trial, chance: Random) -> None:
    """An officer enters by hand what the old system says of a moved row."""
    for name, table in DATASETS.items():
        for key, entry in trial.book.standing(name).items():
            if (
                not entry.merged
                and key in trial.book.source[name]
                and entry.target in trial.book.target[table]
            ):
                row = trial.book.target[table][entry.target]
                said = {"note": trial.book.source[name][key].get("note")} if "note" in row else {}
                said |= {"name": trial.book.source[name][key].get("name")} if "name" in row else {}
                if chance.random() < 0.5 and (row | said) != row:
                    trial.write_own(table, row | said)


def own_delete(trial: Trial, chance: Random) -> None:
    """An officer deletes a row of the platform that nothing refers to."""
    table = chance.choice(tuple(OWN))
    free = [key for key in sorted(trial.book.target[table], key=str) if not _is_referred(trial, table, key)]
    if free:
        trial.delete_own(table, chance.choice(free))


def _is_referred(trial: Trial, table: str, key: Any) -> bool:
    name = OF_TABLE[table]
    entries = trial.book.standing(name).values()
    if any(one.target == key and one.merged for one in entries):
        return True
    return any(
        row[column] == key
        for other, (column, to) in REFERS.items()
        if to == table
        for row in trial.book.target[other].values()
    )


def run(trial: Trial, chance: Random) -> None:
    """A bulk or a catch-up, three in ten of them killed on their way and begun again."""
    name, planned = trial.plan()
    _apply(trial, chance, name, planned)


def pilot(trial: Trial, chance: Random) -> None:
    """A run of what goes to one unit."""
    name, planned = trial.plan(chance.choice(SCOPES))
    _apply(trial, chance, name, planned)


def final(trial: Trial, chance: Random) -> None:
    """The final run."""
    name, planned = trial.plan(final=True)
    _apply(trial, chance, name, planned)


def _apply(trial: Trial, chance: Random, name: str, planned: Any) -> None:
    failpoint = ""
    if chance.random() < 0.3:
        failpoint = f"{chance.choice(APPLYING)}:1"
        if "batch" in failpoint:
            failpoint = f"{failpoint[:-2]}:{chance.randint(1, 4)}"
    if trial.apply(name, planned, failpoint):
        trial.told["killed"] += 1
    trial.verify(trial.done[-1])


def late(trial: Trial, chance: Random) -> None:
    """The old system is written to between plan and run."""
    name, planned = trial.plan(final=chance.random() < 0.3)
    before = {what: dict(rows) for what, rows in trial.book.source.items()}
    for _ in range(chance.randint(1, 2)):
        what = chance.choice(tuple(DATASETS))
        there = sorted(trial.book.source[what])
        if not there:
            continue
        key = chance.choice(there)
        if chance.random() < 0.4:
            trial.delete(what, key)
        else:
            row = trial.book.source[what][key]
            column = "name" if what == "citizens" else "note"
            trial.write(what, row | {column: chance.choice(NAMES)})
    if trial.book.source == before:
        _apply(trial, chance, name, planned)
        return
    moved_on = trial.book.combinations() != planned.combinations
    try:
        trial.apply(name, planned)
    except Refused as refused:
        if refused.key == "migrate.source-moved-on" or (refused.key == "migrate.source-changed" and moved_on):
            trial.told["refused"] += 1
            return
        raise
    if moved_on:
        raise Wrong("a run went on over other combinations")


def roll_back(trial: Trial, chance: Random) -> None:
    """The last run, or an earlier one, is taken out."""
    if trial.done:
        one = trial.done[-1] if chance.random() < 0.5 else chance.choice(trial.done)
        failpoint = f"{chance.choice(ROLLING)}:{chance.randint(1, 2)}" if chance.random() < 0.3 else ""
        if trial.roll_back(one, failpoint):
            trial.told["killed"] += 1


EVENTS: dict[str, tuple[Callable[[Trial, Random], None], int]] = {
    "insert": (insert, 6),
    "change": (change, 4),
    "finish": (finish, 1),
    "delete": (delete, 3),
    "own-insert": (own_insert, 2),
    "own-change": (own_change, 3),
    "own-mend": (own_mend, 1),
    "own-delete": (own_delete, 1),
    "run": (run, 5),
    "pilot": (pilot, 2),
    "final": (final, 1),
    "late": (late, 2),
    "roll-back": (roll_back, 3),
}
