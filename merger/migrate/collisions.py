"""Collisions are found before anything moves, and each needs a signed rule of the job.

Every row that is to move claims its unique values in the target. Two claims of one value, or a claim
of a value that the target already has, are a collision. Without a rule the rows are held: nothing is
ignored, nothing is replaced.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import islice

import sqlalchemy as sa

from merger.migrate.campaign import Campaign
from merger.migrate.decide import OUTSIDE_SCOPE
from merger.migrate.job import Collision
from merger.migrate.ledger import WITHDRAWN, Ledger
from merger.migrate.model import Fate, RowException
from merger.migrate.projection import Projection, project
from merger.migrate.row_keys import unmoved
from merger.migrate.since import keys_as_moved
from merger.migrate.stage import Stage
from merger.migrate.state import EXCLUDED
from merger.systems.expressions import Column
from merger.systems.functions import canonical, row_hash
from merger.systems.stores import Store

NO_RULE = "collision"
DIFFERENT_PERSON = "same-number-other-person"
KEY = "key"
CHUNK = 5000
STREAMED = {"stream_results": True}

TWICE = (
    "SELECT value FROM claim GROUP BY value HAVING count(*) > 1"
    " UNION SELECT claim.value FROM claim JOIN taken ON taken.value = claim.value"
)
"""The values that collide."""

Settled = dict[tuple[str, str], dict[str, RowException]]
"""What becomes of colliding rows: by system and dataset, then by key."""
Unique = tuple[str, tuple[str, ...], tuple[str, ...]]
"""A unique set of a target's dataset: its name, columns, and the columns of the second attributes."""


@dataclass(frozen=True)
class Claim:
    """One row of a colliding group. `system` is empty for the target's own row; `moved`: it was moved before,
    and would have another value now."""

    system: str
    dataset: str
    key: str
    second: bytes | None
    moved: bool = False


