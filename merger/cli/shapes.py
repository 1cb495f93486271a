"""The JSON shapes of docs/cli.md, and the tables that say the same to people."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from merger.cli.out import number, say, show_table
from merger.mapping.models import Title
from merger.messages import current, text
from merger.migrate.model import Caveat, DatasetPlan, FileNote, Plan, Summary, Verification
from merger.migrate.results import RunResult


def plan_json(plan: Plan) -> dict[str, Any]:
    """`plan --json`."""
    return {
        "plan": plan.id,
        "job": plan.job,
        "mapping_digest": plan.digests.mapping,
        "source_fingerprints": {
            system: fingerprint.model_dump(mode="json", by_alias=True)
            for system, fingerprint in plan.source_fingerprints.items()
        },
        "isolation": plan.isolation,
        "untried": plan.untried,
        "caveats": {
            system: [one.model_dump(mode="json") for one in some] for system, some in plan.caveats.items()
        },
        "cutover": plan.cutover.isoformat(),
        "datasets": [
            {
                "system": one.system,
                "dataset": one.dataset,
                "target": one.target,
                "in_scope": one.in_scope,
                "to_move": one.to_move,
                "by_address": one.by_address,
                "to_update": one.to_update,
                "to_withdraw": one.to_withdraw,
                "held": one.held,
                "excluded": one.excluded,
                "files": one.files,
                "collisions": one.collisions,
                "batches": one.batches,
            }
            for one in plan.datasets
        ],
        "holds": [
            {
                "id": hold.id,
                "system": hold.system,
                "dataset": hold.dataset,
                "codes": hold.codes,
                "reason": hold.reason,
                "column": hold.column,
                "rows": hold.rows,
                "candidates": [candidate.model_dump() for candidate in hold.candidates],
            }
            for hold in plan.holds
        ],
        "approvals_needed": plan.approvals_needed,
    }


def apply_json(result: RunResult) -> dict[str, Any]:
    """`apply --json`."""
    return result.model_dump(mode="json")


def verify_json(found: Verification, show_values: bool) -> dict[str, Any]:
    """`verify --json`. Without `show_values` the differences hold no value, whatever was computed."""
    hidden = None if show_values else {"differences": {"__all__": {"expected", "found"}}}
    return found.model_dump(mode="json", exclude=hidden)


def plan_lines(plan: Plan | Summary, titles: Mapping[str, Title] | None = None) -> None:
    """Counts first: each dataset, what adds up to it, and the held rows by reason. `titles`: as of a summary,
    where there is none."""
    from merger.report.figures import counts_as
    from merger.report.words import Words

    moved = "to_move" if isinstance(plan, Plan) or counts_as(plan) == "plan" else "moved"
    names = ("system", "dataset", "in_scope", moved, "held", "excluded")
    rows = [_counts(one) for one in plan.datasets]
    sums = [sum(column) for column in zip(*(row[2:] for row in rows), strict=True)] or [0, 0, 0, 0]
    total = (text("cli.head.total"), "", *sums)
    show_table([text(f"cli.head.{name}") for name in names], [*rows, total])
    files = [one.files for one in plan.datasets if one.files]
    if files:
        say("files-named", files=number(sum(files)), datasets=len(files))
    by_address = sum(one.by_address for one in plan.datasets)
    if by_address:
        say("by-address", rows=number(by_address))
    since_lines(sum(one.to_update for one in plan.datasets), sum(one.to_withdraw for one in plan.datasets))
    if isinstance(plan, Plan):
        isolation_lines(plan.isolation)
    for dataset, rules in plan.untried.items():
        print(Words(current()).untried(dataset, rules))
    caveat_lines(plan.caveats)
    held_lines(plan.datasets)
    excluded_lines(plan.datasets, titles if isinstance(plan, Plan) else plan.titles)


def since_lines(updated: int, withdrawn: int) -> None:
    """Rows that earlier runs moved and that are brought up to date, or taken out again."""
    if updated or withdrawn:
        say("brought-up", updated=number(updated), withdrawn=number(withdrawn))


def isolation_lines(isolation: Mapping[str, str]) -> None:
    """In which isolation sources were read that had to be copied."""
    from merger.migrate.isolation import isolation_told

    for system, level in isolation.items():
        print(f"{system}: {isolation_told(level)}")


def caveat_lines(caveats: Mapping[str, Iterable[Caveat]]) -> None:
    """What must be known of how sources were read."""
    from merger.migrate.caveats import caveat_told

    for system, some in caveats.items():
        for one in some:
            print(f"{system}: {caveat_told(one)}")


def held_lines(datasets: Iterable[DatasetPlan]) -> None:
    """Held rows by reason."""
    from merger.report.figures import held_rows_by_reason
    from merger.report.words import Words

    for reason, rows in held_rows_by_reason(datasets).items():
        say("held-by", reason=Words(current()).reason(reason), rows=number(rows))


def excluded_lines(datasets: Iterable[DatasetPlan], titles: Mapping[str, Title] | None = None) -> None:
    """Excluded rows by rule, as `titles` call it."""
    from merger.report.figures import excluded_by_rule
    from merger.report.words import Words

    for rule, parts in excluded_by_rule(datasets):
        rows = sum(part for _, part in parts)
        say("excluded-by", rule=Words(current(), titles or {}).rule(rule), rows=number(rows))


def run_lines(result: RunResult) -> None:
    """What `apply` did."""
    names = ("system", "dataset", "moved", "already", "held", "excluded")
    rows = [
        (one.system, one.dataset, one.moved, one.already, one.held, one.excluded) for one in result.datasets
    ]
    show_table([text(f"cli.head.{name}") for name in names], rows)
    if result.files:
        names = ("system", "dataset", "files", "copied", "there", "held")
        files = [
            (one.system, one.dataset, one.named, one.copied, one.already, one.held) for one in result.files
        ]
        show_table([text(f"cli.head.{name}") for name in names], files)
    isolation_lines(result.isolation)
    caveat_lines(result.caveats)
    note_lines(result.file_notes)
    since_lines(sum(one.updated for one in result.datasets), sum(one.withdrawn for one in result.datasets))
    say(
        f"run-{result.state}",
        run=result.run,
        seconds=f"{result.seconds:.1f}",
        rate=number(round(result.rows_per_second)),
    )


def note_lines(notes: Iterable[FileNote]) -> None:
    """What is to be told of single files."""
    for one in notes:
        print(f"{one.system}/{one.dataset}/{one.key}: {text(f'files.{one.code}.message', **one.fields)}")


def verification_lines(found: Verification, *, show_values: bool, details: bool = False) -> None:
    """Every check in words with how many datasets it holds for, what failed, and every difference.

    `details`: every check of every dataset.
    """
    from merger.report.words import Words

    words = Words(current())
    checks = [(one, check) for one in found.datasets for check in one.checks]
    states = ("ok", "failed", "not-run")
    counts: Counter[tuple[str, str]] = Counter((check.code, check.state) for _, check in checks)
    codes = dict.fromkeys(check.code for _, check in checks)
    heads = [text(f"cli.head.{name}") for name in ("check", "ok", "failed", "not_run")]
    show_table(heads, [(words.check(code), *(counts[code, state] for state in states)) for code in codes])
    for one, check in checks:
        if details or check.state == "failed":
            place = f"{one.system}/{one.dataset}"
            state, detail = words.state(check.state), words.detail(check.detail)
            print(f"{place}: {words.check(check.code)}: {state} ({detail})")
    for difference in found.differences:
        parts = (difference.system, difference.dataset, difference.key, difference.column)
        shown = show_values and difference.kind == "changed"
        values = f": {difference.expected!r} → {difference.found!r}" if shown else ""
        print(f"{'/'.join(part for part in parts if part)}: {words.state(difference.kind)}{values}")
    note_lines(found.files)
    different = len(found.differences) + sum(one.what == "different" for one in found.files)
    say(f"verified-{found.state}", differences=number(different))
    say(f"strength-{found.strength}")


def _counts(one: DatasetPlan) -> tuple[str, str, int, int, int, int]:
    return one.system, one.dataset, one.in_scope, one.to_move, one.held, sum(one.excluded.values())
