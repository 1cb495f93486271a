"""A world on trial: planned and signed once, its platform put back as it was as often as one likes."""

import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa

from merger.migrate import api
from merger.testing.pairs.kinds import MARIADB, POSTGRESQL, SQLITE
from merger.testing.pairs.tables import PLATFORM, make
from merger.testing.pairs.world import World, content, own_rows, platform
from merger.testing.people import sign_by_all

KEPT = "_kept"
"""What the name of a database ends with that is a copy of the platform before its first run."""
COMPARED = {
    "merger_row": ("dataset_id", "source_key", "target_key", "row_hash", "merged", "run", "state"),
    "merger_dataset": ("system", "dataset", "target"),
    "merger_block": ("run", "dataset_id", "first", "size", "counter_before", "counter_after"),
    "merger_batch": ("run", "dataset_id", "number", "kind", "state", "first_key", "last_key", "rows"),
    "merger_run": ("id", "job", "kind", "state", "plan_sha256"),
    "merger_approval": ("name", "role", "action", "run"),
    "merger_trail": ("seq", "action"),
}
"""What of the ledger must be the same however a run went: all but times, durations, who moved a batch, and
the numbers that the ledger has for datasets and batches, which a transaction that was taken back does not
give back; datasets are compared by their names."""
DATASET = "dataset_id"
_LEFT = ("", "-journal", "-wal", "-shm")

Found = Mapping[str, list[Any]]


@dataclass
class PairTrial:
    """A world with a signed plan. `dialect`: the platform's."""

    world: World
    dialect: str

    @property
    def plan_file(self) -> Path:
        return self.world.folder / "plan.json"

    @classmethod
    def of(cls, world: World) -> "PairTrial":
        """Plans and signs a world that nobody has planned; the environment must name its databases."""
        backend = world.urls["platform"].get_backend_name()
        trial = cls(world, MARIADB if backend == "mysql" else backend)
        api.make_plan(world.job, trial.plan_file, (), False, quiet)
        sign_by_all(trial.plan_file)
        trial._keep()
        return trial

    def restore(self) -> None:
        """Puts the platform back as it was before its first run, and forgets that run."""
        url = self.world.urls["platform"]
        match self.dialect:
            case "sqlite":
                for ending in _LEFT[1:]:
                    _file(url, ending).unlink(missing_ok=True)
                shutil.copyfile(_file(url, KEPT), _file(url))
            case "postgresql":
                _drop_postgresql(url)
                _statement(url, f'CREATE DATABASE "{url.database}" TEMPLATE "{url.database}{KEPT}"')
            case _:
                _drop_mariadb(url)
                _statement(url, f"CREATE DATABASE `{url.database}`")
                engine = self.world.engine("platform")
                make(engine, PLATFORM, own_rows())
                engine.dispose()
        self.plan_file.with_name("plan.run.json").unlink(missing_ok=True)

    def outcome(self) -> Found:
        """The platform's tables, without the keys that it gave, and as they are, and what of the ledger must
        be the same however a run went."""
        whole = platform(self.world)
        found: dict[str, list[Any]] = {f"content of {name}": rows for name, rows in content(whole).items()}
        found |= whole
        engine = self.world.engine("platform")
        with engine.connect() as connection:
            found |= ledger(connection)
        engine.dispose()
        return found

    def batches_done(self) -> int | None:
        """How many batches are committed; None where that cannot be told now. A file is copied before it is
        read, so that whoever opens it next finds it as it was left."""
        if self.dialect == SQLITE:
            with TemporaryDirectory() as folder, suppress(sqlite3.DatabaseError, OSError):
                copy = Path(folder) / "platform.db"
                for ending in _LEFT:
                    if _file(self.world.urls["platform"], ending).exists():
                        shutil.copyfile(_file(self.world.urls["platform"], ending), f"{copy}{ending}")
                return _batches_done(sa.create_engine(f"sqlite:///{copy}", poolclass=sa.NullPool))
            return None
        return _batches_done(self.world.engine("platform"))

    def _keep(self) -> None:
        url = self.world.urls["platform"]
        if self.dialect == SQLITE:
            with closing(sqlite3.connect(_file(url))) as own:
                own.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            shutil.copyfile(_file(url), _file(url, KEPT))
        elif self.dialect == POSTGRESQL:
            _statement(url, f'CREATE DATABASE "{url.database}{KEPT}" TEMPLATE "{url.database}"')


def ledger(connection: sa.Connection) -> Found:
    """What of a platform's ledger must be the same however its runs went."""
    found: dict[str, list[Any]] = {}
    there = set(sa.inspect(connection).get_table_names())
    for name, columns in COMPARED.items():
        if name not in there:
            continue
        table = sa.table(name, *map(sa.column, columns))
        named: list[sa.ColumnElement[Any]] = [table.c[one] for one in columns if one != DATASET]
        asked = sa.select(*named)
        if DATASET in columns:
            of = sa.table("merger_dataset", *map(sa.column, ("id", "system", "dataset")))
            asked = sa.select(of.c.system, of.c.dataset, *named)
            asked = asked.select_from(sa.outerjoin(table, of, of.c.id == table.c[DATASET]))
        found[name] = sorted((tuple(row) for row in connection.execute(asked)), key=repr)
    return found


def _batches_done(engine: sa.Engine) -> int:
    asked = sa.text("SELECT count(*) FROM merger_batch WHERE state = 'done'")
    try:
        with engine.connect() as connection:
            looked = sa.inspect(connection)
            columns = looked.get_columns("merger_batch") if looked.has_table("merger_batch") else []
            known = any(one["name"] == "state" for one in columns)  # MariaDB may stop between two versions
            return int(connection.execute(asked).scalar_one()) if known else 0
    finally:
        engine.dispose()


def differing(a: Found, b: Found) -> list[str]:
    """The tables that are not the same in both, with their numbers of rows."""
    return [
        f"{name}: {len(a.get(name, ()))} and {len(b.get(name, ()))} rows"
        for name in sorted(a.keys() | b.keys())
        if a.get(name) != b.get(name)
    ]


def quiet(_stage: str, _done: int, _total: int) -> None:
    """No progress."""


@contextmanager
def entered(world: World) -> Iterator[None]:
    """Lets the environment name a world's databases and the folder where runs are noted."""
    wanted = {**world.environment, "MERGER_STATE": str(world.folder / "state")}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _file(url: sa.URL, ending: str = "") -> Path:
    return Path(f"{url.database}{ending}")


def _statement(url: sa.URL, *statements: str) -> list[Any]:
    """Runs statements beside the platform's database, which may not be there; what the last answers."""
    beside = url.set(database="postgres" if url.get_backend_name() == "postgresql" else "mysql")
    engine = sa.create_engine(beside, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for one in statements:
            result = connection.exec_driver_sql(one, execution_options={"no_parameters": True})
        return list(result) if result.returns_rows else []


def _drop_postgresql(url: sa.URL) -> None:
    _statement(url, f'DROP DATABASE IF EXISTS "{url.database}" WITH (FORCE)')


def _drop_mariadb(url: sa.URL) -> None:
    """Whoever is connected is sent away first, or the drop would wait for them."""
    asked = f"SELECT id FROM information_schema.processlist WHERE db = '{url.database}'"
    for (thread,) in _statement(url, asked):
        with suppress(sa.exc.DBAPIError):
            _statement(url, f"KILL {thread}")
    _statement(url, f"DROP DATABASE IF EXISTS `{url.database}`")
