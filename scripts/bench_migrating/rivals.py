"""Other people's tools on the same rows: pgloader and dlt move, reladiff and Google's validator check."""

import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bench_migrating.dossiers import COLUMNS, TABLE
from bench_migrating.systems import PostgreSQL, Server, System
from bench_migrating.watched import last_words

PACKAGES = {
    "dlt": ("dlt[postgres]", "sqlalchemy", "pyarrow", "connectorx", "psycopg2-binary", "pymysql"),
    "reladiff": ("reladiff", "psycopg2-binary", "mysql-connector-python"),
    "google-pso-data-validator": ("google-pso-data-validator", "psycopg2-binary", "setuptools<81"),
}
BACKENDS = ("pyarrow", "connectorx")
DLT_SCHEMA = "moved_by_dlt"
MOST_ROWS_OF_VALIDATOR = 2_000_000
"""It holds both tables' hashes in memory."""

DLT = """
import sys
import dlt
from dlt.sources.sql_database import sql_table
url, plain, target, backend, folder, table, schema = sys.argv[1:]
extra = {"backend_kwargs": {"conn": plain}} if backend == "connectorx" else {}
rows = sql_table(credentials=url, table=table, backend=backend, chunk_size=100_000, **extra)
rows.apply_hints(columns={"id": {"unique": True}})
to = dlt.destinations.postgres(target)
pipeline = dlt.pipeline("bench", destination=to, dataset_name=schema, pipelines_dir=folder)
print(pipeline.run(rows, write_disposition="replace"))
"""
PGLOADER = """
LOAD DATABASE
  FROM {source}
  INTO {target}
  WITH data only, prefetch rows = 25000
  INCLUDING ONLY TABLE NAMES MATCHING {tables}
  {more};
"""
"""The table is there already. With its usual 100,000 rows ahead it runs out of memory reading MariaDB."""


@dataclass(frozen=True)
class Rival:
    """A command that does the same, or why there is none.

    table: where the rows are afterwards. says: words that a checker prints if both sides are equal.
    """

    name: str
    command: list[str]
    missing: str = ""
    table: str = TABLE
    environment: dict[str, str] | None = None
    says: str = ""


def environments(cache: Path) -> dict[str, str]:
    """Makes what is not there of the rivals' environments; why one could not be made, by package."""
    missing = {}
    for name, packages in PACKAGES.items():
        place = cache / name
        if (place / "made").exists():
            continue
        try:
            subprocess.run(
                [sys.executable, "-m", "venv", "--clear", str(place)], check=True, capture_output=True
            )
            subprocess.run(
                [str(place / "bin" / "pip"), "install", "-q", *packages],
                check=True,
                capture_output=True,
                text=True,
            )
            (place / "made").touch()
        except subprocess.CalledProcessError:
            missing[name] = f"does not install on Python {sys.version_info.major}.{sys.version_info.minor}"
    return missing


def version(name: str, cache: Path) -> str:
    """The version of a package of an environment, or of pgloader; empty if it is not there."""
    if name == "pgloader":
        if not shutil.which(name):
            return ""
        said = subprocess.run([name, "--version"], capture_output=True, text=True).stdout
        return said.split('"')[1] if '"' in said else said.strip()
    python = cache / name / "bin" / "python"
    if not python.exists():
        return ""
    code = f"import importlib.metadata as m; print(m.version({name!r}))"
    done = subprocess.run([str(python), "-c", code], capture_output=True, text=True)
    return done.stdout.strip()


def movers(source: System, target: System, folder: Path, cache: Path, missing: dict[str, str]) -> list[Rival]:
    """Those that move rows from `source` to `target`; none for what they do not know."""
    if not isinstance(target, PostgreSQL) or not isinstance(source, Server):
        return []
    return [
        _pgloader(source, target, folder),
        *(_dlt(b, source, target, folder, cache, missing) for b in BACKENDS),
    ]


