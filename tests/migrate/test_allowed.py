"""`merger check` says what the accounts may do, before anything needs it."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from merger.migrate import api
from merger.systems.stores import Store
from merger.testing.pairs import DATABASES, make_world
from merger.testing.servers import reader_url

SERVERS = ("postgresql", "mariadb")


def told(job: Path) -> dict[str, tuple[str, str]]:
    """The state and the words of the check on rights, by system."""
    found = (one for one in api.check(job) if one.code == "rights")
    return {system: (one.state, said) for one in found for system, _, said in [one.detail.partition(": ")]}


@pytest.mark.parametrize("dialect", SERVERS)
def test_an_account_that_may_only_read_is_right_for_a_source_and_not_for_a_target(
    dialect: str, tmp_path: Path, database, monkeypatch: pytest.MonkeyPatch
) -> None:
    urls = {name: database(dialect, name) for name in DATABASES}
    world = make_world(tmp_path / "world", dialect, dialect, urls)
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    (state, said) = told(world.job)["one"]
    assert state == "ok"
    assert "may also write" in said
    assert "SELECT is enough" in said
    assert told(world.job)["platform"] == ("ok", "the account may do what is needed")
    for name, value in world.environment.items():
        reader = reader_url(sa.make_url(value))
        monkeypatch.setenv(name, reader.render_as_string(hide_password=False))
    found = told(world.job)
    assert found["one"] == found["two"] == ("ok", "the account may read what is needed")
    state, said = found["platform"]
    assert state == "failed"
    assert said.startswith("the account lacks CREATE TEMPORARY TABLES, CREATE, INSERT UPDATE DELETE (")


def test_files_are_read_and_written_by_who_may(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(empty / "job.yaml") == {
        "platform": ("ok", "the account may do what is needed"),
        "one": ("ok", "the account may read what is needed"),
        "two": ("ok", "the account may read what is needed"),
    }
    monkeypatch.setattr("merger.systems.stores.rights.os.access", lambda *_: False)
    state, said = told(empty / "job.yaml")["platform"]
    assert state == "failed"
    assert said.startswith("the account lacks CREATE, INSERT UPDATE DELETE (p_officer)")


def test_a_ledger_that_is_there_is_to_be_written_too(moved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("merger.systems.stores.rights.os.access", lambda *_: False)
    _, said = told(moved / "job.yaml")["platform"]
    assert "INSERT UPDATE DELETE (merger_row)" in said
    assert "CREATE" not in said


def test_a_database_that_does_not_tell_is_said_not_to(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("rights_on", "rights_in"):
        monkeypatch.setattr(f"merger.migrate.allowed.{name}", unknown)
    assert set(told(empty / "job.yaml").values()) == {("not-run", "this kind of database does not tell")}


def unknown(_store: Store, *_: str) -> None:
    """Nothing is known."""
