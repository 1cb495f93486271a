"""The sheet in which a person decides holds, and the decisions that answers become.

One row is one hold and one of its fields. Grey cells say what the hold is and are locked; the white
ones are for the person: the code that the field gets, or a name under which the rows stay in the
source, and who decided it and why. The head binds the sheet to the exact plan. Answers that were given
elsewhere (`answer`) become decisions in the same way.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from merger.errors import Finding, InputError, Refused, Severity
from merger.mapping.models import Decision, DecisionsFile
from merger.migrate.model import Hold, Plan
from merger.report.answers import COLUMNS, FIRST_ROW, HEAD_ROW, Answer, grouped, read_answers
from merger.report.figures import holds_by_reason
from merger.report.sheets import HEAD_FILL, HEAD_FONT, opened, put, saved
from merger.report.words import Words

_FREE = frozenset({"field", "decision", "exclude", "author", "reason"})
_WIDTHS = {"hold": 14, "codes": 44, "why": 48, "decision": 34, "author": 24, "reason": 44}
_CHOICES = "choices"
FOLLOWING = frozenset({"parent-held", "reference-held"})
"""Reasons of rows that share the fate of another one."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What answers say: the decisions, the text of a file of them (empty without any), and how many
    holds are left open, those left out whose rows follow others."""

    decisions: tuple[Decision, ...]
    text: str
    decided: int
    excluded: int
    open: int
    warnings: tuple[Finding, ...]


def write(plan: Plan, digest: str, language: str) -> bytes:
    """The sheet of a plan's holds, as XLSX. `digest` is the SHA-256 of the plan file's bytes."""
    words = Words(language)
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = words.text("sheet_holds")
    choices = book.create_sheet(_CHOICES)
    choices.sheet_state = "hidden"
    choices.protection.sheet = True
    for line, (name, value) in enumerate((("plan", plan.id), ("digest", digest)), start=1):
        put(sheet, line, 1, name).font = HEAD_FONT
        put(sheet, line, 2, value)
    put(sheet, 3, 1, words.text("holds_how")).font = Font(italic=True)
    for column, name in enumerate(COLUMNS, start=1):
        cell = put(sheet, HEAD_ROW, column, words.text(f"holds_{name}"))
        cell.font, cell.fill = HEAD_FONT, HEAD_FILL
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(column)].width = _WIDTHS.get(name, 18)
    row = FIRST_ROW
    for _, holds in holds_by_reason(plan.holds):
        for hold in holds:
            for field in _fields(hold):
                _write_row(sheet, choices, row, hold, field, words)
                row += 1
    sheet.freeze_panes = f"B{FIRST_ROW}"
    sheet.protection.sheet = True
    sheet.protection.formatColumns = False
    sheet.protection.autoFilter = False
    return saved(book)


def read(path: Path, plan: Plan, digest: str, today: date) -> Decided:
    """The decisions that a filled-in sheet holds, as text of a `merger/decisions/1` file.

    Raises Refused when the sheet belongs to another plan, and InputError with every problem of the
    sheet, each by its cell. `today` dates the decisions.
    """
    filled = read_answers(opened(path), path)
    if (filled.plan, filled.digest) != (plan.id, digest):
        raise Refused("report.other-plan", file=str(path), found=filled.plan or "?", plan=plan.id)
    return decided(filled.answers, plan, today, filled.findings)


def answer(hold: Hold, field: str, language: str, **given: str) -> Answer:
    """An answer to one field of a hold that was given in no sheet. `given`: `decision` (the new code) or
    `exclude` (a name under which the rows stay in the source), `author` and `reason`."""
    said = {
        "hold": hold.id,
        "system": hold.system,
        "dataset": hold.dataset,
        "codes": Words(language).codes(hold.codes.items()),
        "field": field if given.get("decision") else "",
    }
    return Answer("", "", 0, said | {name: value.strip() for name, value in given.items()}, frozenset())


def decided(
    answers: Iterable[Answer], plan: Plan, today: date, problems_of_cells: Sequence[Finding] = ()
) -> Decided:
    """The decisions that answers to a plan's holds become. Raises InputError with every problem of them."""
    findings = list(problems_of_cells)
    decisions: list[Decision] = []
    warnings: list[Finding] = []
    holds = {hold.id: hold for hold in plan.holds}
    for hold_id, group in grouped(answers):
        hold = holds.get(hold_id)
        if hold is None:
            findings += [one.finding("unknown-hold", "hold", hold=hold_id) for one in group]
            continue
        problems = [problem for one in group for problem in _problems(one, hold)]
        findings += problems
        if any(one.decides for one in group) and not problems:
            problems = _together(group)
            findings += problems
            if not problems:
                decisions.append(_decision(hold, group, today))
                warnings += [warning for one in group for warning in _warnings(one, hold)]
    if findings:
        raise InputError(findings)
    excluded = sum(1 for decision in decisions if decision.exclude)
    return Decided(
        tuple(decisions),
        file_of(_name(f"{plan.job}-{plan.id}"), decisions) if decisions else "",
        len(decisions) - excluded,
        excluded,
        sum(1 for one in plan.holds if not follows(one)) - len(decisions),
        tuple(warnings),
    )


def follows(hold: Hold) -> bool:
    """Whether the rows of a hold wait for nothing but the rows that they belong or refer to."""
    return hold.reason in FOLLOWING


def _fields(hold: Hold) -> tuple[str, ...]:
    """The fields that a hold waits for; one empty name where only a person can say."""
    return tuple(dict.fromkeys(candidate.field for candidate in hold.candidates)) or ("",)


