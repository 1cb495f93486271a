"""What must hold for every job: nothing lost, nothing doubled, everything undone, nothing unseen."""

import sqlite3
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

from merger.migrate.model import DatasetPlan, Verification
from merger.systems.profile import Role
from merger.testing.corrupting import Corruptor, told
from merger.testing.trials import Trial, differing


def every_row_is_accounted_for(trial: Trial) -> None:
    """Conservation: in every dataset and old unit, in scope = moved + held + excluded, and that is what the
    source has; holds add up to what is held; the ledger has what was to be moved, the target each row."""
    sources = {one.system: one.file for one in trial.campaign.sources}
    before = {one: _count(trial.target, one) for one in _target_tables(trial)}
    sources_before = {name: path.read_bytes() for name, path in sources.items()}
    for part in trial.plan.datasets:
        _check_plan(trial, part, sources[part.system])
    held: Counter[tuple[str, str]] = Counter()
    for hold in trial.plan.holds:
        held[hold.system, hold.dataset] += hold.rows
    for part in trial.plan.datasets:
        where = f"{part.system}/{part.dataset}"
        _equal(held[part.system, part.dataset], part.held, f"{where}: rows of holds, held")
    earlier = {
        (part.system, part.dataset): _in_ledger(trial.target, part.system, part.dataset)
        for part in trial.plan.datasets
    }
    trial.apply()
    added: Counter[str] = Counter()
    for part in trial.plan.datasets:
        where = f"{part.system}/{part.dataset}"
        now, then = _in_ledger(trial.target, part.system, part.dataset), earlier[part.system, part.dataset]
        settled, merged = now[0] - then[0], now[1] - then[1]
        _equal(settled, part.to_move, f"{where}: in the ledger, to move")
        added[trial.campaign.target.profile.datasets[part.target].table] += settled - merged
    for table, rows in before.items():
        _equal(_count(trial.target, table), rows + added[table], f"{table}: rows, before and moved")
    for name, path in sources.items():
        if path.read_bytes() != sources_before[name]:
            raise AssertionError(f"{name}: the source was written")
    _check_equal(trial.verify(), "just applied")


def applying_again_changes_nothing(trial: Trial) -> None:
    """Apply twice equals apply once, and says so."""
    trial.apply()
    once = trial.outcome()
    again = trial.apply()
    _equal(again.state, "already", "state of the second time")
    _equal(differing(once, trial.outcome()), [], "tables changed by the second time")


def resuming_equals_running_through(trial: Trial, failpoint: str) -> bool:
    """Killed at `failpoint` (`name` or `name:times`) and started again, a run ends as if never killed.

    Answers whether the failpoint was reached.
    """
    assert trial.plan
    with trial.target_kept():
        trial.apply()
        through = trial.outcome()
    reached = trial.apply_and_die(failpoint)
    trial.apply()
    _equal(differing(through, trial.outcome()), [], f"tables that differ after {failpoint}")
    _check_equal(trial.verify(), f"after {failpoint}")
    return reached


def rolling_back_restores(trial: Trial) -> None:
    """Roll back leaves the target as it was before the run, counters and sequences included."""
    before = trial.platform()
    trial.apply()
    result = trial.roll_back()
    _equal(result.kept_rows, 0, "rows kept")
    _equal(differing(before, trial.platform()), [], "tables not restored")


def no_change_escapes_verification(trial: Trial, chance: Random) -> bool:
    """One changed cell, one deleted and one doctored row are found, and nothing else, while rows of the
    target's own come and go. Answers whether there were rows to spoil."""
    trial.apply()
    with Corruptor(trial, chance) as corruptor:
        if corruptor.rows < 3:
            return False
        corruptor.own_row_comes()
        _equal(told(trial.verify().differences), set(), "differences of an untouched run")
        for spoil in (corruptor.change_cell, corruptor.delete_row, corruptor.doctor_row):
            spoil()
            corruptor.own_row_goes()
            _equal(told(trial.verify().differences), corruptor.expected, "differences")
            corruptor.restore()
    return True


def _check_plan(trial: Trial, part: DatasetPlan, database: Path) -> None:
    where = f"{part.system}/{part.dataset}"
    dataset = trial.campaign.source(part.system).profile.datasets[part.dataset]
    ends = part.to_move + part.held + sum(part.excluded.values())
    _equal(ends, part.in_scope, f"{where}: moved + held + excluded, in scope")
    _equal(_count(database, dataset.table), part.in_scope, f"{where}: rows of the source, in scope")
    for one in part.by_unit:
        _equal(one.moved + one.held + one.excluded, one.in_scope, f"{where} unit {one.unit}: sum, in scope")
    _equal(sum(one.in_scope for one in part.by_unit), part.in_scope, f"{where}: sum over units, in scope")
    if dataset.parent:
        return
    units: Counter[str] = Counter()
    for decision in part.decisions:
        units[part.outcomes[decision.outcome].old_unit] += decision.rows
    _equal({one.unit: one.in_scope for one in part.by_unit}, dict(units), f"{where}: rows by old unit")
    for name, unit in dataset.units.items():
        if unit.role is not Role.ORIGIN and unit.value.column and not unit.value.json_path:
            planned: Counter[str | None] = Counter()
            for decision in part.decisions:
                planned[decision.codes[part.parts.index(name)]] += decision.rows
            found = _count_by(database, dataset.table, unit.value.column)
            _equal(dict(planned), found, f"{where}: rows by code of {name}")


def _target_tables(trial: Trial) -> set[str]:
    profile = trial.campaign.target.profile
    return {profile.datasets[part.target].table for part in trial.plan.datasets}


def _count(database: Path, table: str) -> int:
    ((rows,),) = _ask(database, f'SELECT count(*) FROM "{table}"')
    assert isinstance(rows, int)
    return rows


def _count_by(database: Path, table: str, column: str) -> dict[str | None, int]:
    asked = f'SELECT CAST("{column}" AS TEXT) COLLATE BINARY, count(*) FROM "{table}" GROUP BY 1'
    return dict(_ask(database, asked))


def _in_ledger(target: Path, system: str, dataset: str) -> tuple[int, int]:
    """How many rows of a dataset the ledger holds, and how many of them were merged into others."""
    if not _ask(target, "SELECT 1 FROM sqlite_master WHERE name = 'merger_row'"):
        return 0, 0
    asked = (
        "SELECT count(*), coalesce(sum(r.merged), 0) FROM merger_row r JOIN merger_dataset d"
        " ON d.id = r.dataset_id WHERE d.system = ? AND d.dataset = ?"
    )
    ((rows, merged),) = _ask(target, asked, system, dataset)
    return rows, merged


def _ask(database: Path, asked: str, *values: object) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        return connection.execute(asked, values).fetchall()
    finally:
        connection.close()


def _check_equal(found: Verification, when: str) -> None:
    failed = [
        f"{one.system}/{one.dataset}: {check.code} {check.detail}"
        for one in found.datasets
        for check in one.checks
        if check.state == "failed"
    ]
    _equal(failed, [], f"checks that fail {when}")


def _equal(found: object, expected: object, words: str) -> None:
    if found != expected:
        raise AssertionError(f"{words}: {found} instead of {expected}")
