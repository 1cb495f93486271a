"""Collisions are found before anything moves, and each needs a signed rule of the job.

Every row that is to move claims its unique values in the target. Two claims of one value, or a claim
of a value that the target already has, are a collision. Without a rule the rows are held: nothing is
ignored, nothing is replaced.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from merger.migrate.campaign import Campaign
from merger.migrate.decide import OUTSIDE_SCOPE
from merger.migrate.job import Collision
from merger.migrate.model import Fate, RowException
from merger.migrate.projection import project
from merger.migrate.stage import MOVE, Stage
from merger.systems.expressions import Column
from merger.systems.sqlite import TARGET, Workbench

NO_RULE = "collision"
DIFFERENT_PERSON = "same-number-other-person"
KEY = "key"

Settled = dict[tuple[str, str], dict[str, RowException]]
"""What becomes of colliding rows: by system and dataset, then by key."""


@dataclass(frozen=True)
class Claim:
    """One row of a colliding group. `system` is empty for the target's own row."""

    system: str
    dataset: str
    key: object
    second: bytes | None


class Claims:
    """What rows want to be unique in the target, of all systems together."""

    def __init__(self, bench: Workbench, campaign: Campaign) -> None:
        self.bench = bench
        self.campaign = campaign
        self.table = sa.table(
            "claim",
            *[sa.column(name) for name in ("target", "uniq", "value", "system", "dataset", "key", "second")],
            schema="temp",
        )
        bench.connection.exec_driver_sql(
            "CREATE TEMP TABLE claim (target TEXT, uniq TEXT, value BLOB, system TEXT, dataset TEXT, key,"
            " second BLOB)"
        )

    def add(self, stage: Stage, stages: Mapping[str, Stage]) -> None:
        """The claims of the rows of a stage that are to move, now or after a pilot."""
        for unique, names, second in self._sets(stage.dataset.to):
            projection = project(self.campaign, stage, stages, keyed=False)
            columns, rows = projection.columns, projection.rows
            if unique == KEY:
                columns = {**columns, names[0]: rows.c.key}
            if not set(names) <= set(columns):
                continue
            value = sa.func.merger_hash(*[columns[name] for name in names])
            person = sa.func.merger_hash(*[columns[name] for name in second]) if second else sa.null()
            asked = (
                sa.select(
                    sa.literal(stage.dataset.to), sa.literal(unique), value,
                    sa.literal(stage.system), sa.literal(stage.name), rows.c.key, person,
                )
                .select_from(projection.row.source)
                .where(
                    sa.or_(rows.c.fate == MOVE, rows.c.why == OUTSIDE_SCOPE),
                    rows.c.done == 0,
                    *[columns[name].is_not(None) for name in names],
                )
            )  # fmt: skip
            self.bench.connection.execute(sa.insert(self.table).from_select(self.table.c.keys(), asked))

    def settle(self) -> dict[tuple[str, str], list[RowException]]:
        """What becomes of colliding rows, by (system, dataset). A row held once is not merged elsewhere."""
        self.bench.connection.exec_driver_sql("CREATE INDEX temp.claim_by ON claim (target, uniq, value)")
        out: Settled = defaultdict(dict)
        for target in self.campaign.target.profile.datasets:
            for unique, names, second in self._sets(target):
                rule = self.rule(target, unique)
                for group in self._groups(target, unique, names, second):
                    for claim, exception in _settled(group, rule):
                        rows = out[claim.system, claim.dataset]
                        if exception.key not in rows or exception.fate is Fate.HOLD:
                            rows[exception.key] = exception
        return {where: list(rows.values()) for where, rows in out.items()}

    def rule(self, target: str, unique: str) -> Collision | None:
        """The job's rule for a unique set of the target."""
        return next(
            (one for one in self.campaign.job.collisions if (one.dataset, one.unique) == (target, unique)),
            None,
        )

    def _sets(self, target: str) -> Iterable[tuple[str, tuple[str, ...], tuple[str, ...]]]:
        """(name, columns, second attributes) of the unique sets of a target dataset."""
        dataset = self.campaign.target.profile.datasets[target]
        if dataset.keys.way == "keep":
            yield KEY, dataset.key, ()
        for unique, names in dataset.unique.items():
            rule = self.rule(target, unique)
            yield unique, names, rule.second if rule and rule.rule == "merge" else ()

    def _groups(
        self, target: str, unique: str, names: tuple[str, ...], second: tuple[str, ...]
    ) -> Iterable[list[Claim]]:
        """Groups of claims of one value, the target's own row first."""
        connection = self.bench.connection
        dataset = self.campaign.target.profile.datasets[target]
        columns: list[Column] = [sa.column(name) for name in names]
        person = sa.func.merger_hash(*[sa.column(name) for name in second]) if second else sa.null()
        connection.exec_driver_sql("DROP TABLE IF EXISTS temp.taken")
        connection.exec_driver_sql("CREATE TEMP TABLE taken (value BLOB, key, second BLOB)")
        taken = sa.table("taken", *[sa.column(n) for n in ("value", "key", "second")], schema="temp")
        theirs = sa.table(dataset.table, schema=TARGET)
        connection.execute(
            sa.insert(taken).from_select(
                ["value", "key", "second"],
                sa.select(sa.func.merger_hash(*columns), sa.column(dataset.key[0]), person)
                .select_from(theirs)
                .where(*[one.is_not(None) for one in columns]),
            )
        )
        connection.exec_driver_sql("CREATE INDEX temp.taken_by ON taken (value)")
        claim = self.table.c
        ours = (claim.target == target) & (claim.uniq == unique)
        twice = sa.select(claim.value).where(ours).group_by(claim.value).having(sa.func.count() > 1)
        in_target = sa.select(claim.value).where(ours, claim.value.in_(sa.select(taken.c.value)))
        values = twice.union(in_target).subquery()
        groups: dict[bytes, list[Claim]] = defaultdict(list)
        own = sa.select(taken.c.value, taken.c.key, taken.c.second).where(
            taken.c.value.in_(sa.select(values.c.value))
        )
        for value, key, one in connection.execute(own):
            groups[value].append(Claim("", "", key, one))
        order = {one.system: number for number, one in enumerate(self.campaign.sources)}
        asked = sa.select(claim.value, claim.system, claim.dataset, claim.key, claim.second).where(
            ours, claim.value.in_(sa.select(values.c.value))
        )
        found = connection.execute(asked).all()
        for value, system, name, key, one in sorted(
            found, key=lambda row: (order[row[1]], row[2], isinstance(row[3], str), row[3])
        ):
            groups[value].append(Claim(system, name, key, one))
        return groups.values()


