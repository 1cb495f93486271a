from pathlib import Path

import pytest
import sqlalchemy as sa

from merger.errors import Refused
from merger.systems.profile import Database
from merger.systems.stores import (
    DatabaseFailed,
    file_of,
    open_source,
    place_of,
    same_database,
    sqlite_url,
    url_of,
)

HERE = Database(url_env="HERE")


@pytest.mark.parametrize(
    ("said", "driver"),
    [
        ("postgresql://a:b@c:1/d", "postgresql+psycopg"),
        ("postgres://a:b@c:1/d", "postgresql+psycopg"),
        ("mariadb://a:b@c:1/d", "mariadb+pymysql"),
        ("mysql://a:b@c:1/d", "mysql+pymysql"),
        ("oracle+oracledb://a:b@c:1/d", "oracle+oracledb"),
        ("sqlite:////folder/file.db", "sqlite"),
        ("/folder/file.db", "sqlite"),
    ],
)
def test_a_variable_holds_any_url_or_a_path(said: str, driver: str, monkeypatch) -> None:
    monkeypatch.setenv("HERE", said)
    url = url_of(HERE, Path("/elsewhere"))
    assert url.drivername == driver
    assert file_of(url) == (Path("/folder/file.db") if driver == "sqlite" else None)


def test_a_path_is_beside_the_file_that_names_it() -> None:
    assert file_of(url_of(Database(path="data/x.db"), Path("/job"))) == Path("/job/data/x.db")


def test_a_variable_that_is_not_set_or_holds_no_url_is_refused_without_what_it_holds(monkeypatch) -> None:
    monkeypatch.delenv("HERE", raising=False)
    with pytest.raises(Refused, match="the environment variable HERE is not set"):
        url_of(HERE, Path())
    monkeypatch.setenv("HERE", "postgresql:secret://?@:x:y")
    with pytest.raises(Refused, match="HERE holds is no URL") as refused:
        url_of(HERE, Path())
    assert "secret" not in str(refused.value)


def test_a_place_names_no_account_and_no_password() -> None:
    url = sa.make_url("postgresql+psycopg://who:secret@server:5432/data?password=secret")
    assert place_of(url) == "postgresql://server:5432/data"
    assert same_database(url, sa.make_url("postgresql+psycopg://another@server:5432/data"))
    assert not same_database(url, sa.make_url("postgresql+psycopg://who:secret@server:5432/other"))
    assert same_database(sqlite_url(Path("/a/../b.db")), sqlite_url(Path("/b.db")))


@pytest.mark.parametrize("kind", ["postgresql+psycopg", "mariadb+pymysql"])
def test_a_server_that_does_not_answer_may_answer_later(kind: str) -> None:
    with pytest.raises(DatabaseFailed, match=r"//127\.0\.0\.1:1/data does not answer") as failed:
        open_source(sa.URL.create(kind, "who", "secret", "127.0.0.1", 1, "data"))
    assert failed.value.transient
    assert "secret" not in f"{failed.value!s}{failed.value!r}"


def test_a_kind_without_a_driver_is_refused() -> None:
    with pytest.raises(Refused, match="no driver here for databases of the kind nosuchkind"):
        open_source(sa.make_url("nosuchkind://who:secret@server/data"))


@pytest.mark.parametrize(
    "said",
    ["postgresql:/me:hidden@server/db", "postgresql:me:hidden@server", "host=server user=me password=hidden"],
)
def test_what_is_no_path_and_may_hold_a_password_is_refused_and_not_repeated(said: str, monkeypatch) -> None:
    monkeypatch.setenv("HERE", said)
    with pytest.raises(Refused) as refused:
        url_of(HERE, Path("/elsewhere"))
    assert refused.value.key == "systems.bad-url"
    assert "hidden" not in str(refused.value)