def _write_row(sheet: Worksheet, choices: Worksheet, row: int, hold: Hold, field: str, words: Words) -> None:
    values: dict[str, object] = {
        "hold": hold.id,
        "system": hold.system,
        "dataset": hold.dataset,
        "codes": words.codes(hold.codes.items()),
        "why": words.reason(hold.reason, hold.column),
        "rows": hold.rows,
        "field": field,
    }
    decidable = bool(hold.codes)
    for column, name in enumerate(COLUMNS, start=1):
        cell = put(sheet, row, column, values.get(name))
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        free = decidable and name in _FREE and not (name == "field" and field)
        cell.protection = Protection(locked=not free)
        if free:
            cell.number_format = "@"
        else:
            cell.fill = HEAD_FILL
    if not decidable:
        why = "holds_follows" if follows(hold) else "holds_undecidable"
        put(sheet, row, COLUMNS.index("reason") + 1, words.text(why))
        return
    candidates = [f"{item.code} {item.name}".strip() for item in hold.candidates if item.field == field]
    _offer(sheet, choices, row, "decision", candidates)
    if not field:
        _offer(sheet, choices, row, "field", list(hold.codes))


def _offer(sheet: Worksheet, choices: Worksheet, row: int, name: str, offered: list[str]) -> None:
    """A drop-down list that offers values without forbidding others."""
    if not offered:
        return
    column = choices.max_column + 1
    for index, value in enumerate(offered, start=1):
        put(choices, index, column, value)
    letter = get_column_letter(column)
    rule = DataValidation(
        type="list",
        formula1=f"{_CHOICES}!${letter}$1:${letter}${len(offered)}",
        allow_blank=True,
        showErrorMessage=False,
    )
    rule.add(f"{get_column_letter(COLUMNS.index(name) + 1)}{row}")
    sheet.add_data_validation(rule)


def _problems(answer: Answer, hold: Hold) -> Iterator[Finding]:
    """What is wrong with one row, taken alone."""
    names = {Words(language).codes(hold.codes.items()) for language in ("vi", "en")}
    if answer.value("codes") not in names or answer.value("system") != hold.system:
        yield answer.finding("changed-codes", "codes", hold=hold.id)
    elif answer.value("dataset") != hold.dataset:
        yield answer.finding("changed-codes", "dataset", hold=hold.id)
    if not answer.filled:
        return
    if not hold.codes:
        if answer.decides:
            yield answer.finding("not-decidable", "decision", hold=hold.id)
        return
    if answer.value("decision") and answer.value("exclude"):
        yield answer.finding("decision-and-exclude", "exclude", hold=hold.id)
    if not answer.decides:
        yield answer.finding("no-decision", "decision", hold=hold.id)
    if answer.value("decision"):
        field, known = answer.value("field"), {*hold.codes, *_fields(hold)} - {""}
        if field not in known:
            yield answer.finding("no-field", "field", hold=hold.id, fields=", ".join(sorted(known)))
        if answer.is_number("decision") and answer.code not in {item.code for item in hold.candidates}:
            yield answer.finding("number-for-code", "decision", code=answer.code)
    for name, code in (("author", "no-author"), ("reason", "no-reason")):
        if not answer.value(name):
            yield answer.finding(code, name, hold=hold.id)


def _together(group: list[Answer]) -> list[Finding]:
    """What is wrong with the rows of one hold, taken together."""
    answered = [answer for answer in group if answer.decides]
    findings = []
    seen: set[str] = set()
    first = answered[0]
    for answer in answered:
        field = answer.value("field") if answer.value("decision") else ""
        if field in seen or bool(answer.value("exclude")) != bool(first.value("exclude")):
            findings.append(answer.finding("answered-twice", "decision", hold=answer.hold))
        seen.add(field)
        if any(answer.value(name) != first.value(name) for name in ("author", "reason")):
            findings.append(answer.finding("two-authors", "author", hold=answer.hold))
    return findings


def _warnings(answer: Answer, hold: Hold) -> Iterator[Finding]:
    offered = {item.code for item in hold.candidates if item.field == answer.value("field")}
    if answer.value("decision") and answer.code not in offered:
        yield answer.finding("not-a-candidate", "decision", Severity.WARNING, code=answer.code, hold=hold.id)


def _decision(hold: Hold, group: list[Answer], today: date) -> Decision:
    answered = [one for one in group if one.decides]
    first = answered[0]
    return Decision(
        decision=f"hold-{hold.id}",
        author=first.value("author"),
        date=today,
        reason=first.value("reason"),
        when={"system": hold.system, "dataset": hold.dataset, **hold.codes},
        then={} if first.value("exclude") else {one.value("field"): one.code for one in answered},
        exclude=first.value("exclude"),
    )


def file_of(name: str, decisions: Sequence[Decision]) -> str:
    """The text of a `merger/decisions/1` file whose id is `name`."""
    listed = [one.model_dump(exclude_defaults=True) for one in decisions]
    document = {"schema": "merger/decisions/1", "id": name, "decisions": listed}
    DecisionsFile.model_validate(document)
    return yaml.dump(document, Dumper=_InFull, allow_unicode=True, sort_keys=False, width=110)


class _InFull(yaml.SafeDumper):
    """Writes every value where it stands: definitions take no anchors."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002  # as PyYAML asks
        return True


def _name(text: str) -> str:
    return re.sub("[^a-z0-9]+", "-", text.lower()).strip("-")
