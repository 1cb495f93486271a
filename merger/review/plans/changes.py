"""What a plan says differently than the plan before it of the same job."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from merger.lineage import By
from merger.migrate.model import MANUAL, DatasetPlan, Fate, Hold, Outcome, Plan
from merger.review.plans.groups import Group, groups_of

Codes = tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class DatasetChange:
    """The counts of one dataset before and after: in scope, to move, held, excluded."""

    system: str
    dataset: str
    before: tuple[int, int, int, int]
    after: tuple[int, int, int, int]

    @property
    def changed(self) -> bool:
        return self.before != self.after

    @property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """Each count before and after."""
        return tuple(zip(self.before, self.after, strict=True))


@dataclass(frozen=True, slots=True)
class Settled:
    """Rows of one group that were held before and are not held for that reason now.

    `fate` is what becomes of them; None where no row has these codes any more. `why`: the rule that leaves
    them, or the reason why they are held now. `gives`: the new codes. `by`: what decided, without the names
    of single decisions.
    """

    group: Group
    fate: Fate | None
    why: str
    gives: tuple[tuple[str, str], ...]
    by: str
    rows: int


@dataclass(frozen=True, slots=True)
class Changes:
    """All differences. `newly`: groups of rows that are held now and were not."""

    datasets: tuple[DatasetChange, ...]
    settled: tuple[Settled, ...]
    newly: tuple[tuple[Group, int], ...]

    @property
    def total(self) -> DatasetChange:
        before = [sum(column) for column in zip(*(one.before for one in self.datasets), strict=True)]
        after = [sum(column) for column in zip(*(one.after for one in self.datasets), strict=True)]
        if not before:
            return DatasetChange("", "", (0, 0, 0, 0), (0, 0, 0, 0))
        return DatasetChange("", "", (*before,), (*after,))

    @property
    def settled_rows(self) -> int:
        """How many rows of settled groups are to be moved or left now, by their codes."""
        return sum(one.rows for one in self.settled if one.fate in (Fate.MOVE, Fate.EXCLUDE))


def changes(old: Plan, new: Plan) -> Changes:
    """What differs. Rows that belong to a settled one are in the counts of their datasets."""
    return Changes(tuple(_datasets(old, new)), tuple(_settled(old, new)), tuple(_newly(old, new)))


def _datasets(old: Plan, new: Plan) -> Iterable[DatasetChange]:
    before = {(one.system, one.dataset): _counts(one) for one in old.datasets}
    after = {(one.system, one.dataset): _counts(one) for one in new.datasets}
    none = (0, 0, 0, 0)
    for system, dataset in dict.fromkeys([*before, *after]):
        where = system, dataset
        yield DatasetChange(system, dataset, before.get(where, none), after.get(where, none))


def _counts(one: DatasetPlan) -> tuple[int, int, int, int]:
    return one.in_scope, one.to_move, one.held, sum(one.excluded.values())


def _settled(old: Plan, new: Plan) -> Iterable[Settled]:
    held = {one.id for one in new.holds}
    now = {(one.system, one.dataset, _written(one.codes)): one for one in new.holds if one.codes}
    decided = _Decided(new)
    for group in groups_of(old):
        if not group.decidable:
            continue
        rows: dict[tuple[Fate | None, str, tuple[tuple[str, str], ...], str], int] = defaultdict(int)
        for hold in group.holds:
            if hold.id in held:
                continue
            other = now.get((hold.system, hold.dataset, _written(hold.codes)))
            if other is not None:
                rows[Fate.HOLD, other.reason, (), ""] += hold.rows
                continue
            outcome = decided.on(hold)
            if outcome is None:
                rows[None, "", (), ""] += hold.rows
            else:
                gives = tuple(item for item in outcome.gives.items() if item[0].endswith((".code", ".name")))
                rows[outcome.fate, outcome.why, gives, _by(outcome.decided_by)] += hold.rows
        for (fate, why, gives, by), count in sorted(rows.items(), key=lambda item: -item[1]):
            yield Settled(group, fate, why, gives, by, count)


def _newly(old: Plan, new: Plan) -> Iterable[tuple[Group, int]]:
    """Where the reason of a hold changed it was held before too, and is told as settled."""
    known = {(one.system, one.dataset, _written(one.codes)) for one in old.holds if one.codes}
    for group in groups_of(new):
        rows = sum(
            hold.rows
            for hold in group.holds
            if group.decidable and (hold.system, hold.dataset, _written(hold.codes)) not in known
        )
        if rows:
            yield group, rows


class _Decided:
    """What a plan decides for the codes of a hold, which names services as the source writes them."""

    def __init__(self, plan: Plan) -> None:
        self._classes = plan.service_classes
        self._outcomes: dict[tuple[str, str, Codes], Outcome] = {}
        for part in plan.datasets:
            for decision in part.decisions:
                codes = dict(zip(part.parts, decision.codes, strict=True))
                if codes.pop("rule", None) is None:
                    self._outcomes[part.system, part.dataset, _written(codes)] = part.outcomes[
                        decision.outcome
                    ]

    def on(self, hold: Hold) -> Outcome | None:
        codes = dict(hold.codes)
        service = codes.get("service")
        if service:
            codes["service"] = self._classes.get(hold.system, {}).get(service, service)
        return self._outcomes.get((hold.system, hold.dataset, _written(codes)))


def _by(decided_by: str) -> str:
    """What decided, with people's decisions as one: each hold has one of its own."""
    manual = MANUAL.format("")
    parts = [By.DECISION if one.startswith(manual) else one for one in decided_by.split(", ")]
    return ", ".join(dict.fromkeys(parts))


def _written(codes: Mapping[str, str | None]) -> Codes:
    return tuple(sorted(codes.items()))
