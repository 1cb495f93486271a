"""`kill -9` at random moments of `merger apply`, each followed by the same command."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from merger.testing.campaigns.outcome import Ground, Note, Outcome
from merger.testing.trials import Trial, differing

DONE = (0, 1)
"""Exit codes of a run that came to its end: 1 says that there are more holds than the job allows."""


def run(ground: Ground, count: int, number: int, note: Note) -> Outcome:
    """`count` kills that hit a running apply, at moments spread evenly over an uninterrupted run's time."""
    outcome = Outcome("kills")
    chance = Random(number)
    with ground.trial(chance) as trial:
        total = sum(part.to_move for part in trial.plan.datasets)
        with trial.target_kept():
            started = time.monotonic()
            code = _apply(trial).wait()
            seconds = time.monotonic() - started
            if code not in DONE:
                outcome.failures.append(f"the uninterrupted run ended with {code}")
                return outcome
            through = trial.outcome()
        outcome.notes.append(f"uninterrupted: {total:,} rows in {seconds:.1f} s")
        shares: list[float] = []
        while len(shares) < count and outcome.counts["ended before the kill"] < 2 * count:
            with trial.target_kept():
                share = _one(trial, chance.uniform(0, seconds), total, through, outcome)
            if share is None:
                outcome.counts["ended before the kill"] += 1
                continue
            shares.append(share)
            note(f"kills: {len(shares)} of {count}, at {share:.0%} of the rows")
    outcome.counts["kills"] = len(shares)
    outcome.counts["equal, row for row, after the same command"] = len(shares) - len(outcome.failures)
    outcome.notes.append("rows committed at the kill: " + _spread(shares))
    return outcome


def _one(
    trial: Trial, moment: float, total: int, through: dict[str, tuple[int, str]], outcome: Outcome
) -> float | None:
    """One kill and what followed. Answers with the share of the rows that were committed at the kill."""
    process = _apply(trial)
    try:
        process.wait(timeout=moment)
        return None
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
    share = _committed(trial.target) / total if total else 0.0
    again = _apply(trial).wait()
    words = f"killed after {moment:.3f} s at {share:.0%}"
    if again not in DONE:
        outcome.failures.append(f"{words}: the same command ended with {again}")
    elif different := differing(through, trial.outcome()):
        outcome.failures.append(f"{words}: {', '.join(different)}")
    return share


def _apply(trial: Trial) -> subprocess.Popen[bytes]:
    assert trial.plan
    path = os.pathsep.join(part for part in sys.path if part)
    return subprocess.Popen(
        [sys.executable, "-m", "merger", "apply", str(trial.plan_file)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": path},
    )


def _committed(target: Path) -> int:
    """Rows in the ledger, as whoever opens a copy of the files that the kill left would find them."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / target.name
        for name in ("", "-journal", "-wal"):
            left = target.with_name(target.name + name)
            if left.exists():
                shutil.copyfile(left, copy.with_name(copy.name + name))
        connection = sqlite3.connect(copy)
        try:
            there = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'merger_row'").fetchone()
            return int(connection.execute("SELECT count(*) FROM merger_row").fetchone()[0]) if there else 0
        finally:
            connection.close()


def _spread(shares: list[float]) -> str:
    """How many kills fell before the first row, in each quarter of the rows, and after the last."""
    ends = {
        "none": sum(share == 0 for share in shares),
        "up to 25 %": sum(0 < share <= 0.25 for share in shares),
        "to 50 %": sum(0.25 < share <= 0.5 for share in shares),
        "to 75 %": sum(0.5 < share <= 0.75 for share in shares),
        "below 100 %": sum(0.75 < share < 1 for share in shares),
        "all": sum(share >= 1 for share in shares),
    }
    return ", ".join(f"{what} {count}" for what, count in ends.items())
