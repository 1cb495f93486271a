"""The report as a workbook: every figure of the page, one sheet for each table."""

from collections.abc import Iterable, Sequence
from itertools import zip_longest

from openpyxl import Workbook

from merger.migrate.model import Summary
from merger.report import figures, handing
from merger.report.sheets import add_table, saved
from merger.report.words import Words

COUNTED = ("by_address", "to_update", "to_withdraw", "files", "collisions", "batches")
"""What is counted of a dataset besides what adds up."""


FILES = ("copied", "bytes_", "there", "held", "waiting")


def workbook(summary: Summary, language: str) -> bytes:
    """The whole report in one language (`vi` or `en`), as XLSX."""
    words = Words(language, summary.titles)
    given = handing.hand_overs(summary, gives=True)
    got = handing.hand_overs(summary, gives=False)
    spans = tuple(f"span_{name}" for name in handing.spans_of(summary))
    book = Workbook(write_only=True)

    def table(name: str, heads: Iterable[str], rows: Iterable[tuple[object, ...]]) -> None:
        add_table(book, words.text(f"sheet_{name}"), [words.text(head) for head in heads], rows)

    counted = ("in_scope", f"{figures.counts_as(summary)}_moved", "held", "excluded", "sum")
    table("about", ("fact", "value"), _about(summary, words))
    table(
        "counts",
        ("system", "dataset", "title", "target", *counted, *COUNTED),
        _counts(summary, words),
    )
    table("basis", ("act_number", "act_day", "act_on"), _basis(summary, words))
    table("units", ("system", "dataset", "unit", "name", *counted), _units(summary, words))
    table("given", (*_HAND_HEADS, *spans, "held", "excluded"), _hands(given, words, spans))
    table("got", (*_HAND_HEADS, *spans), _hands(got, words, spans))
    table("pairs", ("side", *_PAIR_HEADS, *spans), _pairs([*given, *got], words))
    table("work", (*_WORK_HEADS, *spans), _work(summary, words))
    table("shares", _SHARE_HEADS, _shares([*given, *got], words))
    table("kept", ("agency", "name", "reason_or_rule", "rows"), _kept(given, words))
    table("held", ("system", "dataset", "reason_", "rows"), _held(summary, words))
    table(
        "holds",
        _HOLD_HEADS,
        _holds(summary, words),
    )
    table("excluded", ("rule_", "system", "dataset", "rows"), _excluded(summary, words))
    if summary.files:
        table("files", ("system", "dataset", *FILES, "reason_"), _files(summary, words))
    table("results", ("check_", *(f"state.{state}" for state in figures.STATES)), _results(summary, words))
    table("sums", _SUM_HEADS, _sums(summary, words))
    table("checks", ("system", "dataset", "rows", "check_", "result", "detail"), _checks(summary, words))
    table("differences", ("system", "dataset", "key", "column", "kind"), _differences(summary, words))
    table("approvals", _APPROVAL_HEADS, _approvals(summary, words))
    table("digests", ("fact", "value"), _digests(summary, words))
    return saved(book)


_HOLD_HEADS = ("hold", "system", "dataset", "reason_", "codes", "candidates", "rows")
_HAND_HEADS = ("agency", "name", "items", "running_")
_PAIR_HEADS = ("agency", "name", "counterpart", "name", "items", "running_")
_SHARE_HEADS = ("side", "agency", "name", "system", "dataset", "shared", "held", "excluded", "before")
_SUM_HEADS = ("system", "dataset", "sums_run", "sums_side", "rows", "sums_fold")
_APPROVAL_HEADS = ("signer", "role", "signed_what", "when", "keyid", "statement", "envelope_")
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
    "items",
    "running_",
)


