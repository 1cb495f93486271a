"""Collisions are found before anything moves, and each needs a signed rule of the job.

Every row that is to move claims its unique values in the target. Two claims of one value, or a claim
of a value that the target already has, are a collision. Without a rule the rows are held: nothing is
ignored, nothing is replaced. Rows that were moved before claim anew what they say now.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

import sqlalchemy as sa

from merger.migrate.campaign import Campaign
from merger.migrate.claims import KEY, Claim, Gathered, Group, Unique
from merger.migrate.job import Collision
from merger.migrate.ledger import Ledger, hashes
from merger.migrate.model import Fate, RowException
from merger.migrate.projection import project
from merger.migrate.row_keys import AT_ONCE, having, unmoved
from merger.migrate.stage import Stage
from merger.migrate.target_rules import REFUSED, GatheredByRule, TargetRules
from merger.systems.stores import Store

NO_RULE = "collision"
DIFFERENT_PERSON = "same-number-other-person"

Where = tuple[str, str]
Settled = dict[Where, dict[str, RowException]]
"""What becomes of colliding rows: by system and dataset, then by key."""


class Claims:
    """What rows want to be unique in the target, of all systems together."""

    def __init__(self, campaign: Campaign, target: Store, ledger: Ledger) -> None:
        self.campaign = campaign
        self.target = target
        self.ledger = ledger
        self.rules = TargetRules(campaign, target)
        self.stages: dict[Where, Stage] = {}

    def add(self, stage: Stage) -> None:
        """Lets the rows of a stage that are to move, now or after a pilot, claim their values."""
        self.stages[stage.system, stage.name] = stage

    def settle(self) -> dict[Where, list[RowException]]:
        """What becomes of colliding rows, by (system, dataset), loaded into the stages. A row held once is
        not merged elsewhere; every merged row has a survivor. Datasets that others refer to come first, so
        that references are compared by the rows in which people survive; along a circle rows that come first
        may be held by later ones."""
        out: dict[Where, list[RowException]] = {}
        for target in dict.fromkeys(one.dataset.to for one in self.stages.values()):
            found = self._settled(target)
            if found:
                exceptions = {where: list(rows.values()) for where, rows in found.items()}
                self.load(exceptions)
                out |= exceptions
        if any(one.circle for one in self.stages.values()):
            self.load(out)
        return out

    def rule(self, target: str, unique: str) -> Collision | None:
        """The job's rule for a unique set of the target."""
        return next(
            (one for one in self.campaign.job.collisions if (one.dataset, one.unique) == (target, unique)),
            None,
        )

    def load(self, exceptions: dict[Where, list[RowException]]) -> None:
        """Loads what becomes of rows into their stages, until every merged row has a survivor."""
        while True:
            for where, rows in exceptions.items():
                self.stages[where].load_exceptions(rows)
            if not hold_without_survivor(exceptions, self.stages):
                return

    def _settled(self, target: str) -> Settled:
        out: Settled = defaultdict(dict)
        into = [one for one in self.stages.values() if one.dataset.to == target]
        for stage in into:
            self._refuse(stage, out)
        parted: list[set[tuple[Where, str, Where | None, str]]] = []
        for unique in self._sets(target):
            stages = self._claiming(target, unique)
            if not stages or self._needless(target, unique, stages):
                continue
            with closing(sqlite3.connect("")) as scratch:  # a file of its own, gone when closed
                gathered = Gathered(scratch, self.campaign, self.target, self.ledger, unique, stages)
                self._collide(gathered, out)
                if unique.merges:
                    parted.append(
                        {
                            (
                                (one.system, one.name),
                                key,
                                None if other is None else (other.system, other.name),
                                there,
                            )
                            for one, key, other, there in gathered.parted()
                        }
                    )
        for where, key in self._changed_since(set.intersection(*parted) if parted else set()):
            out[where][key] = RowException(key=key, fate=Fate.HOLD, why=DIFFERENT_PERSON)
        for rule in self.rules.uniques(into):
            with closing(sqlite3.connect("")) as scratch:
                self._collide(GatheredByRule(scratch, self.rules, self.ledger, rule, into), out)
        return out

    def _refuse(self, stage: Stage, out: Settled) -> None:
        """Holds the rows that a check of the target refuses, but for moved ones that say what they said; they
        claim nothing."""
        refused = dict(self.rules.refused(stage))
        if refused and self.ledger.knows(stage.system, stage.name):
            changed = self._changed(stage, list(refused))
            refused = {key: rule for key, rule in refused.items() if key in changed}
        if refused:
            rows = {
                key: RowException(key=key, fate=Fate.HOLD, why=f"{REFUSED}:{rule}")
                for key, rule in refused.items()
            }
            out[stage.system, stage.name] = rows
            stage.load_exceptions(rows.values())

    def _collide(self, gathered: Gathered, out: Settled) -> None:
        """Settles the rows that claim the same."""
        gathered.fill()
        for group in self._without_unchanged(list(gathered.groups())):
            for claim, exception in _settled(group, gathered.unique):
                rows = out[claim.system, claim.dataset]
                if exception.key not in rows or exception.fate is Fate.HOLD:
                    rows[exception.key] = exception

    def _sets(self, target: str) -> Iterator[Unique]:
        """What must be unique by the profile, and what the database itself keeps unique beside it."""
        dataset = self.campaign.target.profile.datasets[target]
        if dataset.keys.way == "keep":
            yield Unique(KEY, dataset.key)
        for name, columns in dataset.unique.items():
            yield Unique(name, columns, self.rule(target, name))
        named = [set(dataset.key), *map(set, dataset.unique.values())]
        for columns in self.target.uniques(dataset.table):
            if not any(one <= set(columns) for one in named):
                yield Unique(", ".join(columns), columns)

    def _claiming(self, target: str, unique: Unique) -> list[Stage]:
        """The stages whose rows fill all columns of a unique set."""
        return [
            stage
            for stage in self.stages.values()
            if stage.dataset.to == target
            and (unique.name == KEY or set(unique.columns) <= set(project(self.campaign, stage).columns))
        ]

    def _needless(self, target: str, unique: Unique, stages: list[Stage]) -> bool:
        """Whether no value can be claimed twice: one table claims, its own database keeps the values unique,
        and the target has no row yet."""
        table = self.campaign.target.profile.datasets[target].table
        if len(stages) != 1 or self.ledger.there or self.target.collations(table, unique.columns):
            return False
        (stage,) = stages
        named = [stage.dataset.columns.get(one) for one in unique.columns]
        if unique.name == KEY:
            own: tuple[str, ...] = stage.dataset.key
        elif any(one is None or not one.is_plain for one in named):
            return False
        else:
            own = tuple(one.column for one in named if one is not None)
        kept = map(
            set, (stage.store.primary_key(stage.dataset.table), *stage.store.uniques(stage.dataset.table))
        )
        if not any(one and one <= set(own) for one in kept) or unique.rule is not None:
            return False
        rows = sa.select(sa.literal(1)).select_from(sa.table(table, schema=self.target.schema))
        return self.target.connection.execute(rows.limit(1)).first() is None

    # --- rows that were moved before

    def _without_unchanged(self, groups: list[Group]) -> list[Group]:
        """Leaves out the moved rows that say what they said: it is the platform that changed its own."""
        keys: dict[Where, list[str]] = defaultdict(list)
        for one in (claim for group in groups for claim in group.moved):
            keys[one.system, one.dataset].append(one.key)
        changed = {where: self._changed(self.stages[where], some) for where, some in keys.items()}
        for group in groups:
            group.moved = [one for one in group.moved if one.key in changed[one.system, one.dataset]]
        return groups

    def _changed_since(
        self, merges: set[tuple[Where, str, Where | None, str]]
    ) -> Iterator[tuple[Where, str]]:
        """Those of the merged rows, and of the rows they were merged into, that must not go on as one person
        since one of the two says something else now."""
        asked: dict[Where, set[str]] = defaultdict(set)
        for where, key, other, there in merges:
            asked[where].add(key)
            if other is not None:
                asked[other].add(there)
        changed = {where: self._changed(self.stages[where], sorted(keys)) for where, keys in asked.items()}
        for where, key, other, there in sorted(merges, key=str):
            survivor = other is not None and there in changed[other]
            if key in changed[where] or survivor:
                yield where, key
            if other is not None and survivor:
                yield other, there

    def _changed(self, stage: Stage, keys: Sequence[str]) -> set[str]:
        """Those of the moved rows that are in their source and say something else than they did."""
        projection = project(self.campaign, stage)
        out: set[str] = set()
        for start in range(0, len(keys), AT_ONCE):
            few = keys[start : start + AT_ONCE]
            then = hashes(self.ledger, stage.system, stage.name, few)
            asked: sa.Select[Any] = projection.select(projection.key, projection.hash)
            rows = stage.store.connection.execute(asked.where(having(projection.staged.row, few)))
            out |= {str(one[0]) for one in rows if one[1] != then.get(str(one[0]))}
        return out


