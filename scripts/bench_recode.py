"""`merger recode` of a Parquet file against a bare Polars read, join and write of the same file."""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

CHUNK = 1_000_000

MAKE = f"""
import sys
from datetime import date
from pathlib import Path
from random import Random
import polars as pl
from merger.lineage import lineage_of
from merger.mapping import contents_of, shipped
from merger.mapping.models import UnitKind
folder, rows, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
lineage = lineage_of(contents_of([shipped()]))
codes = pl.Series([v.code for v in lineage.roster(UnitKind.COMMUNE, date(2025, 6, 30))])
random = Random(seed)
parts = []
for start in range(0, rows, {CHUNK}):
    count = min({CHUNK}, rows - start)
    which = pl.Series(random.choices(range(len(codes)), k=count), dtype=pl.UInt32)
    days = pl.Series(random.choices(range((date(2025, 6, 30) - date(2015, 1, 1)).days), k=count))
    frame = pl.DataFrame({{
        "id": pl.int_range(start, start + count, eager=True),
        "commune": codes.gather(which),
        "day": (days + (date(2015, 1, 1) - date(1970, 1, 1)).days).cast(pl.Int32).cast(pl.Date),
        "note": (which * 7 % 1000).cast(pl.String) + " made up",
        "amount": which * 1.5,
    }})
    parts.append(folder / f"part-{{start:010d}}.parquet")
    frame.write_parquet(parts[-1])
pl.scan_parquet(parts).sink_parquet(folder / "in.parquet")
for part in parts:
    part.unlink()
pl.DataFrame({{"commune": codes, "commune_new": codes, "commune_outcome": "unique"}}).write_parquet(
    folder / "codes.parquet"
)
"""

BARE = """
import sys, time
from pathlib import Path
started = time.perf_counter()
import polars as pl
folder = Path(sys.argv[1])
codes = pl.read_parquet(folder / "codes.parquet")
rows = pl.scan_parquet(folder / "in.parquet")
rows.join(codes.lazy(), on="commune", how="left", maintain_order="left").sink_parquet(folder / "bare.parquet")
print(time.perf_counter() - started)
"""

OURS = """
import sys, time
from datetime import date
from pathlib import Path
started = time.perf_counter()
from merger.recode import Column, Days, Task, recode
from merger.recode.knowledge import Knowledge
folder = Path(sys.argv[1])
days = {days}
task = Task((Column("commune"),), days)
recode(folder / "in.parquet", task, Knowledge(), folder / "ours.parquet", None)
print(time.perf_counter() - started)
"""

ONE_DAY = "Days(date(2025, 7, 1), at=date(2025, 6, 30))"
ROW_BY_ROW = 'Days(date(2025, 7, 1), at_column="day")'


@dataclass(frozen=True)
class Run:
    """The best of some runs in processes of their own: seconds, and the peak memory of any in MB."""

    what: str
    seconds: float
    peak_mb: float


def recoding(rows: int, repeats: int, seed: int) -> list[Run]:
    """The bare way first, then ours with one day for all rows and with a day for each."""
    with tempfile.TemporaryDirectory(prefix="merger-bench-") as folder:
        kept = {"MERGER_CACHE": str(Path(folder) / "cache")}
        child(MAKE, [folder, str(rows), str(seed)], kept)
        ways = {
            "bare Polars: read, join, write": BARE,
            "`recode --at`": OURS.format(days=ONE_DAY),
            "`recode --at-column`": OURS.format(days=ROW_BY_ROW),
        }
        tries: dict[str, list[tuple[float, float]]] = {what: [] for what in ways}
        for _ in range(repeats):
            for what, code in ways.items():
                printed, peak = child(code, [folder], kept)
                tries[what].append((float(printed), peak))
        return [
            Run(what, min(t[0] for t in found), max(t[1] for t in found)) for what, found in tries.items()
        ]


def child(code: str, arguments: list[str], environment: dict[str, str]) -> tuple[str, float]:
    """What a fresh process prints, and its peak memory in MB."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    if status:
        raise SystemExit(f"a measured step failed ({status})")
    return printed, usage.ru_maxrss / 1024


def table(rows: int, runs: list[Run]) -> str:
    bare = runs[0].seconds
    lines = [f"{rows:,} rows.", "", "| what | seconds | ratio to bare | peak MB |", "|---|---|---|---|"]
    lines += [
        f"| {one.what} | {one.seconds:.2f} | {one.seconds / bare:.2f} | {one.peak_mb:.0f} |" for one in runs
    ]
    return "\n".join(lines)
