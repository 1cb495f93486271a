"""The files that rows name, read from their source once and kept beside, on disk.

Copying takes hours, and a view of a database in use must not be held that long; so what rows say is read
first.
"""

import sqlite3
from collections.abc import Iterator
from itertools import islice
from typing import Any

import sqlalchemy as sa

from merger.migrate.campaign import Campaign
from merger.migrate.filing.model import FileRequest
from merger.migrate.projection import Projection, project
from merger.migrate.stage import Stage
from merger.systems.expressions import Column
from merger.systems.functions import exact
from merger.systems.profile import FileField, Value

CHUNK = 1000
STREAMED = {"stream_results": True, "max_row_buffer": CHUNK}


class Named:
    """Requests by dataset, in the order in which the source tells them. Closed, nothing of it stays."""

    def __init__(self) -> None:
        self._kept = sqlite3.connect("")  # a file without a name: paths can hold citizens' names
        self._kept.execute("PRAGMA journal_mode = OFF")
        self._kept.execute(
            "CREATE TABLE named (dataset TEXT, key TEXT, name TEXT, path BLOB, to_path BLOB,"
            " size TEXT, sha256 TEXT)"
        )

    def __enter__(self) -> "Named":
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.close()

    def read(self, campaign: Campaign, stage: Stage, *, moving: bool = True) -> None:
        """Reads the files that rows of a dataset name: those that move, or all."""
        if not stage.dataset.files:
            return
        projection = project(campaign, stage)
        columns: list[Column] = []
        for field in stage.dataset.files.values():
            columns += _columns(projection, field)
        asked = projection.select(projection.key, *columns)
        if moving:
            asked = asked.where(projection.staged.moves)
        with stage.store.connection.execute(asked, execution_options=STREAMED) as rows:
            while chunk := rows.fetchmany(CHUNK):
                told: list[list[Any]] = [list(one) for one in chunk]
                self._kept.executemany(
                    "INSERT INTO named VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (
                        (stage.name, key, name, _bytes(path), _bytes(to_path), size, sha256)
                        for key, *said in told
                        for name, (path, to_path, size, sha256) in zip(
                            stage.dataset.files, _by_four(said), strict=True
                        )
                        if path or to_path
                    ),
                )

    def count(self, dataset: str) -> int:
        """How many files the rows of a dataset name."""
        asked = "SELECT count(*) FROM named WHERE dataset = ?"
        (found,) = self._kept.execute(asked, (dataset,)).fetchone()
        return int(found)

    def chunks(self, dataset: str) -> Iterator[list[FileRequest]]:
        """The files that the rows of a dataset name, some at a time."""
        rows = self._kept.execute(
            "SELECT key, path, to_path, name, size, sha256 FROM named WHERE dataset = ? ORDER BY rowid",
            (dataset,),
        )
        requests = (
            FileRequest(key, _text(path), _text(to_path), name, size, sha256)
            for key, path, to_path, name, size, sha256 in rows
        )
        while some := list(islice(requests, CHUNK)):
            yield some


def keys_naming(campaign: Campaign, stage: Stage) -> Iterator[str]:
    """The keys of the rows that move, once for each file that they name."""
    projection = project(campaign, stage)
    for field in stage.dataset.files.values():
        asked = projection.select(projection.key).where(projection.staged.moves, names_one(projection, field))
        with stage.store.connection.execute(asked, execution_options=STREAMED) as rows:
            yield from (str(key) for key in rows.scalars())


def count_naming(campaign: Campaign, stage: Stage) -> int:
    """How many files the rows that move name."""
    projection = project(campaign, stage)
    found = 0
    for field in stage.dataset.files.values():
        asked = projection.select(sa.func.count()).where(
            projection.staged.moves, names_one(projection, field)
        )
        found += stage.store.connection.execute(asked).scalar_one()  # type: ignore[operator]  # a number
    return found


def names_one(projection: Projection, field: FileField) -> Column:
    """Whether a row names a file there: NULL and the empty text name none."""
    path = _said(projection, field.path)
    return sa.and_(path.is_not(None), path != "")


def _columns(projection: Projection, field: FileField) -> list[Column]:
    content = projection.columns.get(field.to)
    to_path = projection.key if content is None else content.text
    named = names_one(projection, field)
    said = [_said(projection, field.path), sa.case((named, to_path))]
    said += [
        _said(projection, one) if one else sa.cast(sa.null(), sa.Text) for one in (field.size, field.sha256)
    ]
    return said


def _said(projection: Projection, value: Value) -> Column:
    return exact(projection.staged.row.value(value).as_text)


def _by_four(values: list[str | None]) -> Iterator[list[str | None]]:
    for start in range(0, len(values), 4):
        yield values[start : start + 4]


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode("utf-8", "surrogatepass")


def _text(kept: bytes | None) -> str | None:
    return None if kept is None else kept.decode("utf-8", "surrogatepass")
