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

_PLAIN = re.compile(r"[\w(](?:[\w .;()/'’–→-]|(?<=\w):(?=\w))*")
_ALWAYS = frozenset({"what"})  # a change reads badly without it
_NULLS = frozenset({"", "null", "Null", "NULL"})


def to_yaml(file: Definitions, comments: Mapping[Loc, Sequence[str]] | None = None) -> str:
    """The text of a file of definitions.

    `comments` are paragraphs to stand above what is at a place: `()` the file, `("communes",)` a list,
    `("communes", 3)` an entry of it.
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
    for key, value in plain(file).items():
        yield _comment(comments.get((key,), ()), "")
        if isinstance(value, list):
            yield f"{key}:\n"
            for index, one in enumerate(value):
                yield _comment(comments.get((key, index), ()), "  ")
                yield f"  - {_filled(_tokens(one, 0), 4)}\n"
        else:
            yield f"{key}: {_filled(_tokens(value, 0), len(key) + 2)}\n"


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


def _tokens(value: Any, depth: int) -> list[str]:
    """The value in pieces between which a line may be broken."""
    if value is None:
        return ["~"]
    if isinstance(value, dict):
        items = [_tokens(one, depth + 1) for one in value.values()]
        for key, tokens in zip(value, items, strict=True):
            tokens[0] = f"{scalar(key)}: {tokens[0]}"
        return _bracketed(items, "{", "}", whole=depth > 0)
    if isinstance(value, list):
        return _bracketed([_tokens(one, depth + 1) for one in value], "[", "]", whole=False)
    return [scalar(value)]


def _bracketed(items: list[list[str]], left: str, right: str, *, whole: bool) -> list[str]:
    for item in items[:-1]:
        item[-1] += ","
    tokens = [token for item in items for token in item] or [""]
    tokens[0] = left + tokens[0]
    tokens[-1] += right
    together = " ".join(tokens)
    return [together] if whole and len(together) < WIDTH // 2 else tokens


def _filled(tokens: Sequence[str], indent: int) -> str:
    lines, line = [], ""
    for token in tokens:
        if line and indent + len(line) + 1 + len(token) > WIDTH:
            lines.append(line)
            line = ""
        line = f"{line} {token}" if line else token
    deeper = min(indent, 4) + 1
    return f"\n{' ' * deeper}".join([*lines, line])


def _comment(paragraphs: Sequence[str], indent: str) -> str:
    blocks = [wrap(one, WIDTH - 2 - len(indent), break_on_hyphens=False) for one in paragraphs]
    return f"{indent}#\n".join("".join(f"{indent}# {line}\n" for line in lines) for lines in blocks)