def _about(summary: Summary, words: Words) -> Iterable[tuple[object, ...]]:
    yield words.text(f"{summary.what}_name"), summary.id
    yield words.text("title"), words.title(summary.title, summary.job)
    yield words.text("status"), words.state(summary.state)
    yield words.text("job"), summary.job
    if summary.kind:
        yield words.text("kind_of_run"), words.state(summary.kind)
    if summary.author:
        yield words.text("author"), summary.author
    if summary.scope:
        yield words.text("scope"), ", ".join(summary.scope)
    yield words.text("cutover"), summary.cutover.isoformat()
    yield words.text("run_made" if summary.what == "run" else "made"), summary.made.isoformat()
    if summary.ended:
        yield words.text("ended"), summary.ended.isoformat()
    yield words.text("approvals_needed"), summary.approvals_needed
    yield words.text("signed_count"), len(summary.approvals)
    yield words.text("old_units"), len(figures.unit_lines(summary.datasets))
    yield (
        words.text("differences_count"),
        len(summary.verification.differences if summary.verification else ()),
    )
    yield words.text("work_list"), summary.work_list
    for system, level in summary.isolation.items():
        yield words.system(system), words.isolation(level)
    for system, caveats in summary.caveats.items():
        for one in caveats:
            yield words.system(system), words.caveat(one)
    if summary.verification is not None:
        yield words.text("check_"), words.text(f"strength_{summary.verification.strength}")
        yield words.text("result"), words.state(summary.verification.state)
        if summary.verification.when:
            yield words.text("verified_at"), summary.verification.when.isoformat()
    if summary.trail_anchor:
        yield words.text("trail_anchor"), summary.trail_anchor


def _sum(count: figures.Count, words: Words) -> tuple[object, ...]:
    state = words.text("adds_up" if count.adds_up else "differs")
    return count.in_scope, count.moved, count.held, count.excluded, state


def _counts(summary: Summary, words: Words) -> Iterable[tuple[object, ...]]:
    counts = [figures.dataset_count(dataset) for dataset in summary.datasets]
    for dataset, count in zip(summary.datasets, counts, strict=True):
        title = f"{words.system(dataset.system)} / {words.dataset(dataset.system, dataset.dataset)}"
        names = (dataset.system, dataset.dataset, title, dataset.target)
        yield *names, *_sum(count, words), *(getattr(dataset, name) for name in COUNTED)
    sums = (sum(getattr(dataset, name) for dataset in summary.datasets) for name in COUNTED)
    yield words.text("total"), "", "", "", *_sum(figures.total(counts), words), *sums


def _units(summary: Summary, words: Words) -> Iterable[tuple[object, ...]]:
    for dataset in summary.datasets:
        for line in figures.unit_lines([dataset]):
            unit = words.text("unknown_unit") if line.unit == "unknown" else line.unit
            yield dataset.system, dataset.dataset, unit, line.name, *_sum(line.count, words)
    for line in figures.unit_lines(summary.datasets):
        unit = words.text("unknown_unit") if line.unit == "unknown" else line.unit
        yield words.text("total"), "", unit, line.name, *_sum(line.count, words)
    together = figures.total(line.count for line in figures.unit_lines(summary.datasets))
    yield words.text("total"), "", "", "", *_sum(together, words)


def _basis(summary: Summary, words: Words) -> Iterable[tuple[object, ...]]:
    for act in summary.legal_basis:
        yield act.number, words.day(act.date), words.act(act.on) if act.on else ""


def _held(summary: Summary, words: Words) -> Iterable[tuple[object, ...]]:
    for dataset in summary.datasets:
        for reason, rows in dataset.held_by_reason.items():
            yield dataset.system, dataset.dataset, words.reason(reason), rows
    reasons = figures.held_rows_by_reason(summary.datasets)
    for reason, rows in reasons.items():
        yield words.text("total"), "", words.reason(reason), rows
    yield words.text("total"), "", "", sum(reasons.values())


def _holds(summary: Summary, words: Words) -> Iterable[tuple[object, ...]]:
    for reason, holds in figures.holds_by_reason(summary.holds):
        for hold in holds:
            candidates = "; ".join(
                f"{candidate.code} {candidate.name}".strip() for candidate in hold.candidates
            )
            codes = words.codes(hold.codes.items())
            why = words.reason(reason, hold.column)
            yield hold.id, hold.system, hold.dataset, why, codes, candidates, hold.rows
        count, rows = len(holds), sum(hold.rows for hold in holds)
        yield words.text("total"), "", "", words.reason(reason), count, "", rows


def _excluded(summary: Summary, words: Words) -> Iterable[tuple[object, ...]]:
    for rule, parts in figures.excluded_by_rule(summary.datasets):
        for dataset, rows in parts:
            yield words.rule(rule), dataset.system, dataset.dataset, rows


