"""Files in columns of bytes: moved and proved, and no process holds them many times over."""

import subprocess
import sys
from hashlib import sha256

import pytest
import sqlalchemy as sa

from merger.migrate import api
from merger.testing.pairs.kinds import MARIADB, POSTGRESQL, SQLITE
from tests.pairs.conftest import Pairs, quiet
from tests.pairs.small import Small

TYPES = {POSTGRESQL: "bytea", MARIADB: "LONGBLOB", SQLITE: "BLOB"}
CONTENT = bytes(range(256)) * (12 << 12)
"""12 MB."""
BARE = 100
"""MB that a command takes without a file."""
SEVERAL = 8
"""How often at most a file is held where SQLite is one of the two, in whose process it must be whole."""


COMMAND = """
import runpy, sys
from pathlib import Path

*sys.argv, said = sys.argv
try:
    runpy.run_module("merger", run_name="__main__")
finally:
    Path(said).write_text(Path("/proc/self/status").read_text())
"""
"""A command that says what memory it took; who began it is told of no less than he himself had then."""


def most_memory(small: Small, *arguments: str) -> float:
    """The memory, in MB, that a command took at most, which must do what it is told to."""
    said = small.folder / "memory"
    subprocess.run([sys.executable, "-c", COMMAND, *arguments, str(said)], check=True, capture_output=True)
    (line,) = [one for one in said.read_text().splitlines() if one.startswith("VmHWM")]
    return int(line.split()[1]) * 1024 / 1e6


def put(small: Small, content: bytes) -> None:
    engine = sa.create_engine(small.urls["one"])
    item = sa.table("item", sa.column("commune"), sa.column("scan", sa.LargeBinary), sa.column("note"))
    with engine.begin() as connection:
        for scan in (content, b"", None):
            connection.execute(sa.insert(item).values(commune="10002", scan=scan, note="đ"))
    engine.dispose()


def scans(small: Small) -> list[bytes | None]:
    engine = sa.create_engine(small.urls["platform"])
    asked = (
        sa.select(sa.column("scan", sa.LargeBinary)).select_from(sa.table("p_item")).order_by(sa.column("id"))
    )
    with engine.connect() as connection:
        found = list(connection.execute(asked).scalars())
    engine.dispose()
    return found


PAIRS = [
    (POSTGRESQL, MARIADB),
    (MARIADB, POSTGRESQL),
    (POSTGRESQL, SQLITE),
    (SQLITE, POSTGRESQL),
    (SQLITE, SQLITE),
]


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_a_file_in_a_column_is_not_held_many_times_over(pairs: Pairs, pair: tuple[str, str]) -> None:
    columns = "id {{key}}, {} VARCHAR(9), scan {}, note VARCHAR(9)"
    small = Small(
        pairs,
        pair,
        [f"CREATE TABLE item ({columns.format('commune', TYPES[pair[0]])})"],
        [f"CREATE TABLE p_item ({columns.format('ward', TYPES[pair[1]])})"],
        {"scan": "scan", "note": "note"},
    )
    put(small, CONTENT)
    assert small.plan().to_move == 3
    plan = str(small.folder / "plan.json")
    most = max(most_memory(small, "apply", plan, "--workers", "1"), most_memory(small, "verify", plan))
    assert [one and sha256(one).digest() for one in scans(small)] == [sha256(CONTENT).digest(), b"", None]
    assert most < BARE + (SEVERAL if SQLITE in pair else 2) * len(CONTENT) / 1e6

    small.run("platform", "UPDATE p_item SET scan = NULL WHERE note = 'đ'")
    found = api.verify(plan, False, True, quiet)
    told = [(one.column, one.found) for one in found.differences]
    hashed = [one.expected or "" for one in found.differences]
    assert told == [("scan", None), ("scan", None)]
    assert hashed[0].startswith("SHA-256 \\x")
    assert len(hashed[0]) < 100
