"""What was measured, as tables for people."""

from bench_migrating.rounds import Result
from bench_migrating.systems import MariaDB, PostgreSQL, SQLite
from bench_migrating.ways import APPLY, BARE, FULL, LATER_APPLY, LATER_PLAN, PLAN, QUICK, ROLLBACK

NAMES = {kind.dialect: kind.name for kind in (PostgreSQL, MariaDB, SQLite)}
AT_MOST = {PLAN: 0.25, FULL: 1.2, QUICK: 0.4}
APPLY_AT_MOST = {("postgresql", "postgresql"): 1.6, ("sqlite", "sqlite"): 2.5}
"""The ratios that are asked of ours."""

MOST_MB = 250
"""Megabytes that ours may take, however many rows."""

OURS = (PLAN, APPLY, FULL, QUICK, LATER_PLAN, LATER_APPLY, ROLLBACK)


def pair_table(source: str, target: str, rows: int, results: list[Result]) -> str:
    """The ways between two databases, and how much faster ours is than each rival."""
    lines = [
        f"### {NAMES[source]} to {NAMES[target]}",
        "",
        "| what | seconds | rows/s | ratio to bare | at most | processor s | peak MB | load |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in results:
        most = APPLY_AT_MOST.get((source, target)) if one.name == APPLY else AT_MOST.get(one.name)
        lines.append(_line(one, rows, "" if most is None else f"{most}"))
    faster = _faster(results)
    return "\n".join([*lines, "", faster] if faster else lines)


def _line(one: Result, rows: int, most: str) -> str:
    name = one.name if one.name == BARE or not one.name.startswith("merger") else f"`{one.name}`"
    if one.failure:
        return f"| {name} | {one.failure} | | | {most} | | | |"
    return (
        f"| {name} | {one.seconds:.2f} | {rows / one.seconds:,.0f} | {one.ratio:.2f} | {most} "
        f"| {one.processor:.1f} | {one.peak_mb:.0f} | {one.load:.1f} |"
    )


def _faster(results: list[Result]) -> str:
    """How many times as long as our apply each rival that moves took."""
    by_name = {one.name: one for one in results}
    apply = by_name.get(APPLY)
    movers = [one for one in results if one.name.startswith(("pgloader", "dlt")) and not one.failure]
    if apply is None or apply.failure or not movers:
        return ""
    told = ", ".join(f"{one.name} {one.seconds / apply.seconds:.1f}" for one in movers)
    return f"Times as long as `{APPLY}`: {told}."


def against_tenth(tenth: list[Result], whole: list[Result]) -> str:
    """Time against ten times that of a tenth of the rows, and memory at both sizes."""
    before = {one.name: one for one in tenth}
    lines = [
        "| ten times the rows | time against ten times | peak MB before | peak MB | at most |",
        "|---|---|---|---|---|",
    ]
    for one in whole:
        small = before.get(one.name)
        if small is None or small.failure or one.failure:
            continue
        most = f"1.15; {MOST_MB} MB" if one.name in OURS else ""
        ratio = one.seconds / small.seconds / 10
        lines.append(f"| {one.name} | {ratio:.2f} | {small.peak_mb:.0f} | {one.peak_mb:.0f} | {most} |")
    return "\n".join(lines)