def hold_without_survivor(
    exceptions: dict[tuple[str, str], list[RowException]], stages: Mapping[tuple[str, str], Stage]
) -> bool:
    """Holds the rows that would be merged into a row which is not moved itself, or is merged elsewhere.

    `stages`: by system and dataset, built with these exceptions. Answers whether any row was held, and
    so whether the stages must be built again.
    """
    unmoved: dict[tuple[str, str], set[str]] = {}
    changed = False
    for rows in exceptions.values():
        for number, one in enumerate(rows):
            where = (one.into_system, one.into_dataset)
            if one.fate is not Fate.MOVE or where not in stages:
                continue
            if where not in unmoved:
                unmoved[where] = stages[where].unmoved_keys()
            if one.into_key in unmoved[where]:
                rows[number] = RowException(key=one.key, fate=Fate.HOLD, why=NO_RULE)
                changed = True
    return changed


def _settled(group: list[Claim], rule: Collision | None) -> list[tuple[Claim, RowException]]:
    """What becomes of the rows of one group. The target's own row is never touched."""
    moving = [claim for claim in group if claim.system]
    if rule is None or rule.rule != "merge":
        why = NO_RULE if rule is None or rule.rule != "hold" else f"{NO_RULE}-{rule.unique}"
        return [(one, RowException(key=str(one.key), fate=Fate.HOLD, why=why)) for one in moving]
    if len({claim.second for claim in group}) > 1:
        return [(one, RowException(key=str(one.key), fate=Fate.HOLD, why=DIFFERENT_PERSON)) for one in moving]
    first, others = group[0], [claim for claim in group[1:] if claim.system]
    return [
        (
            one,
            RowException(
                key=str(one.key), fate=Fate.MOVE, why=f"merged-{rule.unique}",
                into_system=first.system, into_dataset=first.dataset, into_key=str(first.key),
            ),
        )
        for one in others
    ]  # fmt: skip
