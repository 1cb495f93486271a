"""Which rows of a circle are held since a row that they refer to is, straight or by others in between.

A row's state follows from those of the rows that it refers to, which are joined. Along a circle that would
never end; there the rows that do not move by themselves, and who refers to whom, are read once into a scratch
file, which answers whom they bind.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

import sqlalchemy as sa

from merger.migrate.state import EXCLUDED, HELD

if TYPE_CHECKING:
    from merger.migrate.stage import Stage

CHUNK = 5000
STREAMED = {"stream_results": True}
TABLES = """
CREATE TABLE stays (dataset INTEGER, key TEXT, excluded INTEGER, PRIMARY KEY (dataset, key)) WITHOUT ROWID;
CREATE TABLE link (dataset INTEGER, key TEXT, late INTEGER, to_dataset INTEGER, to_key TEXT);
"""
BIND = """
CREATE INDEX link_to ON link (to_dataset, to_key);
INSERT OR IGNORE INTO stays
WITH RECURSIVE bound (dataset, key) AS (
    SELECT link.dataset, link.key FROM stays
    JOIN link ON link.to_dataset = stays.dataset AND link.to_key = stays.key
    UNION
    SELECT link.dataset, link.key FROM bound
    JOIN link ON link.to_dataset = bound.dataset AND link.to_key = bound.key
) SELECT dataset, key, 0 FROM bound;
"""
BOUND = """
SELECT link.key, min(stays.excluded) FROM link
JOIN stays ON stays.dataset = link.to_dataset AND stays.key = link.to_key
WHERE link.late AND link.dataset = ? GROUP BY link.key
"""
WHY = {0: HELD + "reference-held", 1: HELD + "reference-excluded"}


def bind(stage: "Stage") -> None:
    """Lets the stages of the circle that a stage is of know which of their rows are held by a late
    reference."""
    stages = [stage.others[name] for name in sorted(stage.circle)]
    for one in stages:
        one.load_bound(())  # until it is known, a row's state is what it is by itself
    try:
        found = _bound(stages)
    except BaseException:
        for one in stages:
            one.bound = False
        raise
    for one, rows in zip(stages, found, strict=True):
        one.load_bound(rows)


def _bound(stages: Sequence["Stage"]) -> list[list[tuple[str, str]]]:
    """(key, state) of the rows of each stage that a late reference holds."""
    numbers = {one.name: number for number, one in enumerate(stages)}
    with closing(sqlite3.connect("")) as scratch:  # a file of its own, gone when closed
        scratch.executescript(TABLES)
        for one in stages:
            _read(scratch, one, numbers)
        scratch.executescript(BIND)
        return [
            [(key, WHY[excluded]) for key, excluded in scratch.execute(BOUND, (number,))]
            for number in numbers.values()
        ]


def _read(scratch: sqlite3.Connection, stage: "Stage", numbers: Mapping[str, int]) -> None:
    """Reads the rows of a stage that do not move by themselves, and whom the others refer to."""
    staged = stage.staged()
    references = {
        name: numbers[one.to] for name, one in stage.dataset.references.items() if one.to in numbers
    }
    meant = [staged.referred[name].row.key_text for name in references]
    asked = (
        sa.select(staged.row.key_text, staged.state, *meant)
        .select_from(staged.row.source)
        .where(sa.or_(staged.state.is_not(None), *[one.is_not(None) for one in meant]))
    )
    number = numbers[stage.name]
    rows = stage.store.connection.execute(asked, execution_options=STREAMED)
    for some in rows.partitions(CHUNK):
        scratch.executemany(
            "INSERT INTO stays VALUES (?, ?, ?)",
            [(number, key, state.startswith(EXCLUDED)) for key, state, *_ in some if state is not None],
        )
        scratch.executemany(
            "INSERT INTO link VALUES (?, ?, ?, ?, ?)",
            [
                (number, key, name in stage.late, to, other)
                for key, state, *others in some
                if state is None
                for (name, to), other in zip(references.items(), others, strict=True)
                if other is not None
            ],
        )