def _hands(
    hands: Sequence[handing.HandOver], words: Words, spans: Sequence[str]
) -> Iterable[tuple[object, ...]]:
    for hand in hands:
        counts = hand.spans or (0,) * len(spans)
        kept = (hand.share.held, hand.share.excluded) if hand.gives else ()
        yield hand.agency.code, hand.agency.name, hand.rows, hand.running, *counts, *kept
    sums = handing.sums(hands)
    kept = (sums.held, sums.excluded) if any(hand.gives for hand in hands) else ()
    running = sum(hand.running for hand in hands)
    yield words.text("total"), len(hands), sums.rows, running, *(sums.spans or (0,) * len(spans)), *kept


def _pairs(hands: Iterable[handing.HandOver], words: Words) -> Iterable[tuple[object, ...]]:
    for hand in hands:
        for part in hand.counterparts:
            names = hand.agency.code, hand.agency.name, part.agency.code, part.agency.name
            yield words.text(f"side_{hand.side}"), *names, part.rows, part.running, *part.spans


def _shares(hands: Iterable[handing.HandOver], words: Words) -> Iterable[tuple[object, ...]]:
    for hand in hands:
        who = words.text(f"side_{hand.side}"), hand.agency.code, hand.agency.name
        for one in hand.shares:
            yield *who, one.system, one.dataset, one.moved, one.held, one.excluded, one.before
        if hand.shares:
            share = hand.share
            yield *who, words.text("total"), "", share.moved, share.held, share.excluded, share.before


def _kept(hands: Iterable[handing.HandOver], words: Words) -> Iterable[tuple[object, ...]]:
    for hand in hands:
        who = hand.agency.code, hand.agency.name
        for reason, rows in hand.held.items():
            yield *who, words.text("kept_held", reason=words.reason(reason)), rows
        for rule, rows in hand.excluded.items():
            yield *who, words.text("kept_excluded", rule=words.rule(rule)), rows
        if hand.kept:
            yield *who, words.text("total"), hand.kept


def _work(summary: Summary, words: Words) -> Iterable[tuple[object, ...]]:
    names = {agency.code: agency.name for agency in (*summary.old_agencies, *summary.new_agencies)}
    for flow, due in zip_longest(summary.flows, summary.due):
        yield (
            flow.from_agency,
            names.get(flow.from_agency, ""),
            flow.to_agency,
            names.get(flow.to_agency, ""),
            flow.system,
            flow.dataset,
            flow.service,
            summary.services.get(flow.service, ""),
            words.state_of(flow.system, flow.dataset, flow.state),
            flow.rows,
            flow.running,
            *(due or (flow.overdue, flow.due_soon)),
        )


def _files(summary: Summary, words: Words) -> Iterable[tuple[object, ...]]:
    for one in summary.files:
        reasons = "; ".join(f"{words.file(code)}: {files}" for code, files in one.held_by_reason.items())
        yield one.system, one.dataset, one.copied, one.bytes, one.there, one.held, one.waiting, reasons


def _results(summary: Summary, words: Words) -> Iterable[tuple[object, ...]]:
    if summary.verification is not None:
        for code, states in figures.by_check(summary.verification).items():
            yield words.check(code), *states.values()


def _sums(summary: Summary, words: Words) -> Iterable[tuple[object, ...]]:
    for dataset in summary.verification.datasets if summary.verification else ():
        for side in ("expected", "found"):
            total = getattr(dataset, side)
            if total is not None:
                what = words.text(f"sums_{side}")
                yield dataset.system, dataset.dataset, dataset.rows, what, total.rows, total.fold


def _checks(summary: Summary, words: Words) -> Iterable[tuple[object, ...]]:
    for dataset in summary.verification.datasets if summary.verification else ():
        for check in dataset.checks:
            state, detail = words.state(check.state), words.detail(check.detail)
            yield dataset.system, dataset.dataset, dataset.rows, words.check(check.code), state, detail


def _approvals(summary: Summary, words: Words) -> Iterable[tuple[object, ...]]:
    for one in (*summary.approvals, *summary.approvals_before):
        signed = words.state(one.what), one.when.isoformat()
        yield one.name, words.role(one.role), *signed, one.keyid, one.statement, one.envelope


def _digests(summary: Summary, words: Words) -> Iterable[tuple[object, ...]]:
    for name, digest in summary.digests.items():
        yield words.digest(name), digest
    if summary.trail_anchor:
        yield words.text("trail_anchor"), summary.trail_anchor


def _differences(summary: Summary, words: Words) -> Iterable[tuple[object, ...]]:
    for difference in summary.verification.differences if summary.verification else ():
        yield (
            difference.system,
            difference.dataset,
            difference.key,
            difference.column,
            words.state(difference.kind),
        )
