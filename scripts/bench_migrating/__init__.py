"""Moving a table of dossiers from one database to another: ours, the bare pipe, and other people's tools."""

import argparse
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from bench_migrating import dossiers, rivals
from bench_migrating.rounds import Result, run
from bench_migrating.systems import MARIADB_SETTINGS, POSTGRESQL_SETTINGS, System, output, started
from bench_migrating.table import against_tenth, pair_table
from bench_migrating.ways import BARE, chains

PAIRS = ("postgresql-postgresql", "sqlite-sqlite", "mariadb-postgresql")
"""What is measured unless the caller says otherwise."""

ALL_PAIRS = tuple(
    f"{source}-{target}"
    for source in ("postgresql", "mariadb", "sqlite")
    for target in ("postgresql", "mariadb", "sqlite")
)
TENTH_FROM = 10_000_000
"""From so many rows on, a tenth is measured too, to tell whether time and memory grow as they may."""

__all__ = ["ALL_PAIRS", "arguments", "migrating"]


def arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the options of this part."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "merger-bench"
    parser.add_argument("--migrate-rows", type=int, default=1_000_000, help="dossiers of the one table")
    parser.add_argument("--rounds", type=int, default=3, help="of all ways; the medians count")
    parser.add_argument("--pairs", nargs="+", choices=ALL_PAIRS, default=PAIRS, metavar="SOURCE-TARGET")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="of merger apply")
    parser.add_argument("--no-rivals", action="store_true", help="only ours and the bare pipe")
    parser.add_argument("--migrate-cache", type=Path, default=cache, help="the rivals' environments")


def migrating(given: argparse.Namespace) -> str:
    """Measures every pair and returns the text for docs/benchmarks.md."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    cache = given.migrate_cache.resolve()
    missing = {} if given.no_rivals else rivals.environments(cache)
    pairs = [tuple(pair.split("-")) for pair in given.pairs]
    parts = []
    with tempfile.TemporaryDirectory(prefix="merger-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        bytes_a_row = 0
        sizes = [given.migrate_rows]
        if given.migrate_rows >= TENTH_FROM:
            sizes.insert(0, given.migrate_rows // 10)
        found: dict[tuple[str, int], list[Result]] = {}
        for rows in sizes:
            file = folder / "rows.tsv"
            bytes_a_row = dossiers.write(file, rows)
            for source, target in pairs:
                place = folder / f"{source}-{target}-{rows}"
                place.mkdir()
                apart = rows != given.migrate_rows or given.no_rivals
                found[f"{source}-{target}", rows] = one_pair(
                    (source, target), file, rows, place, cache, missing, given, apart=apart
                )
            file.unlink()
        for source, target in pairs:
            pair = f"{source}-{target}"
            results = found[pair, given.migrate_rows]
            parts.append(pair_table(source, target, given.migrate_rows, results))
            if len(sizes) > 1:
                parts.append(against_tenth(found[pair, sizes[0]], results))
    head = (
        f"{given.migrate_rows:,} rows of {bytes_a_row} bytes, {dossiers.COMBINATIONS} combinations of codes; "
        f"apply with {given.workers} workers. {settings()} {versions(cache)}"
    )
    return "\n\n".join([head, *parts])


def one_pair(
    pair: tuple[str, str],
    file: Path,
    rows: int,
    folder: Path,
    cache: Path,
    missing: dict[str, str],
    given: argparse.Namespace,
    *,
    apart: bool,
) -> list[Result]:
    """All ways between two databases, on servers of their own; without rivals if `apart`."""
    folder.chmod(0o755)
    print(f"{' to '.join(pair)}, {rows:,} rows", file=sys.stderr, flush=True)
    with started(set(pair), folder) as systems:
        lacking = [dialect for dialect in pair if dialect not in systems]
        if lacking:
            return [Result(BARE, failure=f"no server: {lacking[0]}")]
        source, target = systems[pair[0]], systems[pair[1]]
        fill(source, target, file, rows)
        ways = chains(source, target, rows, folder, given.workers, None if apart else (cache, missing))
        return run(ways, target, given.rounds, folder)


def fill(source: System, target: System, file: Path, rows: int) -> None:
    source.empty("source")
    target.empty("target")
    source.load("source", file)
    there = source.count("source")
    if there != rows:
        raise SystemExit(f"{source.name} took {there:,} of {rows:,} rows")


def settings() -> str:
    """The servers' settings in words."""
    both = (("PostgreSQL", POSTGRESQL_SETTINGS), ("MariaDB", MARIADB_SETTINGS))
    told = [f"{name} with " + ", ".join(f"`{a}={b}`" for a, b in some.items()) for name, some in both]
    return f"{'; '.join(told)}; the rest as shipped."


def versions(cache: Path) -> str:
    """What the servers' clients and the rivals are."""
    clients = [output([name, "--version"]) for name in ("psql", "mariadb") if shutil.which(name)]
    names = ("pgloader", "dlt", "reladiff", "google-pso-data-validator")
    found = [f"{name} {version}" for name in names if (version := rivals.version(name, cache))]
    return ", ".join([*clients, *found]) + "."
