"""The files that rows of the target name, whoever wrote them: such a file is not taken out."""

import sqlite3
from collections.abc import Iterable

import sqlalchemy as sa

from merger.migrate.campaign import Campaign
from merger.migrate.filing.model import digest
from merger.systems.stores import TargetStore

CHUNK = 1000


class Staying:
    """Which paths stand in the target's columns that say where files are. On disk, so that memory stays
    flat."""

    def __init__(self, campaign: Campaign, target: TargetStore) -> None:
        self._connection = sqlite3.connect("")  # a temporary file that SQLite takes away
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.execute("CREATE TABLE named (path TEXT PRIMARY KEY) WITHOUT ROWID")
        for table, column in sorted(_columns(campaign)):
            there = sa.table(table, sa.column(column), schema=target.schema).c[column]
            asked = sa.select(there).where(there.is_not(None))
            streamed = {"stream_results": True, "max_row_buffer": CHUNK}
            with target.snapshot(), target.connection.execute(asked, execution_options=streamed) as rows:
                while some := rows.fetchmany(CHUNK):
                    paths = [(digest(str(path)),) for (path,) in some]
                    self._connection.executemany("INSERT OR IGNORE INTO named VALUES (?)", paths)

    def among(self, target_sha256: Iterable[str]) -> set[str]:
        """Those of the digests of paths that a row names."""
        asked = "SELECT 1 FROM named WHERE path = ?"
        return {one for one in target_sha256 if self._connection.execute(asked, (one,)).fetchone()}

    def __enter__(self) -> "Staying":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def _columns(campaign: Campaign) -> set[tuple[str, str]]:
    """Tables of the target, each with a column into which the path of a file goes."""
    target = campaign.target.profile.datasets
    return {
        (target[dataset.to].table, field.to)
        for source in campaign.sources
        for dataset in source.profile.datasets.values()
        if dataset.to
        for field in dataset.files.values()
    }
