"""What one cell says, as the text that a file of definitions would hold; and why it cannot be taken."""

import math
import re
from datetime import date, timedelta

from merger.errors import InputError
from merger.mapping.tree import decode, shorten
from merger.mapping.workbook.cells import MAX_TEXT, Cell
from merger.mapping.workbook.sheets import Column, Form
from merger.mapping.workbook.written import (
    allowed,
    read_day,
    read_goes,
    read_list,
    read_pairs,
    read_text,
    read_word,
)

Value = str | list[str] | dict[str, str | list[str] | None]

_NUMBER = re.compile(r"[-+]?\d{1,300}(\.\d{1,300})?([eE][-+]?\d{1,3})?", re.ASCII)
_WHOLE = re.compile(r"-?\d{1,300}", re.ASCII)
_EPOCH, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
_FIRST_SURE_SERIAL = 61  # before, Excel counts a 29 February 1900 that never was
_TICK = "x"
_NEITHER = {"truth": "DOC284", "error": "DOC264", "formula": "DOC263"}


class Unusable(Exception):
    """A cell that cannot be taken: the finding's code and its fields."""

    def __init__(self, code: str, **fields: object) -> None:
        super().__init__(code)
        self.code = code
        self.fields = fields


def value_of(cell: Cell, column: Column, *, vn: bool, since_1904: bool) -> Value:
    """The value of a cell. `vn`: codes are those of Viet Nam's statistics office. Raises Unusable."""
    if cell.kind == "truth" and column.form is Form.YES:
        return "yes" if cell.text == "1" else "no"
    if cell.kind in _NEITHER:
        raise Unusable(_NEITHER[cell.kind], value=shorten(cell.text))
    if cell.kind == "day":
        if column.form is not Form.DAY:
            raise Unusable("DOC267")
        return _day_of_serial(cell.text, since_1904)
    if cell.kind == "number":
        return _of_number(cell.text, column, vn)
    return _of_text(cell.text, column)


def _day_of_serial(text: str, since_1904: bool) -> str:
    try:
        serial = float(text)
        if not serial.is_integer() or (serial < _FIRST_SURE_SERIAL and not since_1904):
            raise Unusable("DOC268", value=shorten(text))
        return ((_EPOCH_1904 if since_1904 else _EPOCH) + timedelta(days=int(serial))).isoformat()
    except (ValueError, OverflowError):
        raise Unusable("DOC268", value=shorten(text)) from None


def _of_number(text: str, column: Column, vn: bool) -> Value:
    """A number that a cell holds as such: never taken where it may have lost zeros."""
    shown = shorten(text)
    try:
        number = float(text)
    except ValueError:
        raise Unusable("DOC269", value=shown) from None
    if not math.isfinite(number):
        raise Unusable("DOC269", value=shown)
    if column.form is Form.NUMBER:
        return repr(number)
    whole = str(int(number)) if number.is_integer() and abs(number) < 1e15 else ""
    if column.form is Form.WHOLE:
        if _WHOLE.fullmatch(text):
            return text
        if not whole:
            raise Unusable("DOC269", value=shown)
        return whole
    if column.form is Form.DAY:
        raise Unusable("DOC268", value=shown)
    if column.form in (Form.WORD, Form.YES):
        raise Unusable("DOC270", value=shown, allowed=allowed(column.words or "yes"))
    if column.form is Form.CODE and vn and column.digits and whole.isdigit():
        if len(whole) == column.digits:
            return whole
        if len(whole) < column.digits:
            raise Unusable("DOC265", value=whole, near=whole.zfill(column.digits))
    if column.form in (Form.TEXT, Form.NAME) and whole:
        return whole
    raise Unusable("DOC266", value=shown)


def _of_text(text: str, column: Column) -> Value:
    if len(text) > MAX_TEXT:
        raise Unusable("DOC282", limit=MAX_TEXT)
    _see_through(text)
    bare, shown = text.strip(), shorten(text)
    match column.form:
        case Form.TEXT:
            return read_text(text)
        case Form.NAME:
            return read_text(bare)
        case Form.CODE:
            if re.search(r"\s", bare):
                raise Unusable("DOC287", value=shown)
            return read_text(bare)
        case Form.WORD:
            return _word(bare, column.words)
        case Form.YES:
            return "yes" if bare.casefold() == _TICK else _word(bare, "yes")
        case Form.WORDS:
            return [_word(one, column.words) for one in _list(text)]
        case Form.LIST:
            return _list(text)
        case Form.GOES:
            return _goes(text)
        case Form.PAIRS:
            return _pairs(text)
        case Form.DAY:
            return _day(bare)
        case Form.NUMBER | Form.WHOLE:
            if not (_NUMBER if column.form is Form.NUMBER else _WHOLE).fullmatch(bare):
                raise Unusable("DOC269", value=shown)
            return bare


def _see_through(text: str) -> None:
    if text.isprintable():
        return
    try:
        decode(text.encode(), "")
    except InputError as error:
        raise Unusable("DOC281", character=error.findings[0].fields["character"]) from None


def _word(text: str, vocabulary: str) -> str:
    found = read_word(vocabulary, text)
    if found is None:
        raise Unusable("DOC270", value=shorten(text), allowed=allowed(vocabulary))
    return found


def _list(text: str) -> list[str]:
    found = read_list(text)
    if found is None:
        raise Unusable("DOC276", value=shorten(text))
    return found


def _goes(text: str) -> list[str] | dict[str, str | list[str] | None]:
    found = read_goes(text)
    if found is None:
        raise Unusable("DOC276", value=shorten(text))
    return found if isinstance(found, list) else {**found}


def _pairs(text: str) -> dict[str, str | list[str] | None]:
    found = read_pairs(text)
    if found is None or len(dict(found)) < len(found):
        raise Unusable("DOC277", value=shorten(text))
    return {**dict(found)}


def _day(text: str) -> str:
    found = read_day(text)
    try:
        return date.fromisoformat(found or "").isoformat()
    except ValueError:
        raise Unusable("DOC268", value=shorten(text)) from None