def _pgloader(source: Server, target: Server, folder: Path) -> Rival:
    if not shutil.which("pgloader"):
        return Rival("pgloader", [], "not installed")
    script = folder / "pgloader.load"
    same = isinstance(source, PostgreSQL)
    script.write_text(
        PGLOADER.format(
            source=source.plain_url("source").replace("postgresql:", "pgsql:"),
            target=target.plain_url("target").replace("postgresql:", "pgsql:"),
            tables=f"'{TABLE}' IN SCHEMA 'public'" if same else f"'{TABLE}'",
            more="" if same else "ALTER SCHEMA 'source' RENAME TO 'public'",
        ),
        "utf-8",
    )
    return Rival("pgloader", ["pgloader", "--root-dir", str(folder / "pgloader"), str(script)])


def _dlt(
    backend: str, source: Server, target: Server, folder: Path, cache: Path, missing: dict[str, str]
) -> Rival:
    name, home = f"dlt, {backend}", folder / f"dlt-{backend}"
    if "dlt" in missing:
        return Rival(name, [], missing["dlt"])
    url = source.url("source").replace("+psycopg:", "+psycopg2:")
    command = [str(cache / "dlt" / "bin" / "python"), "-c", DLT, url, source.plain_url("source"),
               target.plain_url("target"), backend, str(home), TABLE, DLT_SCHEMA]  # fmt: skip
    environment = {
        **os.environ,
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "DLT_DATA_DIR": str(home),
        "DESTINATION__POSTGRES__CREDENTIALS__PASSWORD": "unused",
    }
    cleared = ["bash", "-c", f'rm -rf {shlex.quote(str(home))}; exec "$@"', "dlt", *command]
    return Rival(name, cleared, table=f"{DLT_SCHEMA}.{TABLE}", environment=environment)


def checkers(
    source: System, target: System, rows: int, folder: Path, cache: Path, missing: dict[str, str]
) -> list[Rival]:
    """Those that compare the rows of `source` with those of `target`, cell by cell."""
    if not isinstance(target, Server) or not isinstance(source, Server):
        return []
    return [
        _reladiff(source, target, rows, cache, missing),
        _validator(source, target, rows, folder, cache, missing),
    ]


def _reladiff(source: Server, target: Server, rows: int, cache: Path, missing: dict[str, str]) -> Rival:
    if "reladiff" in missing:
        return Rival("reladiff", [], missing["reladiff"])
    columns = [part for name in COLUMNS[1:] for part in ("-c", name)]
    command = [str(cache / "reladiff" / "bin" / "reladiff"), source.plain_url("source"), TABLE,
               target.plain_url("target"), TABLE, "-k", "id", *columns, "--stats"]  # fmt: skip
    return Rival("reladiff", command, says=f"\n{rows} rows unchanged")


def _validator(
    source: Server, target: Server, rows: int, folder: Path, cache: Path, missing: dict[str, str]
) -> Rival:
    package = "google-pso-data-validator"
    name = "Google's data validator"
    if package in missing:
        return Rival(name, [], missing[package])
    if rows > MOST_ROWS_OF_VALIDATOR:
        return Rival(name, [], "not tried with so many rows: it holds a hash of each in memory")
    program = str(cache / package / "bin" / "data-validation")
    environment = {**os.environ, "PSO_DV_CONN_HOME": str(folder / "validator")}
    (folder / "validator").mkdir(exist_ok=True)
    tables = []
    for side, system in (("source", source), ("target", target)):
        kind, user, word = ("Postgres", "postgres", "unused")
        if not isinstance(system, PostgreSQL):
            kind, user, word = ("MySQL", "bench", "bench")
        added = subprocess.run(
            [program, "connections", "add", "--connection-name", side, kind, "--host", "127.0.0.1", "--port",
             str(system.port), "--user", user, "--password", word, "--database", side],
            env=environment, capture_output=True, text=True,
        )  # fmt: skip
        if added.returncode:
            return Rival(name, [], last_words(added.stderr))
        tables.append(f"public.{TABLE}" if kind == "Postgres" else f"{side}.{TABLE}")
    command = [program, "validate", "row", "-sc", "source", "-tc", "target", "-tbls", "=".join(tables),
               "--primary-keys", "id", "--hash", "*", "--filter-status", "fail",
               "--format", "json"]  # fmt: skip
    return Rival(name, command, environment=environment, says="{}")
