"""What became of a dataset since earlier runs moved rows of it.

The source's rows and the ledger's are read side by side in the order of their keys, with flat memory; which
of the moved rows say something else now is asked by their hashes. No column of the source needs to tell when
it changed.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from merger.migrate.campaign import Campaign
from merger.migrate.comparing import Comparison, buckets_for, merged
from merger.migrate.comparing.reading import streams
from merger.migrate.counting import counts
from merger.migrate.keys import in_bulk
from merger.migrate.ledger import WITHDRAWN, Ledger
from merger.migrate.model import Fate, RowException
from merger.migrate.row_keys import AT_ONCE, having
from merger.migrate.rowsets import expected, found, has_numbers, kept
from merger.migrate.stage import Stage
from merger.migrate.state import ELSEWHERE, HELD
from merger.systems.functions import exact
from merger.systems.stores import Store

Counts = Counter[tuple[int | None, str | None, bool, bool]]
BOTH_CHANGED = "changed-on-both-sides"
DELETED = "deleted-in-target"


@dataclass
class Since:
    """One dataset. Rows by their keys in the source, as text, in byte order.

    `counts`: rows by decision, state, whether they are merged, and whether they were moved before. `new`:
    rows to move; `merged`: rows to merge; None for both where nothing was moved before, and so all are.
    `changed`: moved rows that say something else now; `gone`: moved rows that the source does not have any
    more, merged ones first; `conflicts`: moved rows that changed on both sides, and not to the same; `lost`:
    moved rows that would still move and that the target does not have any more.
    """

    counts: Counts = field(default_factory=Counter)
    new: list[str] | None = None
    merged: list[str] | None = None
    changed: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def moving(self) -> set[int]:
        """The decisions of the rows that are to be moved."""
        return {
            number
            for number, state, _, done in self.counts
            if number is not None and state is None and not done
        }


def since(
    campaign: Campaign, stage: Stage, target: Store, ledger: Ledger, before: str | None = None
) -> Since:
    """What became of a dataset. `before`: the run whose own rows count as not moved yet; a dataset
    of which nothing was moved before it is not counted."""
    if not ledger.knows(stage.system, stage.name, before):
        return (
            Since()
            if before
            else Since(Counter({(one, state, into, False): rows for one, state, into, rows in counts(stage)}))
        )
    out = Since(new=[], merged=[])
    assert out.new is not None
    assert out.merged is not None
    merged_and_gone: list[str] = []
    for key, row, moved in _side_by_side(stage, ledger, before):
        if row is None:
            (merged_and_gone if moved else out.gone).append(key)
            continue
        decision, state, into = row
        out.counts[decision, state, into, moved is not None] += 1
        if moved is None and state is None:
            (out.merged if into else out.new).append(key)
    numbers = has_numbers(stage)
    buckets = buckets_for(sum(out.counts.values()))
    compared = Comparison(expected(campaign, stage, buckets), kept(stage, ledger, buckets, numbers=numbers))
    out.changed = [one.key for one in compared.differing() if one.kind == "changed" and one.key is not None]
    absent = set(_absent(campaign, stage, target, ledger))
    out.lost = _hold(stage, out, sorted(absent.difference(out.gone)), DELETED)
    out.changed = [one for one in out.changed if one not in absent]
    unlike = _unlike_old(campaign, stage, target, ledger)
    if out.changed or out.gone or unlike:
        out.conflicts = sorted({*_elsewise(campaign, stage, target, ledger, out), *unlike})
        conflicts = set(out.conflicts)
        out.changed = [one for one in out.changed if one not in conflicts]
        out.gone = [one for one in out.gone if one not in conflicts]
        _hold(stage, out, out.conflicts, BOTH_CHANGED)
    out.gone = [*merged_and_gone, *out.gone]  # a row goes when nothing is merged into it any more
    return out


def _unlike_old(campaign: Campaign, stage: Stage, target: Store, ledger: Ledger) -> list[str]:
    """Rows that old runs moved, of whose hashes nothing can be made any more, and that source and target do
    not agree about: which of them changed cannot be told."""
    if not ledger.old_runs:
        return []
    numbers = has_numbers(stage)
    buckets = buckets_for(ledger.count(stage.system, stage.name))
    there = found(campaign, stage, target, ledger, buckets, numbers=numbers)
    compared = Comparison(expected(campaign, stage, buckets), there)
    keys = [one.key for one in compared.differing() if one.kind == "changed" and one.key is not None]
    runs = ledger.runs_of(stage.system, stage.name, keys)
    return [one for one in keys if runs[one][0] in ledger.old_runs]


def _hold(stage: Stage, out: Since, keys: Sequence[str], why: str) -> list[str]:
    """Counts moved rows as held; answers which they are. Those that the source has no more, or that are held
    or left for another reason, are not."""
    staged = stage.staged()
    key = exact(staged.row.key_text)
    into = sa.false() if staged.into is None else staged.into.is_not(None)
    asked = sa.select(key, staged.decision, sa.case((into, 1), else_=0)).select_from(staged.row.source)
    held: list[str] = []
    for start in range(0, len(keys), AT_ONCE):
        mine = having(staged.row, keys[start : start + AT_ONCE])
        found = stage.store.connection.execute(asked.where(staged.state.is_(None), mine))
        for one, decision, merged_before in found:
            out.counts[decision, None, bool(merged_before), True] -= 1
            out.counts[decision, HELD + why, bool(merged_before), True] += 1
            held.append(one)
    out.counts = +out.counts
    return sorted(held)


def _absent(campaign: Campaign, stage: Stage, target: Store, ledger: Ledger) -> Iterator[str]:
    """The keys in the source of moved and merged rows whose row the target does not have any more."""
    dataset = campaign.target.profile.datasets[stage.dataset.to]
    row = ledger.rows
    column = target.columns(dataset.table)[dataset.key[0]]
    table = sa.table(dataset.table, schema=target.schema).alias("t")
    here: sa.ColumnElement[object] = sa.column(column.name, _selectable=table)
    asked = (
        sa.select(row.c.source_key)
        .select_from(sa.outerjoin(row, table, in_bulk(row.c.target_key, here, column, target)))
        .where(
            row.c.dataset_id == ledger.dataset_id(stage.system, stage.name), row.c.state != WITHDRAWN,
            here.is_(None),
        )
    )  # fmt: skip
    yield from target.connection.execute(asked).scalars()


def _side_by_side(
    stage: Stage, ledger: Ledger, before: str | None
) -> Iterator[tuple[str, tuple[int | None, str | None, bool] | None, bool | None]]:
    staged = stage.staged()
    into = sa.literal(0) if staged.into is None else sa.case((staged.into.is_not(None), 1), else_=0)
    key = exact(staged.row.key_text)
    ours = (
        sa.select(
            key.label("key"),
            staged.decision.label("decision"),
            staged.state.label("state"),
            into.label("into"),
        )
        .select_from(staged.row.source)
        .order_by(key)
    )
    theirs = ledger.keys_of(stage.system, stage.name, before)
    with streams(stage.store.connection, ours, ledger.connection, theirs) as (rows, moved):
        yield from merged(
            ((key, (decision, state, bool(into))) for key, decision, state, into in rows),
            ((key, into) for key, into in moved),
        )


def still_moving(stage: Stage, ledger: Ledger) -> int:
    """How many rows were moved or merged that the source has and that would still be."""
    return sum(
        moved is not None and row is not None and row[1] is None
        for _, row, moved in _side_by_side(stage, ledger, None)
    )


def _said(campaign: Campaign, stage: Stage, keys: Sequence[str]) -> dict[str, bytes]:
    """The hashes of the rows with these keys that move, as the source says them now."""
    said = expected(campaign, stage, 1)
    assert said.among is not None
    found: dict[str, bytes] = {}
    for start in range(0, len(keys), AT_ONCE):
        row = said.among(keys[start : start + AT_ONCE]).subquery("said").c
        asked = sa.select(row.key, row.hash)
        found |= {key: bytes(digest) for key, digest in stage.store.connection.execute(asked)}
    return found


def _elsewise(campaign: Campaign, stage: Stage, target: Store, ledger: Ledger, out: Since) -> Iterator[str]:
    """Those of the changed and gone rows that the target has neither as they were moved nor as the source
    says now."""
    gone = set(out.gone)
    said = _said(campaign, stage, out.changed)
    for key, here in touched(campaign, stage, target, ledger, [*out.changed, *out.gone]):
        if here != (None if key in gone else said.get(key)):
            yield key


def touched(
    campaign: Campaign, stage: Stage, target: Store, ledger: Ledger, keys: Sequence[str]
) -> Iterator[tuple[str, bytes | None]]:
    """Those of the moved rows that the target has not as they were moved, each with the hash of what it has;
    None where it has none."""
    there = found(campaign, stage, target, ledger, 1, numbers=False)
    assert there.among is not None
    row = ledger.rows
    for start in range(0, len(keys), AT_ONCE):
        part = keys[start : start + AT_ONCE]
        now = there.among(part).subquery("now")
        asked = (
            sa.select(row.c.source_key, now.c.hash)
            .select_from(sa.outerjoin(row, now, now.c.key == row.c.source_key))
            .where(
                row.c.dataset_id == ledger.dataset_id(stage.system, stage.name), row.c.merged == sa.false(),
                row.c.source_key.in_(part),
                sa.or_(now.c.hash.is_(None), now.c.hash != row.c.row_hash),
            )
        )  # fmt: skip
        for key, digest in target.connection.execute(asked):
            yield key, None if digest is None else bytes(digest)


def load_earlier(stage: Stage, ledger: Ledger) -> bool:
    """Lets a stage know which rows were moved before although a rule excludes them now, and which were
    merged.

    A row once moved stays in scope. Answers whether there are any rows that a rule excludes.
    """
    if not ledger.knows(stage.system, stage.name):
        return False
    stage.earlier = _earlier_merges(stage, ledger)
    row = stage.row()
    rule = stage.rule(row)
    asked = sa.select(row.key_text).select_from(row.source).where(rule.is_not(None))
    excluded = list(stage.store.connection.execute(asked).scalars())
    moved = ledger.target_keys(stage.system, stage.name, excluded)
    stage.load("moved", {"key": "text"}, [(key,) for key in moved])
    return bool(moved)


def _earlier_merges(stage: Stage, ledger: Ledger) -> dict[str, str]:
    """The words for the rows in which merged ones survive, by the keys of these."""
    out: dict[str, str] = {}
    for key, where, survivor in ledger.merges_of(stage.system, stage.name, stage.dataset.to):
        if where == (stage.system, stage.name):
            out[key] = survivor
        else:
            out[key] = f"{ELSEWHERE}{'/'.join(where) if where else ''}:{survivor}"
    return out


def conflicts_as_exceptions(found: Since) -> list[RowException]:
    """Rows that changed on both sides, or that the target has deleted, are held until a person decides."""
    held = [(key, BOTH_CHANGED) for key in found.conflicts] + [(key, DELETED) for key in found.lost]
    return [RowException(key=key, fate=Fate.HOLD, why=why) for key, why in held]
