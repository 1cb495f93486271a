"""`merger recode` of a file against a bare Polars read, join and write of the same file."""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

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
folder, rows, seed, wide = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "wide"
lineage = lineage_of(contents_of([shipped()]))
codes = pl.Series([v.code for v in lineage.roster(UnitKind.COMMUNE, date(2025, 6, 30))])
random = Random(seed)
parts = []
for start in range(0, rows, {CHUNK}):
    count = min({CHUNK}, rows - start)
    which = pl.Series(random.choices(range(len(codes)), k=count), dtype=pl.UInt32)
    days = pl.Series(random.choices(range((date(2025, 6, 30) - date(2015, 1, 1)).days), k=count))
    number = pl.int_range(start, start + count, eager=True)
    frame = pl.DataFrame({{
        "id": number,
        "commune": codes.gather(which),
        "day": (days + (date(2015, 1, 1) - date(1970, 1, 1)).days).cast(pl.Int32).cast(pl.Date),
        "note": (which * 7 % 1000).cast(pl.String) + " made up",
        "amount": which * 1.5,
    }})
    if wide:
        frame = frame.with_columns(
            born=codes.gather((which + number.cast(pl.UInt32)) % len(codes)),
            address=pl.concat_str(pl.lit("số "), number.cast(pl.String), pl.lit(", thôn "),
                                  (number % 40).cast(pl.String)),
            service=pl.concat_str(
                pl.lit("1.00"), (number % 900 + 1000).cast(pl.String), pl.lit(".000.00.00")
            ),
        )
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
codes = pl.read_parquet(folder / "codes.parquet").lazy()
rows = pl.scan_parquet(folder / "in.parquet")
rows = rows.join(codes, on="commune", how="left", maintain_order="left")
{more}
rows.sink_parquet(folder / "bare.parquet")
print(time.perf_counter() - started)
"""
SECOND = """
born = codes.rename({name: name.replace("commune", "born") for name in codes.collect_schema()})
rows = rows.join(born, on="born", how="left", maintain_order="left")
"""

TO_CSV = """
import sys
from pathlib import Path
import polars as pl
folder = Path(sys.argv[1])
pl.scan_parquet(folder / "in.parquet").sink_csv(folder / "in.csv")
"""

BARE_CSV = """
import sys, time
from pathlib import Path
started = time.perf_counter()
import polars as pl
folder = Path(sys.argv[1])
codes = pl.read_parquet(folder / "codes.parquet").lazy()
rows = pl.scan_csv(folder / "in.csv", infer_schema=False)
rows.join(codes, on="commune", how="left", maintain_order="left").sink_csv(folder / "bare.csv")
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
task = Task({columns}, days{more})
unresolved = folder / "rest{suffix}" if {unresolved} else None
recode(folder / "in{suffix}", task, Knowledge(), folder / "ours{suffix}", unresolved, replace=True)
print(time.perf_counter() - started)
"""

ONE_DAY = "Days(date(2025, 7, 1), at=date(2025, 6, 30))"
ROW_BY_ROW = 'Days(date(2025, 7, 1), at_column="day")'
ONE = '(Column("commune"),)'
TWO = '(Column("commune"), Column("born"))'


def ours(
    days: str = ROW_BY_ROW,
    columns: str = ONE,
    more: str = "",
    suffix: str = ".parquet",
    *,
    unresolved: bool = False,
) -> str:
    return OURS.format(days=days, columns=columns, more=more, suffix=suffix, unresolved=unresolved)


PLAIN = {
    "bare Polars: read, join, write": BARE.format(more=""),
    "`recode --at`": ours(ONE_DAY),
    "`recode --at-column`": ours(),
    "the same, with `--follow`": ours(more=', follow="people"'),
    "the same, with `--unresolved`": ours(unresolved=True),
}
WIDE = {
    "bare, eight columns": BARE.format(more=""),
    "`recode --at-column`": ours(),
    "the same, with `--locality-column`, no two alike": ours(more=', locality="address"'),
    "the same, with `--service-column`": ours(more=', service="service"'),
}
PAIR = {
    "bare, eight columns, two joins": BARE.format(more=SECOND),
    "`recode`, two columns": ours(columns=TWO),
}
CSV = {"bare, CSV": BARE_CSV, "`recode --at-column`, CSV": ours(suffix=".csv")}


@dataclass(frozen=True)
class Run:
    """The medians of some runs in processes of their own: seconds, and the ratio to the bare way of the same
    round; and the peak memory of any in MB."""

    what: str
    seconds: float
    ratio: float
    peak_mb: float


def recoding(rows: int, repeats: int, seed: int, *, brief: bool = False) -> list[Run]:
    """Groups of ways to do the same, each with the bare way first; only the first group if `brief`."""
    with tempfile.TemporaryDirectory(prefix="merger-bench-") as folder:
        kept = {"MERGER_CACHE": str(Path(folder) / "cache")}
        child(MAKE, [folder, str(rows), str(seed), ""], kept)
        found = measured(PLAIN, folder, repeats, kept)
        if brief:
            return found
        child(TO_CSV, [folder], kept)
        found += measured(CSV, folder, repeats, kept)
        for file in Path(folder).glob("*.csv"):
            file.unlink()
        child(MAKE, [folder, str(rows), str(seed), "wide"], kept)
        return found + measured(WIDE, folder, repeats, kept) + measured(PAIR, folder, repeats, kept)


def measured(ways: dict[str, str], folder: str, repeats: int, kept: dict[str, str]) -> list[Run]:
    """Each way once a round, in turn, so that what else the machine does weighs on all of them."""
    rounds = [{what: child(code, [folder], kept) for what, code in ways.items()} for _ in range(repeats)]
    bare = next(iter(ways))
    return [
        Run(
            what,
            median(float(one[what][0]) for one in rounds),
            median(float(one[what][0]) / float(one[bare][0]) for one in rounds),
            max(one[what][1] for one in rounds),
        )
        for what in ways
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
    lines = [f"{rows:,} rows.", "", "| what | seconds | ratio to bare | peak MB |", "|---|---|---|---|"]
    lines += [f"| {one.what} | {one.seconds:.2f} | {one.ratio:.2f} | {one.peak_mb:.0f} |" for one in runs]
    return "\n".join(lines)
