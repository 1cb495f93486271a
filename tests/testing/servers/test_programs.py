"""What is said of servers that are missing or not wanted, and one server for all workers of a run."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from merger.errors import Refused
from merger.testing.servers import __main__ as telling
from merger.testing.servers import programs
from merger.testing.servers.processes import is_free

ROOT = Path(__file__).parents[3]

SHARING = """
import json, os, time
from pathlib import Path
import sqlalchemy as sa

def note(url):
    Path(__file__).with_suffix(f".{os.environ['PYTEST_XDIST_WORKER']}").write_text(
        json.dumps([url.port, url.database, os.environ["MERGER_SERVERS_FOLDER"]]))

def other_noted():
    end = time.monotonic() + 60
    while len(list(Path(__file__).parent.glob("test_*.gw?"))) < 2 and time.monotonic() < end:
        time.sleep(0.02)

def test_it(database):
    note(database("postgresql"))
    other_noted()
    DIE
"""


def test_a_server_that_is_missing_is_refused_with_how_to_install_it(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(programs, "_SBIN", "/nowhere")
    monkeypatch.setattr(programs, "_FOLDERS", ())
    monkeypatch.delenv("MERGER_SERVERS", raising=False)
    for kind, package in (
        ("postgresql", "postgresql"),
        ("mariadb", "mariadb-server-core mariadb-client"),
        ("sftp", "openssh-server"),
    ):
        assert programs.found(kind) is None
        with pytest.raises(Refused) as refused:
            programs.needed(kind)
        assert str(refused.value).endswith(f"install it with: apt-get install {package}")


def test_a_server_that_is_not_wanted_is_refused(monkeypatch):
    monkeypatch.setenv("MERGER_SERVERS", "no")
    with pytest.raises(Refused, match="s3: not started, since MERGER_SERVERS=no"):
        programs.needed("s3")


def test_a_postgresql_that_is_too_old_is_not_taken(monkeypatch, tmp_path):
    monkeypatch.setattr(programs, "_FOLDERS", (f"{str(tmp_path)[1:]}/*",))
    monkeypatch.setenv("PATH", "/nowhere")
    for version in (9, 12, 13, 17):
        (tmp_path / str(version) / "bin").mkdir(parents=True)
        (tmp_path / str(version) / "bin" / "initdb").touch()
        program = tmp_path / str(version) / "bin" / "postgres"
        program.write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}.3 (Debian {version}.3-1)'\n")
        program.chmod(0o755)
    assert programs.found("postgresql") == tmp_path / "17" / "bin" / "postgres"
    for version in (13, 17):
        (tmp_path / str(version) / "bin" / "initdb").unlink()
    assert programs.found("postgresql") is None


def test_an_oracle_mysql_is_no_mariadb(monkeypatch, tmp_path):
    (tmp_path / "mysqld").write_text("#!/bin/sh\necho 'mysqld  Ver 8.0.36 for Linux on x86_64 (MySQL)'\n")
    (tmp_path / "mysqld").chmod(0o755)
    (tmp_path / "mariadb-install-db").write_text("#!/bin/sh\n")
    (tmp_path / "mariadb-install-db").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(programs, "_SBIN", "/nowhere")
    assert programs.found("mariadb") is None
    (tmp_path / "mysqld").write_text("#!/bin/sh\necho 'mysqld  Ver 10.11.6-MariaDB for debian-linux-gnu'\n")
    assert programs.found("mariadb") == tmp_path / "mysqld"


def test_the_packages_of_missing_servers_are_listed_and_nothing_else(monkeypatch, capsys):
    there = {"postgresql": None, "mariadb": Path("/usr/sbin/mariadbd"), "sftp": None}
    there |= dict.fromkeys(("s3", "softhsm"), Path("/"))
    monkeypatch.setattr(telling, "found", there.get)
    assert telling.main(["--packages"]) == 1
    assert capsys.readouterr().out.split() == ["postgresql", "pgbouncer", "openssh-server"]


def test_all_servers_that_are_there_are_told(monkeypatch, capsys):
    monkeypatch.setattr(telling, "found", dict.fromkeys(programs.KINDS, Path("/")).get)
    assert telling.main([]) == 0
    assert capsys.readouterr().out.splitlines() == [f"{kind}: /" for kind in programs.KINDS]


@pytest.mark.parametrize("ending", ["pass", "os._exit(1)"], ids=["in good order", "with a dead worker"])
def test_workers_share_one_server_and_none_is_left(tmp_path, ending):
    try:
        programs.needed("postgresql")
    except Refused as refused:
        pytest.skip(str(refused))
    (tmp_path / "conftest.py").write_text('pytest_plugins = ("merger.testing.servers.fixtures",)\n')
    (tmp_path / "test_one.py").write_text(SHARING.replace("DIE", "pass"))
    (tmp_path / "test_two.py").write_text(SHARING.replace("DIE", ending))
    options = ["-q", "-n", "2", "--max-worker-restart=0", "-p", "no:cacheprovider"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, tmp_path],
        cwd=tmp_path,
        env=environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    notes = [json.loads(file.read_text()) for file in tmp_path.glob("test_*.gw?")]
    assert len(notes) == 2, done.stdout
    ports, databases, folders = (set(values) for values in zip(*notes, strict=True))
    assert (len(ports), len(databases), len(folders)) == (1, 2, 1)
    assert is_free(*ports)
    assert not Path(*folders).exists()
    assert ("1 failed" in done.stdout) == (ending != "pass")
