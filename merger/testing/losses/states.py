"""A platform and the files of its job as they were, kept to be put back as often as one likes."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from merger.testing.pairs.kinds import POSTGRESQL, SQLITE

_LEFT = ("-journal", "-wal", "-shm", ".merger-lock")


@dataclass
class States:
    """The states of a platform and of the folder of its job, kept in another folder, by name. What the old
    systems hold is not theirs."""

    platform: sa.URL
    job: Path
    folder: Path
    _number: dict[str, int] = field(default_factory=dict)

    def keep(self, name: str) -> None:
        """Keeps the present state under a name."""
        number = self._number.setdefault(name, len(self._number))
        shutil.rmtree(self.folder / name, ignore_errors=True)
        shutil.copytree(self.job, self.folder / name, ignore=shutil.ignore_patterns("*.db*"))
        own, kept = str(self.platform.database), self._kept(number)
        match self._dialect:
            case "sqlite":
                shutil.copyfile(own, f"{own}.{number}")
            case "postgresql":
                self._say(f'DROP DATABASE IF EXISTS "{kept}" WITH (FORCE)')
                self._say(f'CREATE DATABASE "{kept}" TEMPLATE "{own}"')
            case _:
                self._copy(own, kept)

    def put_back(self, name: str) -> None:
        """Puts a state back; whoever is connected is sent away."""
        number = self._number[name]
        own, kept = str(self.platform.database), self._kept(number)
        match self._dialect:
            case "sqlite":
                for ending in _LEFT:
                    Path(f"{own}{ending}").unlink(missing_ok=True)
                shutil.copyfile(f"{own}.{number}", own)
            case "postgresql":
                self._say(f'DROP DATABASE IF EXISTS "{own}" WITH (FORCE)')
                self._say(f'CREATE DATABASE "{own}" TEMPLATE "{kept}"')
            case _:
                self._copy(kept, own)
        for one in self.job.iterdir():
            if ".db" not in one.name:
                shutil.rmtree(one) if one.is_dir() else one.unlink()
        shutil.copytree(self.folder / name, self.job, dirs_exist_ok=True)

    @property
    def _dialect(self) -> str:
        name = self.platform.get_backend_name()
        return name if name in (POSTGRESQL, SQLITE) else "mariadb"

    def _kept(self, number: int) -> str:
        return f"{self.platform.database}_state{number}"

    def _say(self, *statements: str) -> list[Any]:
        """Runs statements beside the platform's database; what the last answers."""
        beside = self.platform.set(database="postgres" if self._dialect == POSTGRESQL else "mysql")
        engine = sa.create_engine(beside, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for one in statements:
                result = connection.exec_driver_sql(one, execution_options={"no_parameters": True})
            return list(result) if result.returns_rows else []

    def _copy(self, old: str, new: str) -> None:
        """Copies a database of MariaDB to a new one."""
        for (thread,) in self._say(f"SELECT id FROM information_schema.processlist WHERE db = '{new}'"):
            with suppress(sa.exc.DBAPIError):
                self._say(f"KILL {thread}")
        columns = self._say(
            "SELECT table_name, GROUP_CONCAT(CONCAT('`', column_name, '`') ORDER BY ordinal_position)"
            " FROM information_schema.columns"
            f" WHERE table_schema = '{old}' AND is_generated = 'NEVER' GROUP BY table_name"
        )
        made = [self._say(f"SHOW CREATE TABLE `{old}`.`{name}`")[0][1] for name, _ in columns]
        self._say(
            f"DROP DATABASE IF EXISTS `{new}`", f"CREATE DATABASE `{new}`", f"USE `{new}`",
            "SET foreign_key_checks = 0, sql_mode = 'NO_AUTO_VALUE_ON_ZERO'", *made,
            *(f"INSERT INTO `{name}` ({names}) SELECT {names} FROM `{old}`.`{name}`"
              for name, names in columns),
        )  # fmt: skip
