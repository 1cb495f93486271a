"""What a run or a roll-back did: counts, codes and technical keys of rows only."""

from typing import Literal

from pydantic import Field

from merger.mapping.models import Model
from merger.migrate.model import Caveat, FileNote


class Moved(Model):
    """What a run did in one dataset. `updated` and `withdrawn`: rows that earlier runs had moved."""

    system: str
    dataset: str
    moved: int
    already: int
    held: int
    excluded: int
    updated: int = 0
    withdrawn: int = 0


class MovedFiles(Model):
    """What a run did with the files that rows of one dataset name: named = copied + already + held.

    `bytes` were copied; `left` files stay in the target though no row names them any more; `unguarded`: files
    whose store could not itself refuse to write over another one.
    """

    system: str
    dataset: str
    named: int
    copied: int
    bytes: int
    already: int
    held: int
    left: int = 0
    unguarded: int = 0


class FilesTakenOut(Model):
    """What a roll-back did with the files of one dataset."""

    system: str
    dataset: str
    removed: int
    kept: int


class RunResult(Model):
    """What `apply` did. `isolation` and `caveats`: as of a plan, of the sources that this command read.

    `files`: of the datasets whose rows name files that are moved; `file_notes`: the files that are held, and
    others of which something is to be told.
    """

    run: str
    state: Literal["done", "already", "interrupted", "failed"]
    datasets: tuple[Moved, ...]
    seconds: float
    rows_per_second: float
    isolation: dict[str, str] = Field(default_factory=dict)
    caveats: dict[str, tuple[Caveat, ...]] = Field(default_factory=dict)
    files: tuple[MovedFiles, ...] = ()
    file_notes: tuple[FileNote, ...] = ()