def hold_without_survivor(exceptions: dict[Where, list[RowException]], stages: Mapping[Where, Stage]) -> bool:
    """Holds the rows that would be merged into a row which is not moved itself, or is merged elsewhere.

    `stages`: by system and dataset, with these exceptions loaded. Answers whether any row was held, and so
    whether the exceptions must be loaded again.
    """
    wanted: dict[Where, set[str]] = defaultdict(set)
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


def _settled(group: Group, unique: Unique) -> list[tuple[Claim, RowException]]:
    """What becomes of the rows of one group. The target's own row is never touched; a row that was moved
    before and has the value in the target already keeps it."""
    there = {one.target for one in group.own}
    moved = [one for one in group.moved if one.target not in there]
    moving = group.moving
    if len(group.own) + len(moving) + len(moved) < 2:
        return []
    rule = unique.rule
    if rule is None or not unique.merges:
        why = NO_RULE if rule is None or rule.rule != "hold" else f"{NO_RULE}-{rule.unique}"
        return [(one, _held(one, why)) for one in (*moving, *moved)]
    proofs = {one.second for one in (*group.own, *moving)}
    if (
        group.moved
        or len(group.own) > 1
        or len(proofs) > 1
        or None in proofs
        or any(one.came and not one.steady for one in group.own)
    ):
        return [(one, _held(one, DIFFERENT_PERSON)) for one in (*moving, *moved)]
    first, *others = (*group.own, *moving)
    system, dataset, key = first.place
    return [
        (
            one,
            RowException(
                key=one.key, fate=Fate.MOVE, why=f"merged-{rule.unique}",
                into_system=system, into_dataset=dataset, into_key=key,
            ),
        )
        for one in others
    ]  # fmt: skip


def _held(claim: Claim, why: str) -> RowException:
    return RowException(key=claim.key, fate=Fate.HOLD, why=why)
