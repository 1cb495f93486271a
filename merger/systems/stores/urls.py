"""Where a database is: beside the file that names it, or where an environment variable says."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from merger.errors import Refused

if TYPE_CHECKING:
    from merger.systems.profile import Database

_DRIVERS = {
    "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg", "mariadb": "mariadb+pymysql",
    "mysql": "mysql+pymysql", "sqlite": "sqlite",
}  # fmt: skip

_NO_PATH = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:|.*\b(password|passwd|pwd)\s*=", re.DOTALL)
"""What is meant for a URL or for words of a driver, and may hold a password."""


def url_of(database: Database, beside: Path) -> sa.URL:
    """The URL of a database that a profile or a job names; `beside` is the folder of the file that does.

    The environment variable holds any URL of SQLAlchemy, or a path as the shell would take it. Raises Refused
    where it is not set or holds no URL; the message does not repeat what it holds.
    """
    if not database.url_env:
        return sqlite_url(beside / database.path)
    said = os.environ.get(database.url_env, "")
    if not said:
        raise Refused("systems.no-url", variable=database.url_env)
    if "://" not in said:
        if _NO_PATH.match(said):
            raise Refused("systems.bad-url", variable=database.url_env)
        return sqlite_url(Path(said))
    try:
        url = sa.make_url(said)
    except (sa.exc.ArgumentError, ValueError):
        raise Refused("systems.bad-url", variable=database.url_env) from None
    return url.set(drivername=_DRIVERS.get(url.get_backend_name(), url.drivername))


def sqlite_url(path: Path) -> sa.URL:
    """The URL of a SQLite file."""
    return sa.URL.create("sqlite", database=str(path))


def file_of(url: sa.URL) -> Path | None:
    """The file of a SQLite database; None for one of another kind."""
    if url.get_backend_name() != "sqlite":
        return None
    return Path((url.database or "").removeprefix("file:"))


def place_of(url: sa.URL) -> str:
    """How messages name a database: a file's path, or server and database; never who logs in, nor how."""
    file = file_of(url)
    if file is not None:
        return str(file)
    port = f":{url.port}" if url.port else ""
    return f"{url.get_backend_name()}://{url.host or ''}{port}/{url.database or ''}"


def same_database(one: sa.URL, other: sa.URL) -> bool:
    """Whether two URLs lead to one database, as far as they tell."""
    files = file_of(one), file_of(other)
    if files[0] is not None and files[1] is not None:
        return files[0].resolve() == files[1].resolve()
    return place_of(one) == place_of(other)
