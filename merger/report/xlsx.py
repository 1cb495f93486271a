"""The report as a workbook: every figure of the page, one sheet for each table."""

from collections.abc import Iterable

from openpyxl import Workbook

from merger.migrate.model import Summary
from merger.report import figures
from merger.report.sheets import add_table, saved
from merger.report.words import Words

COUNTED = ("by_address", "to_update", "to_withdraw", "files", "collisions", "batches")
"""What is counted of a dataset besides what adds up."""


FILES = ("copied", "bytes_", "there", "held", "waiting")


def workbook(summary: Summary, language: str) -> bytes:
    """The whole report in one language (`vi` or `en`), as XLSX."""
    words = Words(language)
    book = Workbook(write_only=True)

    def table(name: str, heads: Iterable[str], rows: Iterable[tuple[object, ...]]) -> None:
        add_table(book, words.text(f"sheet_{name}"), [words.text(head) for head in heads], rows)

    counted = ("in_scope", f"{figures.counts_as(summary)}_moved", "held", "excluded", "sum")
    table("about", ("fact", "value"), _about(summary, words))
    table(
        "counts",
        ("system", "dataset", "target", *counted, *COUNTED),
        _counts(summary, words),
    )
    table("units", ("system", "dataset", "unit", "name", *counted), _units(summary, words))
    table(
        "held",
        ("system", "dataset", "reason_", "rows"),
        (
            (dataset.system, dataset.dataset, words.reason(reason), rows)
            for dataset in summary.datasets
            for reason, rows in dataset.held_by_reason.items()
        ),
    )
    table(
        "holds",
        ("hold", "system", "dataset", "reason_", "codes", "candidates", "rows"),
        _holds(summary, words),
    )
    table(
        "excluded",
        ("rule_", "system", "dataset", "rows"),
        (
            (words.rule(rule), dataset.system, dataset.dataset, rows)
            for rule, parts in figures.excluded_by_rule(summary.datasets)
            for dataset, rows in parts
        ),
    )
    if summary.files:
        table("files", ("system", "dataset", *FILES, "reason_"), _files(summary, words))
    table("work", _WORK_HEADS, _work(summary))
    table("checks", ("system", "dataset", "check_", "result", "detail"), _checks(summary, words))
    table("differences", ("system", "dataset", "key", "column", "kind"), _differences(summary, words))
    table(
        "approvals",
        ("signer", "role", "signed_what", "when"),
        (
            (approval.name, approval.role, words.state(approval.what), approval.when.isoformat())
            for approval in summary.approvals
        ),
    )
    table("digests", ("fact", "value"), summary.digests.items())
    return saved(book)


_HOLD_HEADS = ("hold", "system", "dataset", "reason_", "codes", "candidates", "rows")
_WORK_HEADS = (
    "from_agency",
    "from_name",
    "to_agency",
    "to_name",
    "system",
    "dataset",
    "service",
    "name",
    "status",
    "rows",
    "overdue",
    "due_soon",
)


def _about(summary: Summary, words: Words) -> Iterable[tuple[object, ...]]:
    yield words.text(f"{summary.what}_name"), summary.id
    yield words.text("title"), words.title(summary.title, summary.job)
    yield words.text("status"), words.state(summary.state)
    yield words.text("job"), summary.job
    yield words.text("cutover"), summary.cutover.isoformat()
    yield words.text("made"), summary.made.isoformat()
    for act in summary.legal_basis:
        yield words.text("legal_basis"), f"{act.number} ({words.day(act.date)}) {words.act(act.on)}".strip()
    yield words.text("approvals_needed"), summary.approvals_needed
    yield words.text("work_list"), summary.work_list
    if summary.verification is not None:
        yield words.text("check_"), words.text(f"strength_{summary.verification.strength}")
        yield words.text("result"), words.state(summary.verification.state)
    if summary.trail_anchor:
        yield words.text("trail_anchor"), summary.trail_anchor


def _sum(count: figures.Count, words: Words) -> tuple[object, ...]:
    state = words.text("adds_up" if count.adds_up else "differs")
    return count.in_scope, count.moved, count.held, count.excluded, state


def _counts(summary: Summary, words: Words) -> Iterable[tuple[object, ...]]:
    counts = [figures.dataset_count(dataset) for dataset in summary.datasets]
    for dataset, count in zip(summary.datasets, counts, strict=True):
        names = (dataset.system, dataset.dataset, dataset.target)
        yield *names, *_sum(count, words), *(getattr(dataset, name) for name in COUNTED)
    sums = (sum(getattr(dataset, name) for dataset in summary.datasets) for name in COUNTED)
    yield words.text("total"), "", "", *_sum(figures.total(counts), words), *sums


def _units(summary: Summary, words: Words) -> Iterable[tuple[object, ...]]:
    for dataset in summary.datasets:
        for line in figures.unit_lines([dataset]):
            unit = words.text("unknown_unit") if line.unit == "unknown" else line.unit
            yield dataset.system, dataset.dataset, unit, line.name, *_sum(line.count, words)
    for line in figures.unit_lines(summary.datasets):
        unit = words.text("unknown_unit") if line.unit == "unknown" else line.unit
        yield words.text("total"), "", unit, line.name, *_sum(line.count, words)


def _holds(summary: Summary, words: Words) -> Iterable[tuple[object, ...]]:
    for reason, holds in figures.holds_by_reason(summary.holds):
        for hold in holds:
            candidates = "; ".join(
                f"{candidate.code} {candidate.name}".strip() for candidate in hold.candidates
            )
            codes = words.codes(hold.codes.items())
            yield hold.id, hold.system, hold.dataset, words.reason(reason), codes, candidates, hold.rows


def _work(summary: Summary) -> Iterable[tuple[object, ...]]:
    names = {agency.code: agency.name for agency in (*summary.old_agencies, *summary.new_agencies)}
    for flow in summary.flows:
        yield (
            flow.from_agency,
            names.get(flow.from_agency, ""),
            flow.to_agency,
            names.get(flow.to_agency, ""),
            flow.system,
            flow.dataset,
            flow.service,
            summary.services.get(flow.service, ""),
            flow.state,
            flow.rows,
            flow.overdue,
            flow.due_soon,
        )


def _files(summary: Summary, words: Words) -> Iterable[tuple[object, ...]]:
    for one in summary.files:
        reasons = "; ".join(f"{words.file(code)}: {files}" for code, files in one.held_by_reason.items())
        yield one.system, one.dataset, one.copied, one.bytes, one.there, one.held, one.waiting, reasons


def _checks(summary: Summary, words: Words) -> Iterable[tuple[object, ...]]:
    for dataset in summary.verification.datasets if summary.verification else ():
        for check in dataset.checks:
            state = words.state(check.state)
            yield dataset.system, dataset.dataset, words.check(check.code), state, words.detail(check.detail)


def _differences(summary: Summary, words: Words) -> Iterable[tuple[object, ...]]:
    for difference in summary.verification.differences if summary.verification else ():
        yield (
            difference.system,
            difference.dataset,
            difference.key,
            difference.column,
            words.state(difference.kind),
        )
