"""Holds put together so that one decision settles many rows."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from merger.approval import canonical_digest
from merger.migrate.model import Candidate, Hold, Plan

Codes = tuple[tuple[str, str | None], ...]
Cause = tuple[str, str, str, Codes, tuple[str, ...], tuple[str, str]]
"""What holds of a group have in common: reason, column, field, codes, codes of successors, and where they
are."""

CONTEXT = frozenset({"service", "day", "locality", "point"})
"""Codes of a combination that hold nobody's fault, as long as they are not what waits."""
MOST_VALUES = 300
"""So many values of one code are offered to narrow a group by, at most."""


@dataclass(frozen=True, slots=True)
class Group:
    """Holds with one cause: the same reason (and column), the same field that waits, the same code in it and
    the same possible successors. Holds without possible successors are of one system and dataset too.

    `cause`: the codes that all have in common and that matter; empty where codes do not tell the rows apart,
    and then nobody can decide them here.
    """

    id: str
    reason: str
    column: str
    field: str
    cause: Codes
    candidates: tuple[Candidate, ...]
    holds: tuple[Hold, ...]

    @property
    def rows(self) -> int:
        return sum(hold.rows for hold in self.holds)

    @property
    def decidable(self) -> bool:
        return bool(self.cause)

    @property
    def where(self) -> tuple[tuple[str, str], ...]:
        """Systems and datasets, in order."""
        return tuple(sorted({(hold.system, hold.dataset) for hold in self.holds}))

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that can be decided: those with possible successors, else every code but the context."""
        offered = dict.fromkeys(candidate.field for candidate in self.candidates)
        if offered:
            return tuple(offered)
        known = [name for name in self.holds[0].codes if name not in CONTEXT - {self.field}]
        return tuple(sorted(known, key=lambda name: name != self.field))

    @property
    def evidence(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one for hold in self.holds for one in hold.evidence))

    def offered(self, field: str) -> tuple[Candidate, ...]:
        return tuple(one for one in self.candidates if one.field == field)


def groups_of(plan: Plan) -> list[Group]:
    """Every hold of a plan in one group; what can be decided first, then by rows."""
    found: dict[Cause, list[Hold]] = defaultdict(list)
    for hold in plan.holds:
        field = hold.field or next((one.field for one in hold.candidates), "")
        offered = tuple(one.code for one in hold.candidates if one.field == field)
        where = ("", "") if offered else (hold.system, hold.dataset)
        found[hold.reason, hold.column, field, _cause(hold, field), offered, where].append(hold)
    groups = [Group(_id(key), *key[:4], _shared(holds), tuple(holds)) for key, holds in found.items()]
    return sorted(groups, key=lambda one: (not one.decidable, -one.rows, one.id))


def narrowed(group: Group, wanted: Mapping[str, str]) -> Group:
    """The part of a group whose holds have these codes; `system` and `dataset` narrow too. A code is asked
    for as `shown` writes it."""
    holds = tuple(
        hold
        for hold in group.holds
        if all(shown(value_of(hold, name)) == value for name, value in wanted.items())
    )
    return replace(group, candidates=_shared(holds), holds=holds)


def facets(group: Group) -> dict[str, tuple[tuple[str, int], ...]]:
    """By what a group can be narrowed: each code that is not the same in all holds, its values with their
    rows, most first. A code of too many values is left out."""
    names = ["system", "dataset", *dict.fromkeys(name for hold in group.holds for name in hold.codes)]
    out = {}
    for name in names:
        rows: dict[str, int] = defaultdict(int)
        for hold in group.holds:
            rows[shown(value_of(hold, name))] += hold.rows
        if 1 < len(rows) <= MOST_VALUES:
            out[name] = tuple(sorted(rows.items(), key=lambda item: (-item[1], item[0])))
    return out


def shown(code: str | None) -> str:
    """A code as forms send it: NULL as `~`, the empty text, which is another value, as `∅`."""
    return "~" if code is None else code or "∅"


def value_of(hold: Hold, name: str) -> str | None:
    """A code of a hold, its `system` or its `dataset`."""
    own = {"system": hold.system, "dataset": hold.dataset}
    return own[name] if name in own else hold.codes.get(name)


def _id(cause: Cause) -> str:
    return f"g-{canonical_digest(json.loads(json.dumps(cause)))[:12]}"


def _cause(hold: Hold, field: str) -> Codes:
    if not hold.codes:
        return ()
    if field in hold.codes:
        return ((field, hold.codes[field]),)
    return tuple((name, code) for name, code in hold.codes.items() if name not in CONTEXT)


def _shared(holds: Iterable[Hold]) -> tuple[Candidate, ...]:
    """The possible successors that all holds have, of fields in which all have the same."""
    listed = list(holds)
    if not listed:
        return ()
    first = listed[0].candidates
    fields = {one.field for one in first}
    for hold in listed[1:]:
        fields = {
            field
            for field in fields
            if [one for one in hold.candidates if one.field == field]
            == [one for one in first if one.field == field]
        }
    return tuple(one for one in first if one.field in fields)