class Claims:
    """What rows want to be unique in the target, of all systems together."""

    def __init__(self, campaign: Campaign, target: Store, ledger: Ledger) -> None:
        self.campaign = campaign
        self.target = target
        self.ledger = ledger
        self.stages: list[Stage] = []

    def add(self, stage: Stage) -> None:
        """Lets the rows of a stage that are to move, now or after a pilot, claim their values."""
        self.stages.append(stage)

    def settle(self) -> dict[tuple[str, str], list[RowException]]:
        """What becomes of colliding rows, by (system, dataset). A row held once is not merged elsewhere."""
        out: Settled = defaultdict(dict)
        for target in self.campaign.target.profile.datasets:
            for unique in self._sets(target):
                rule = self.rule(target, unique[0])
                for group in self._groups(target, unique):
                    for claim, exception in _settled(group, rule):
                        rows = out[claim.system, claim.dataset]
                        if exception.fate is Fate.MOVE and not exception.into_system:
                            exception = self._by_the_ledger(target, exception)
                        if exception.key not in rows or exception.fate is Fate.HOLD:
                            rows[exception.key] = exception
        return {where: list(rows.values()) for where, rows in out.items()}

    def _by_the_ledger(self, target: str, merged: RowException) -> RowException:
        """A row that is merged into one of the target's, which an earlier run may have moved there: what
        refers to it then refers to the row that was moved."""
        for one in self.ledger.find_target(target, merged.into_key):
            if not one.merged and one.state != WITHDRAWN:
                return merged._replace(
                    into_system=one.system, into_dataset=one.dataset, into_key=one.source_key
                )
        return merged

    def rule(self, target: str, unique: str) -> Collision | None:
        """The job's rule for a unique set of the target."""
        return next(
            (one for one in self.campaign.job.collisions if (one.dataset, one.unique) == (target, unique)),
            None,
        )

    def _sets(self, target: str) -> Iterable[Unique]:
        dataset = self.campaign.target.profile.datasets[target]
        if dataset.keys.way == "keep":
            yield KEY, dataset.key, ()
        for unique, names in dataset.unique.items():
            rule = self.rule(target, unique)
            yield unique, names, rule.second if rule and rule.rule == "merge" else ()

    def _groups(self, target: str, unique: Unique) -> Iterable[list[Claim]]:
        """Groups of claims of one value, the target's own row first."""
        claiming: list[tuple[Stage, sa.Select[tuple[object, ...]]]] = [
            (stage, asked)
            for stage in self.stages
            if stage.dataset.to == target and (asked := self._claims(stage, unique)) is not None
        ]
        if not claiming or self._needless(target, unique, [stage for stage, _ in claiming]):
            return []
        with closing(sqlite3.connect("")) as scratch:  # a file of its own, gone when closed
            _fill(scratch, "taken", self._taken(target, unique), ())
            scratch.execute("CREATE INDEX taken_by ON taken (value)")
            for number, (stage, asked) in enumerate(claiming):
                rows = stage.store.connection.execute(asked, execution_options=STREAMED)
                _fill(scratch, "claim", (tuple(one) for one in rows), (number,))
                _forget_moved(scratch, number, self.ledger.own_keys(stage.system, stage.name))
            self._forget_unchanged(scratch, [stage for stage, _ in claiming])
            return list(self._colliding(scratch, [stage for stage, _ in claiming]))

    def _forget_unchanged(self, scratch: sqlite3.Connection, stages: list[Stage]) -> None:
        """Takes back the claims of moved rows that collide though their source says what it said: it is the
        target that has changed them."""
        for number, stage in enumerate(stages):
            asked = f"SELECT key FROM claim WHERE moved AND claimer = ? AND value IN ({TWICE})"
            keys = [key for (key,) in scratch.execute(asked, (number,))]
            same = [(number, key) for key in keys_as_moved(self.campaign, stage, self.ledger, keys)]
            scratch.executemany("DELETE FROM claim WHERE claimer = ? AND key = ?", same)

    def _claims(self, stage: Stage, unique: Unique) -> sa.Select[tuple[object, ...]] | None:
        """(hash of the value, key, hash of the second attributes) of the rows that claim a value."""
        name, columns, second = unique
        projection = project(self.campaign, stage)
        if name == KEY:
            kind = stage.columns[columns[0]].kind
            key = projection.staged.row.key
            texts: list[Column] = [canonical(key.sql, kind, key.kind)]
        elif not set(columns) <= set(projection.columns):
            return None
        else:
            texts = [_text(projection, one, stage.system) for one in columns]
        person = row_hash([_text(projection, one, stage.system) for one in second]) if second else sa.null()
        staged = projection.staged
        return projection.select(row_hash(texts), projection.key, person).where(
            sa.or_(staged.moves, staged.state == EXCLUDED + OUTSIDE_SCOPE),
            *[one.is_not(None) for one in texts],
        )

    def _needless(self, target: str, unique: Unique, stages: list[Stage]) -> bool:
        """Whether no value can be claimed twice: one table claims, its own database keeps the values unique,
        and the target has no row yet."""
        name, columns, _ = unique
        if len(stages) != 1 or self.ledger.there:
            return False
        (stage,) = stages
        named = [stage.dataset.columns.get(one) for one in columns]
        if name == KEY:
            own: tuple[str, ...] = stage.dataset.key
        elif any(one is None or one.model_dump(exclude_defaults=True, by_alias=True) != {"column": one.column}
                 for one in named):  # fmt: skip
            return False
        else:
            own = tuple(one.column for one in named if one is not None)
        kept = map(
            set, (stage.store.primary_key(stage.dataset.table), *stage.store.uniques(stage.dataset.table))
        )
        if not any(one and one <= set(own) for one in kept) or self.rule(target, name) is not None:
            return False
        table = sa.table(self.campaign.target.profile.datasets[target].table, schema=self.target.schema)
        return (
            self.target.connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first()
            is None
        )

    def _taken(self, target: str, unique: Unique) -> Iterator[tuple[object, ...]]:
        """(hash of the value, key, hash of the second attributes) of the target's rows."""
        _, names, second = unique
        dataset = self.campaign.target.profile.datasets[target]
        known = self.target.columns(dataset.table)

        def texts(columns: Iterable[str]) -> list[Column]:
            return [canonical(sa.column(one), known[one].kind, known[one].kind) for one in columns]

        value = texts(names)
        person = row_hash(texts(second)) if second else sa.null()
        asked = (
            sa.select(row_hash(value), *texts(dataset.key[:1]), person)
            .select_from(sa.table(dataset.table, schema=self.target.schema))
            .where(*[one.is_not(None) for one in value])
        )
        for one in self.target.connection.execute(asked, execution_options=STREAMED):
            yield tuple(one)

    def _colliding(self, scratch: sqlite3.Connection, stages: list[Stage]) -> Iterable[list[Claim]]:
        scratch.execute("CREATE INDEX claim_by ON claim (value)")
        groups: dict[bytes, list[Claim]] = defaultdict(list)
        for value, key, second in scratch.execute(
            f"SELECT value, key, second FROM taken WHERE value IN ({TWICE}) ORDER BY rowid"
        ):
            groups[value].append(Claim("", "", key, second))
        order = {one.system: number for number, one in enumerate(self.campaign.sources)}
        found = scratch.execute(
            f"SELECT claimer, value, key, second, moved FROM claim WHERE value IN ({TWICE})"
        ).fetchall()

        def place(row: tuple[int, bytes, str, bytes | None, int]) -> tuple[object, ...]:
            stage, key = stages[row[0]], row[2]
            number = int(key) if key.lstrip("-").isdecimal() and key.isascii() else None
            return order[stage.system], stage.name, number is None, number or 0, key

        for number, value, key, second, moved in sorted(found, key=place):
            one = Claim(stages[number].system, stages[number].name, key, second, bool(moved))
            groups[value].append(one)
        return groups.values()


