"""What is copied, what was done, and what was checked."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from merger.demo.masking.roles import MASKED, Use
from merger.mapping.models import Model
from merger.systems.profile import Profile

Progress = Callable[[str, int, int], None]


class ColumnDone(Model):
    """What was done to a column. `unchanged`: cells that hold what the source does, NULL left out."""

    column: str
    use: Use
    nulls: int = 0
    unchanged: int = 0

    @property
    def masked(self) -> bool:
        return self.use in MASKED


class TableDone(Model):
    """What was done to a table; `copied` is fewer than `rows` where only a part was asked for."""

    table: str
    rows: int = 0
    copied: int = 0
    columns: tuple[ColumnDone, ...] = ()


class Check(Model):
    """One check on the copy. `count`: of what it looked at."""

    code: Literal["source-unwritten", "nobody", "combinations", "orphans", "plan"]
    state: Literal["passed", "failed", "not-asked"]
    count: int = 0
    detail: str = ""


class SystemDone(Model):
    """What was done to one system. `left_out`: tables that are not in the copy."""

    system: str
    profile: str
    database: str
    tables: tuple[TableDone, ...]
    left_out: tuple[str, ...] = ()


class Copied(Model):
    """A masked copy: where it lies, what was done to every column, and what was checked."""

    folder: str
    job: str = ""
    systems: tuple[SystemDone, ...]
    checks: tuple[Check, ...]
    rows: int
    seconds: float
    check_seconds: float

    @property
    def passed(self) -> bool:
        return all(one.state != "failed" for one in self.checks)


@dataclass(frozen=True)
class Original:
    """A system that is copied: its name, its profile's file and content, its database."""

    system: str
    profile_file: Path
    profile: Profile
    database: Path
