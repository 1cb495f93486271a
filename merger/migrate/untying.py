"""Unties rows of a circle that are about to be taken out together: their late references become NULL again,
so that nothing refers to them any more.

Of the rows that are to go, those stay that a row which stays refers to, straight or by others in between; and
these stay as they are.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from merger.migrate.campaign import Campaign
from merger.migrate.failpoints import reach
from merger.migrate.keys import as_entered, as_value, is_here
from merger.migrate.ledger import WITHDRAWN, Ledger, of_datasets
from merger.migrate.movers.move import GONE
from merger.migrate.referring import referring_columns
from merger.migrate.rowsets import found
from merger.migrate.stage import Stage
from merger.systems.circles import circles
from merger.systems.expressions import Column
from merger.systems.functions import exact
from merger.systems.stores import TargetStore

Chosen = Callable[[Stage, sa.FromClause], sa.ColumnElement[bool]]
"""Which of the ledger's rows of a stage are to go."""

AT_ONCE = 1000
"""Rows that one transaction unties."""
STREAMED = {"stream_results": True}
TABLES = """
CREATE TABLE going (place TEXT, target, dataset INTEGER, key TEXT);
CREATE TABLE link (place TEXT, target, name TEXT, to_place TEXT, to_target);
"""
STAY = """
CREATE INDEX going_by ON going (place, target);
CREATE INDEX link_by ON link (place, target);
WITH RECURSIVE stays (place, target) AS (
    SELECT to_place, to_target FROM link
    WHERE NOT EXISTS (SELECT 1 FROM going WHERE going.place = link.place AND going.target = link.target)
    UNION
    SELECT link.to_place, link.to_target FROM stays
    JOIN link ON link.place = stays.place AND link.target = stays.target
) DELETE FROM going WHERE (place, target) IN (SELECT place, target FROM stays);
"""
TIED = """
SELECT DISTINCT going.key, going.target FROM going
JOIN link ON link.place = going.place AND link.target = going.target
JOIN going AS other ON other.place = link.to_place AND other.target = link.to_target
WHERE going.dataset = ? AND link.name IN ({}) ORDER BY going.key
"""


def circles_of(stages: Iterable[Stage]) -> list[list[Stage]]:
    """The stages of a system that have late references between them which fill columns, circle by circle."""
    by_name = {one.name: one for one in stages}
    profile = next(iter(by_name.values())).profile if by_name else None
    found = [] if profile is None else circles(profile)
    groups = [[by_name[name] for name in sorted(one)] for one in found]
    return [one for one in groups if any(stage.ties for stage in one)]


def untie_gone(
    campaign: Campaign, target: TargetStore, ledger: Ledger, circle: Sequence[Stage], run: str
) -> None:
    """Unties the rows of a circle that a run is still to take out, since their source has them no more."""
    gone: dict[str, list[str]] = {}
    for stage in circle:
        planned = ledger.batches(run, ledger.dataset_id(stage.system, stage.name), "planned")
        gone[stage.name] = [key for one in planned if one.kind == GONE for key in one.keys or ()]
    if any(gone.values()):
        Untying(campaign, target, ledger, circle, _listed(target, gone)).run()


def _listed(target: TargetStore, keys: Mapping[str, Sequence[str]]) -> Chosen:
    """That rows are to go whose keys in the source are listed, by the name of their dataset."""
    tables = {
        name: target.literals(f"going_{number}", {"key": "text"}, [(one,) for one in some], key=["key"])
        for number, (name, some) in enumerate(keys.items())
    }

    def chosen(stage: Stage, row: sa.FromClause) -> sa.ColumnElement[bool]:
        return exact(row.c.source_key).in_(sa.select(exact(tables[stage.name].c.key)))

    return chosen


def moved_by(run: str) -> Chosen:
    """That the rows are to go that a run moved."""
    return lambda _, row: row.c.run == run


