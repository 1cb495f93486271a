"""What commands on a job must not import: each costs processor time that a short command has not."""

import os
import subprocess
import sys

import pytest

HEAVY = (
    "alembic",
    "cryptography",
    "fsspec",
    "jinja2",
    "merger.addresses",
    "merger.mapping.tables",
    "multiprocessing",
    "networkx",
    "openpyxl",
    "polars",
    "psycopg",
    "pymysql",
    "securesystemslib",
    "sqlalchemy.dialects.mysql",
    "sqlalchemy.dialects.postgresql",
)
WORKERS = ("multiprocessing",)
FIRST = ("alembic", "cryptography", "sqlalchemy.dialects.postgresql", *WORKERS)
"""What a first run needs: Alembic, which imports that dialect, makes the ledger; signatures are read."""


def imported(arguments):
    """The heavy modules that a command of its own process imports, which must do what it is asked."""
    code = (
        "import sys; from merger.cli import run; code = run(sys.argv[1:]);"
        f"print(code, *[name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True, env={**os.environ}
    )
    code, *names = done.stderr.splitlines()[-1].split()
    assert code == "0", done.stderr
    return set(names)


@pytest.mark.parametrize("more", [(), ("--quick",)])
def test_a_verification_imports_nothing_that_it_does_not_need(moved, more):
    assert imported(["verify", moved / "plan.json", *more]) == set()


def test_a_dry_run_imports_nothing_that_it_does_not_need(standard):
    assert imported(["plan", standard / "job.yaml", "--out", standard / "plan.json", "--json"]) == set()


def test_a_run_imports_nothing_that_it_does_not_need(ready):
    assert imported(["apply", ready / "plan.json"]) <= set(FIRST)
    assert imported(["apply", ready / "plan.json"]) <= set(WORKERS)


def test_nothing_of_a_database_is_imported_before_it_is_known_which_it_is():
    code = (
        "import sys; from merger.migrate import applying, checking, planning, rolling_back, verifying;"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(list(WORKERS))


def test_what_workers_are_forked_from_reads_no_definitions():
    code = (
        "import sys; from merger.migrate.movers import workers;"
        "print([name for name in ('pydantic', 'yaml', 'merger.approval') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
