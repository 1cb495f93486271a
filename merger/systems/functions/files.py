"""Bytes that may be a file: values that are not to be held whole while their rows are read."""

import sqlalchemy as sa

from merger.systems.canonical import LARGE
from merger.systems.functions.construct import Construct, Element

FILE = LARGE
"""Bytes that a value has at most to be no file."""
FILE_MARK = b"\xff\xfe\xfdfile"
"""What stands in a joined row of SQLite's where a file is to stand. No UTF-8 has it."""


def is_file(value: Element) -> sa.ColumnElement[bool]:
    """Whether a value of bytes is a file, told by its length alone. For PostgreSQL and SQLite."""
    return IsFile(value)


def file_digits(text: Element, value: Element) -> Element:
    """A text that has BLOB and the digits of a value of bytes, as lines have them: who reads lines may get
    the value instead, in pieces."""
    return FileDigits(text, value)


def files_in(select: sa.SelectBase) -> dict[int, Element]:
    """The values of the columns of a select that are `file_digits`, by their places."""
    columns = [one.element if isinstance(one, sa.Label) else one for one in select.selected_columns]
    return {at: one.operand(1) for at, one in enumerate(columns) if isinstance(one, FileDigits)}


class IsFile(Construct):
    """`is_file`."""

    inherit_cache = True
    type = sa.Boolean()

    def sqlite(self, value: str) -> str:
        return f"length({value}) > {FILE} AND {value} >= x''"

    def postgresql(self, value: str) -> str:
        return f"octet_length({value}) > {FILE}"


class FileDigits(Construct):
    """`file_digits`."""

    inherit_cache = True
    type = sa.Text()

    def operands(self, dialect: str) -> list[Element]:
        text, value = super().operands(dialect)
        return [text, is_file(value)] if dialect == "sqlite" else [text]

    def sqlite(self, text: str, file: str) -> str:
        return f"CASE WHEN {file} THEN CAST(x'{FILE_MARK.hex()}' AS TEXT) ELSE {text} END"

    def postgresql(self, text: str) -> str:
        return text
