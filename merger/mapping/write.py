"""Definitions as YAML text in the layout that the project's own files have.

One line an entry where it fits, broken at commas where it does not, so that a diff shows entries.
What is written reads back equal.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from textwrap import wrap
from typing import Any

from pydantic import BaseModel

from merger.mapping.models import Definitions, Land, People, Predecessor, Ref
from merger.mapping.tree import Loc

WIDTH = 118
INDENT = 6  # a broken entry's lines, and the bracket that may follow

_PLAIN = re.compile(r"[\w(](?:[\w .;()/'’–→-]|(?<=\w):(?=\w))*")
_ALWAYS = frozenset({"what"})  # a change reads badly without it
_NULLS = frozenset({"", "null", "Null", "NULL"})


def to_yaml(file: Definitions, comments: Mapping[Loc, Sequence[str]] | None = None) -> str:
    """The text of a file of definitions.

    `comments` are paragraphs to stand above what is at a place: `()` the file, `("communes",)` a list,
    `("communes", 3)` an entry of it. A line break within a paragraph is kept.
    """
    said = comments or {}
    return "".join(_lines(file, said))


def plain(model: BaseModel) -> Any:
    """A model as a person would write it: lists, dicts and texts, defaults left out, short forms used."""
    if isinstance(model, Ref):
        return str(model)
    if isinstance(model, Predecessor):
        return _predecessor(model)
    return _fields(model)


def scalar(value: Any) -> str:
    """A text, number or day as YAML: bare where that is safe, also inside brackets, else in quotes."""
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    safe = _PLAIN.fullmatch(text) and text == text.strip() and text not in _NULLS
    return text if safe else json.dumps(text, ensure_ascii=False)


def _lines(file: Definitions, comments: Mapping[Loc, Sequence[str]]) -> Iterator[str]:
    if comments.get(()):
        yield _comment(comments[()], "") + "\n"
    after_list = False
    for key, value in plain(file).items():
        if after_list or isinstance(value, list):
            yield "\n"
        after_list = isinstance(value, list)
        yield _comment(comments.get((key,), ()), "")
        if isinstance(value, list):
            yield f"{key}:\n"
            for index, one in enumerate(value):
                yield _comment(comments.get((key, index), ()), "  ")
                yield f"  - {_filled(_pieces(one), 4)}\n"
        else:
            yield f"{key}: {_filled(_pieces(value), len(key) + 2)}\n"


def _fields(model: BaseModel) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        always = field.is_required() or name in _ALWAYS
        if always or value != field.get_default(call_default_factory=True):
            said[field.alias or name] = _value(value)
    return said


def _value(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return plain(value)
    if isinstance(value, dict):
        return {key: _value(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [_value(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    return value


def _predecessor(one: Predecessor) -> Any:
    said = _fields(one)
    if said.keys() == {"unit"}:
        return said["unit"]
    if one.land is not Land.WHOLE or one.people is not People.ALL:
        said = {"unit": said.pop("unit"), "land": one.land.value, "people": one.people.value} | said
    return said


def _pieces(value: Any) -> list[str]:
    """The value in pieces between which a line may be broken; a part that fits in one line is one piece."""
    if value is None:
        return ["~"]
    if isinstance(value, dict):
        items = [_pieces(one) for one in value.values()]
        for key, pieces in zip(value, items, strict=True):
            pieces[0] = f"{scalar(key)}: {pieces[0]}"
        return _bracketed(items, "{", "}")
    if isinstance(value, list):
        return _bracketed([_pieces(one) for one in value], "[", "]")
    return [scalar(value)]


def _bracketed(items: list[list[str]], left: str, right: str) -> list[str]:
    pieces = [piece for item in items for piece in _together(item, ",")] or [""]
    pieces[0] = left + pieces[0]
    pieces[-1] = pieces[-1].removesuffix(",") + right
    return pieces


def _together(pieces: list[str], end: str) -> list[str]:
    line = " ".join(pieces) + end
    return [line] if len(line) <= WIDTH - INDENT else [*pieces[:-1], pieces[-1] + end]


def _filled(pieces: Sequence[str], indent: int) -> str:
    deeper = min(indent, 4) + 1
    lines: list[str] = []
    line = ""
    for piece in pieces:
        if line and (deeper if lines else indent) + len(line) + 1 + len(piece) > WIDTH:
            lines.append(line)
            line = ""
        line = f"{line} {piece}" if line else piece
    return f"\n{' ' * deeper}".join([*lines, line])


def _comment(paragraphs: Sequence[str], indent: str) -> str:
    return f"{indent}#\n".join(
        "".join(f"{indent}# {line}\n" for line in _lines_of(one, WIDTH - 2 - len(indent)))
        for one in paragraphs
    )


def _lines_of(paragraph: str, width: int) -> Iterator[str]:
    for line in paragraph.split("\n"):
        deeper = line[: len(line) - len(line.lstrip())] + "  "
        yield from wrap(
            line, width, subsequent_indent=deeper if "\n" in paragraph else "", break_on_hyphens=False
        )
