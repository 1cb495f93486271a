"""How long it takes to read the whole country: fresh, from the cache, and as one `merger resolve`."""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

LOAD = (
    "from merger.mapping import load, shipped; from merger.lineage import build;"
    "build(load([shipped()]).mapping)"
)
KEPT = (
    "from merger.mapping import contents_of, shipped; from merger.lineage import lineage_of;"
    "lineage_of(contents_of([shipped()]))"
)
DAYS = ["--at", "2025-06-30", "--to", "2025-07-01"]
RESOLVE = ["-m", "merger", "resolve", "24649", "--kind", "commune", *DAYS]


@dataclass(frozen=True)
class Timed:
    """The best of some runs of a fresh process: seconds by the clock, and of the processor in user mode."""

    what: str
    seconds: float
    user: float
    limit: str = ""


def reading(repeats: int) -> list[Timed]:
    """Each in fresh processes, the start of the interpreter included; the best of `repeats`."""
    with tempfile.TemporaryDirectory(prefix="merger-bench-") as folder:
        kept = {"MERGER_CACHE": folder}
        off = {"MERGER_CACHE": "off"}
        run(["-c", KEPT], kept)
        return [
            timed("`python -c pass`", ["-c", "pass"], off, repeats),
            timed("loaded, validated, built", ["-c", LOAD], off, repeats, "1.5"),
            timed("from the cache", ["-c", KEPT], kept, repeats, "0.5"),
            timed("`merger resolve`, cache filled", RESOLVE, kept, repeats, "0.7"),
            timed("`merger resolve`, no cache", RESOLVE, off, repeats),
        ]


def timed(
    what: str, arguments: list[str], environment: dict[str, str], repeats: int, limit: str = ""
) -> Timed:
    tries = [run(arguments, environment) for _ in range(repeats)]
    return Timed(what, min(one[0] for one in tries), min(one[1] for one in tries), limit)


def run(arguments: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Seconds by the clock, and of the processor in user mode, of one process."""
    started = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"a measured step failed ({child.returncode})")
    return seconds, usage.ru_utime


def table(measured: list[Timed]) -> str:
    lines = ["| the whole country | seconds | of them processor (user) | at most |", "|---|---|---|---|"]
    lines += [f"| {one.what} | {one.seconds:.2f} | {one.user:.2f} | {one.limit} |" for one in measured]
    return "\n".join(lines)
