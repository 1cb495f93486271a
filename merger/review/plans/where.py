"""Where the work of each old unit and agency goes, by the codes of a plan."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from merger.codes.names.spelling import unmarked
from merger.migrate.model import Fate, Plan
from merger.report.figures import UnitLine, unit_lines

MOST = 50
"""So many lines are shown at once."""


@dataclass(frozen=True, slots=True)
class Destination:
    """Rows of one old unit and agency that go the same way, or stay for the same reason.

    `gives`: field, new code and name of each. `by`: what decided.
    """

    agency: str
    system: str
    dataset: str
    fate: Fate
    why: str
    gives: tuple[tuple[str, str, str], ...]
    by: str
    rows: int


@dataclass(frozen=True, slots=True)
class Stream:
    """Work that goes from one agency to another: of all services and states, or of one of them."""

    from_agency: str
    to_agency: str
    service: str
    state: str
    rows: int
    overdue: int
    due_soon: int
    running: int


def units(plan: Plan, asked: str) -> list[UnitLine]:
    """The counts of the old units whose code or name holds what is asked for; of all without a question."""
    wanted = unmarked(asked)
    return [
        line
        for line in unit_lines(plan.datasets)
        if not wanted or wanted in unmarked(line.name) or line.unit.startswith(asked.strip())
    ]


def destinations(plan: Plan, unit: str) -> list[Destination]:
    """Where the rows of an old unit go, most rows first: counted by their codes, before single rows are held
    for what is theirs alone."""
    rows: dict[tuple[str, str, str, int], int] = defaultdict(int)
    outcomes = {}
    for part in plan.datasets:
        for decision in part.decisions:
            outcome = part.outcomes[decision.outcome]
            if outcome.old_unit == unit:
                where = part.system, part.dataset, outcome.old_agency, decision.outcome
                rows[where] += decision.rows
                outcomes[where] = outcome
    merged: dict[tuple[object, ...], Destination] = {}
    for where, count in rows.items():
        outcome = outcomes[where]
        system, dataset, agency, _ = where
        gives = _gives(outcome.gives)
        key = (agency, system, dataset, outcome.fate, outcome.why, gives, outcome.decided_by)
        known = merged.get(key)
        merged[key] = Destination(*key, count + (known.rows if known else 0))
    return sorted(merged.values(), key=lambda one: (-one.rows, one.system, one.dataset, one.agency))


def streams(
    plan: Plan,
    agency: str = "",
    service: str = "",
    state: Callable[[str, str, str], str] = lambda *said: said[2],
) -> list[Stream]:
    """The work that goes from agency to agency, most rows first. Of an agency or a service: by service and
    state; else all of them together. `state`: how a state of a system's dataset is called."""
    apart = bool(agency or service)
    sums: dict[tuple[str, str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for flow in plan.flows:
        if agency and agency not in (flow.from_agency, flow.to_agency):
            continue
        if service and flow.service != service:
            continue
        key = flow.from_agency, flow.to_agency, flow.service if apart else "", ""
        if apart and flow.state:
            key = *key[:3], state(flow.system, flow.dataset, flow.state)
        counts = flow.rows, flow.overdue, flow.due_soon, flow.running
        sums[key] = [one + more for one, more in zip(sums[key], counts, strict=True)]
    return [
        Stream(*key, *counts)
        for key, counts in sorted(sums.items(), key=lambda item: (-item[1][0], item[0]))
    ]  # fmt: skip


def agencies(plan: Plan) -> list[str]:
    """The codes of all agencies that give or get work, old and new."""
    return sorted({code for flow in plan.flows for code in (flow.from_agency, flow.to_agency) if code})


def services(plan: Plan) -> list[str]:
    """The codes of all services whose work goes anywhere."""
    return sorted({flow.service for flow in plan.flows if flow.service})


def matching(codes: Iterable[str], name: Callable[[str], str], asked: str) -> list[tuple[str, str]]:
    """Codes with their names, those whose code or name holds what is asked for."""
    wanted = unmarked(asked)
    named = [(code, name(code)) for code in codes]
    return [
        one for one in named if not wanted or wanted in unmarked(one[1]) or one[0].startswith(asked.strip())
    ]


def _gives(gives: dict[str, str]) -> tuple[tuple[str, str, str], ...]:
    fields = [name.removesuffix(".code") for name in gives if name.endswith(".code")]
    return tuple((field, gives[f"{field}.code"], gives.get(f"{field}.name", "")) for field in fields)