@dataclass(frozen=True)
class Untying:
    """What rows of a circle are untied with. `chosen`: which of them are to go."""

    campaign: Campaign
    target: TargetStore
    ledger: Ledger
    circle: Sequence[Stage]
    chosen: Chosen

    def run(self) -> None:
        """Unties them, some rows in each transaction. To be called outside of one."""
        with closing(sqlite3.connect("")) as scratch:  # a file of its own, gone when closed
            scratch.executescript(TABLES)
            with self.target.snapshot():
                for stage in self.circle:
                    _enter(scratch, "going", self._going(stage))
                    _enter(scratch, "link", self._links(stage))
            scratch.executescript(STAY)
            for stage in self.circle:
                marks = ", ".join("?" * len(stage.ties))
                number = self.ledger.dataset_id(stage.system, stage.name)
                rows = scratch.execute(TIED.format(marks), (number, *stage.ties)).fetchall()
                for start in range(0, len(rows), AT_ONCE):
                    with self.target.transaction():
                        self._untie(stage, dict(rows[start : start + AT_ONCE]))
                        reach("before-untie-commit")
                    reach("after-untie-commit")

    def _table(self, stage: Stage) -> str:
        return self.campaign.target.profile.datasets[stage.dataset.to].table

    def _own(self, stage: Stage, row: sa.FromClause) -> list[sa.ColumnElement[bool]]:
        """Which rows of the ledger are the stage's and to go."""
        number = self.ledger.dataset_id(stage.system, stage.name)
        return [row.c.dataset_id == number, row.c.state != WITHDRAWN, self.chosen(stage, row)]

    def _going(self, stage: Stage) -> Iterator[tuple[object, ...]]:
        """(table, key there, number of the dataset, key in the source) of the rows that are to go, that the
        target has as they were moved, and that no row which stays is merged into."""
        row, other = self.ledger.row, self.ledger.row.alias("merged_into")
        now = found(self.campaign, stage, self.target, self.ledger, 1, numbers=False).select.subquery("now")
        going = sa.or_(*[sa.and_(*self._own(one, other)) for one in self.circle])
        merged = sa.exists().where(
            other.c.target_key == row.c.target_key, other.c.merged == sa.true(), sa.not_(going),
            of_datasets(other, self.ledger.datasets_into(stage.dataset.to)),
            other.c.state != WITHDRAWN,
        )  # fmt: skip
        asked = (
            sa.select(row.c.target_key, row.c.dataset_id, row.c.source_key)
            .select_from(sa.join(row, now, now.c.key == row.c.source_key))
            .where(*self._own(stage, row), row.c.merged == sa.false(), now.c.hash == row.c.row_hash)
            .where(sa.not_(merged))
        )
        for one in self.target.connection.execute(asked, execution_options=STREAMED):
            yield self._table(stage), *one

    def _links(self, stage: Stage) -> Iterator[tuple[object, ...]]:
        """(table, key there, column, table, key there) of the rows that refer to rows which are to go; no key
        of those of other tables."""
        profile, row = self.campaign.target.profile, self.ledger.row
        keys = {self._table(one): profile.datasets[one.dataset.to].key[0] for one in self.circle}
        to = self._table(stage)
        key = self.target.columns(to)[keys[to]]
        for table, name in referring_columns(profile, stage.dataset.to, self.target):
            by = sa.table(table, schema=self.target.schema).alias("by")
            here: Column = sa.column(name, _selectable=by)
            own: Column = sa.null()
            if table in keys:
                known = self.target.columns(table)[keys[table]]
                own = as_entered(sa.column(known.name, known.type, _selectable=by), known.kind, self.target)
            asked = (
                sa.select(own.label("own"), row.c.target_key)
                .select_from(sa.join(row, by, is_here(row.c.target_key, here, key, self.target)))
                .where(*self._own(stage, row), row.c.merged == sa.false())
            )
            for mine, target in self.target.connection.execute(asked, execution_options=STREAMED):
                yield table, mine, name, to, target

    def _untie(self, stage: Stage, rows: dict[str, Any]) -> None:
        """Unties rows of a stage, given by their keys in the source with those in the target. The ledger gets
        the hashes of what they are now."""
        table = self._table(stage)
        known = self.target.columns(table)
        key = known[self.campaign.target.profile.datasets[stage.dataset.to].key[0]]
        kept = [one.name for one in known.values() if one.stamped and one.name not in stage.dataset.columns]
        place = sa.table(table, *map(sa.column, (key.name, *stage.ties, *kept)), schema=self.target.schema)
        values: dict[str, Column] = dict.fromkeys(stage.ties, sa.null())
        values |= {name: place.c[name] for name in kept}
        keys = [as_value(one, key, self.target) for one in rows.values()]
        execute = self.target.connection.execute
        execute(sa.update(place).values(values).where(place.c[key.name].in_(keys)))
        now = found(self.campaign, stage, self.target, self.ledger, 1, numbers=False)
        assert now.among is not None
        is_now = now.among(list(rows)).subquery("now").c
        row = self.ledger.row
        hashed = (
            sa.update(row)
            .values(row_hash=sa.bindparam("hash"))
            .where(
                row.c.dataset_id == self.ledger.dataset_id(stage.system, stage.name),
                row.c.source_key == sa.bindparam("key"),
            )
        )
        given = [{"key": one, "hash": bytes(its)} for one, its in execute(sa.select(is_now.key, is_now.hash))]
        if given:
            execute(hashed, given)


def _enter(scratch: sqlite3.Connection, table: str, rows: Iterator[tuple[object, ...]]) -> None:
    marks = {"going": 4, "link": 5}[table]
    scratch.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * marks)})", rows)