def _text(projection: Projection, column: str, system: str) -> Column:
    """What a row would hold; a reference stands for itself, as no row of the target can hold it."""
    content = projection.columns[column]
    return sa.literal(f"{system}:").concat(content.text) if content.refers else content.text


def _fill(
    scratch: sqlite3.Connection, table: str, rows: Iterator[tuple[object, ...]], first: tuple[object, ...]
) -> None:
    columns = "value BLOB, key TEXT, second BLOB"
    if first:
        columns = f"claimer INTEGER, {columns}, moved INTEGER DEFAULT 0"
    scratch.execute(f"CREATE TABLE IF NOT EXISTS {table} ({columns})")
    named = "claimer, value, key, second" if first else "value, key, second"
    marks = ", ".join("?" * (len(first) + 3))
    asked = f"INSERT INTO {table} ({named}) VALUES ({marks})"
    while chunk := list(islice(rows, CHUNK)):
        scratch.executemany(asked, [(*first, *one) for one in chunk])


def _forget_moved(scratch: sqlite3.Connection, claimer: int, keys: Iterator[tuple[str, str]]) -> None:
    """Takes back the claims of rows that were moved before and whose values the target has; the others are
    marked. `keys`: in the source and in the target."""
    scratch.execute("CREATE INDEX IF NOT EXISTS claim_key ON claim (claimer, key)")
    while chunk := list(islice(keys, CHUNK)):
        scratch.executemany(
            "DELETE FROM claim WHERE claimer = ? AND key = ?"
            " AND EXISTS (SELECT 1 FROM taken WHERE taken.value = claim.value AND taken.key = ?)",
            [(claimer, key, target) for key, target in chunk],
        )
        scratch.executemany(
            "UPDATE claim SET moved = 1 WHERE claimer = ? AND key = ?", [(claimer, key) for key, _ in chunk]
        )


def hold_without_survivor(
    exceptions: dict[tuple[str, str], list[RowException]], stages: Mapping[tuple[str, str], Stage]
) -> bool:
    """Holds the rows that would be merged into a row which is not moved itself, or is merged elsewhere.

    `stages`: by system and dataset, with these exceptions loaded. Answers whether any row was held, and so
    whether the exceptions must be loaded again.
    """
    wanted: dict[tuple[str, str], set[str]] = defaultdict(set)
    for rows in exceptions.values():
        for one in rows:
            if one.fate is Fate.MOVE and (one.into_system, one.into_dataset) in stages:
                wanted[one.into_system, one.into_dataset].add(one.into_key)
    staying = {where: unmoved(stages[where], sorted(keys)) for where, keys in wanted.items()}
    changed = False
    for rows in exceptions.values():
        for number, one in enumerate(rows):
            if one.fate is Fate.MOVE and one.into_key in staying.get((one.into_system, one.into_dataset), ()):
                rows[number] = RowException(key=one.key, fate=Fate.HOLD, why=NO_RULE)
                changed = True
    return changed


def _settled(group: list[Claim], rule: Collision | None) -> list[tuple[Claim, RowException]]:
    """What becomes of the rows of one group. The target's own row is never touched."""
    moving = [claim for claim in group if claim.system]
    if rule is None or rule.rule != "merge" or any(claim.moved for claim in moving):
        why = f"{NO_RULE}-{rule.unique}" if rule is not None and rule.rule == "hold" else NO_RULE
        return [(one, RowException(key=one.key, fate=Fate.HOLD, why=why)) for one in moving]
    if len({claim.second for claim in group}) > 1:
        return [(one, RowException(key=one.key, fate=Fate.HOLD, why=DIFFERENT_PERSON)) for one in moving]
    first, others = group[0], [claim for claim in group[1:] if claim.system]
    return [
        (
            one,
            RowException(
                key=one.key, fate=Fate.MOVE, why=f"merged-{rule.unique}",
                into_system=first.system, into_dataset=first.dataset, into_key=first.key,
            ),
        )
        for one in others
    ]  # fmt: skip
