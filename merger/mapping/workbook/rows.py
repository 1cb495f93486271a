"""Definitions as rows: what `assemble` reads, in the words that officials read."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from merger.mapping.models import Definitions
from merger.mapping.models import Mapping as Whole
from merger.mapping.workbook.sheets import FILES, Column, Form, Sheet
from merger.mapping.workbook.written import word, write_goes, write_list, write_pairs, write_text

Written = str | int | float | date | None
Row = dict[str, Written]

_FIRST_SURE_DAY = date(1900, 3, 1)  # before, Excel's dates are one day off


def files_of(mapping: Whole) -> tuple[Definitions, ...]:
    """All files of a mapping, kind after kind."""
    return (
        *mapping.units,
        *mapping.agencies,
        *mapping.competence,
        *mapping.services,
        *mapping.localities,
        *mapping.decisions,
    )


def rows_of(sheet: Sheet, file: Definitions, said: Mapping[str, Any]) -> Iterator[Row]:
    """The rows that a file fills. `said` is the file as plain values (`model_dump(by_alias=True)`)."""
    if sheet.schema not in ("", file.schema_):
        return
    if sheet.name == FILES:
        rows: Iterator[Row] = iter([_row(sheet.columns, said)])
    elif sheet.name == "Provinces":
        rows = _edges(sheet, said["province"], "") if said["province"] else iter(())
    elif sheet.name == "Communes":
        rows = (row for entry, number in _numbered(said) for row in _edges(sheet, entry, number))
    elif sheet.name == "Areas":
        rows = (row for entry, number in _numbered(said) for row in _areas(sheet, entry, number))
    elif sheet.name == "Rules":
        rows = (_rule(sheet, rule) for rule in said["rules"])
    else:
        rows = (_row(sheet.columns, entry) for entry in said.get(sheet.part, ()))
    for row in rows:
        yield {**row, "file": file.id}


def _numbered(said: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """The entries, each with what tells it from another one of the same clause and unit."""
    seen: Counter[tuple[str, str]] = Counter()
    for entry in said["communes"]:
        unit = entry["into"] or entry["keep"]
        seen[entry["clause"], unit["code"]] += 1
        count = seen[entry["clause"], unit["code"]]
        yield {**entry, "into": unit}, str(count) if count > 1 else ""


def _edges(sheet: Sheet, entry: Mapping[str, Any], number: str) -> Iterator[Row]:
    """One row for each predecessor, the first with what the entry itself says."""
    of_edge = [column for column in sheet.columns if column.old]
    of_entry = [column for column in sheet.columns if not column.old]
    again = [column for column in of_entry if column.key in ("clause", "new_code", "new_name")]
    first = _row(of_entry, entry) | ({"keep": _yes(True)} if entry.get("keep") else {})
    for index, edge in enumerate(entry["from"] or [None]):
        row = _row(again, entry) if index else first
        yield {**row, **(_row(of_edge, edge) if edge else {}), "entry": number or None}


def _areas(sheet: Sheet, entry: Mapping[str, Any], number: str) -> Iterator[Row]:
    of_entry = [column for column in sheet.columns if not column.old]
    of_area = [column for column in sheet.columns if column.old]
    for area in entry["areas"]:
        yield {**_row(of_entry, entry), **_row(of_area, area), "entry": number or None}


def _rule(sheet: Sheet, rule: Mapping[str, Any]) -> Row:
    to = rule["to"]
    if isinstance(to, str):
        return _row(sheet.columns, rule)
    kind, value = next(iter(to.items()))
    return _row(sheet.columns, {**rule, "to": kind}) | {"to_value": write_text(value)}


def _row(columns: Sequence[Column], entry: Any) -> Row:
    return {column.key: _written(column, _at(entry, column.at)) for column in columns if column.at}


def _at(entry: Any, at: Sequence[str]) -> Any:
    for step in at:
        if entry is None:
            return None
        entry = entry[int(step)] if isinstance(entry, tuple | list) else entry.get(step)
    return entry


def _written(column: Column, value: Any) -> Written:
    if value is None or (not value and not column.stated and isinstance(value, str | tuple | list | dict)):
        return None
    match column.form:
        case Form.WORD:
            return word(column.words, value, "vi")
        case Form.WORDS:
            return write_list(word(column.words, one, "vi") for one in value)
        case Form.LIST:
            return write_list(value)
        case Form.GOES:
            return write_goes(value)
        case Form.PAIRS:
            return write_pairs({key: None if one is None else str(one) for key, one in value.items()})
        case Form.YES:
            return _yes(value)
        case Form.DAY:
            return value if value >= _FIRST_SURE_DAY else value.isoformat()  # type: ignore[no-any-return]
        case Form.NUMBER | Form.WHOLE:
            return value  # type: ignore[no-any-return]
        case Form.TEXT | Form.NAME | Form.CODE:
            return write_text(value)


def _yes(value: bool) -> str | None:
    return word("yes", "yes", "vi") if value else None
