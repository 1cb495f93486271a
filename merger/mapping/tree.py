"""YAML text as a tree of nodes with places. Every scalar stays the text that was written.

The parser's events are composed here, without recursion, so that nesting is refused before it can
hurt. What makes a signed file mean something else than it seems to say is refused too: anchors,
aliases, tags, merge keys, duplicate keys, several documents, invisible characters.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import yaml

from merger.errors import Finding, InputError, Place, Severity

PART = "mapping"
MAX_DEPTH = 40
MAX_NODES = 500_000

_SHOWN = 100  # of one kind of bad character

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_COLLECTIONS = frozenset({list, dict})
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"  # what is not seen, or turns the direction
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)

_COMPLAINTS = (
    ("quoted scalar", "DOC017"),
    ("cannot start any token", "DOC018"),
    ("tab character", "DOC018"),
    ("mapping values are not allowed", "DOC019"),
    ("simple key", "DOC021"),
    ("while parsing a flow", "DOC020"),
)

Loc = tuple[str | int, ...]


@dataclass(slots=True)
class Node:
    """A value, its place (from 1), and for a mapping the places of its keys.

    `broken`: a finding says already that the value cannot be known.
    """

    line: int
    column: int
    value: "str | list[Node] | dict[str, Node] | None" = None
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)
    broken: bool = False

    def child(self, step: str | int) -> "Node | None":
        """The node under a key or at an index, if there is one."""
        if isinstance(self.value, dict):
            return self.value.get(str(step))
        if isinstance(self.value, list) and isinstance(step, int) and 0 <= step < len(self.value):
            return self.value[step]
        return None

    def walk(self) -> "Iterator[Node]":
        """This node and every one under it."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            if isinstance(node.value, dict):
                waiting += reversed(node.value.values())
            elif isinstance(node.value, list):
                waiting += reversed(node.value)

    def any_broken(self) -> bool:
        """Whether a finding says of any value that it cannot be known."""
        return any(node.broken for node in self.walk())

    def plain(self) -> Any:
        """The value without places: text, None, lists and dicts."""
        value = self.value
        if isinstance(value, list):
            return [node.plain() if type(node.value) in _COLLECTIONS else node.value for node in value]
        if isinstance(value, dict):
            return {
                key: node.plain() if type(node.value) in _COLLECTIONS else node.value
                for key, node in value.items()
            }
        return value


def problem(file: str, code: str, at: tuple[int, int] = (0, 0), **fields: object) -> Finding:
    """An error in a file at a line and column, in the words of this room's messages."""
    return Finding(PART, code, Severity.ERROR, Place(file=file, line=at[0], column=at[1]), fields)


def is_seen(character: str) -> bool:
    """Whether a file may hold a character: none that is invisible or turns the direction of text."""
    return not FORBIDDEN.fullmatch(character)


def decode(content: bytes, file: str) -> str:
    """The text of a UTF-8 file, without its byte-order mark.

    Raises InputError at the first byte that is not UTF-8, or at the first 100 forbidden characters.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8", "replace")
        byte = f"0x{error.object[error.start]:02x}"
        raise InputError([problem(file, "DOC003", _position(before), byte=byte)]) from None
    findings = [
        problem(file, "DOC004", _position(text[: found.start()]), character=f"U+{ord(found[0]):04X}")
        for found in islice(FORBIDDEN.finditer(text), _SHOWN)
    ]
    if findings:
        raise InputError(findings)
    return text


def compose(text: str, file: str) -> tuple[Node | None, list[Finding]]:
    """The tree of the one document in `text` (None for an empty one), and what is wrong with it.

    Raises InputError where reading cannot go on: malformed YAML, nesting deeper than 40, more than
    500,000 values.
    """
    composer = _Composer(file)
    try:
        for event in iter(_LOADER(text).get_event, None):
            composer.take(event)
    except yaml.MarkedYAMLError as error:
        raise InputError([*composer.findings, _syntax(error, text, file)]) from None
    except yaml.YAMLError:
        raise InputError([*composer.findings, problem(file, "DOC005", (1, 1))]) from None
    return composer.root, composer.findings


class _Composer:
    """Takes the parser's events one by one and builds the tree on a stack of open collections."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.root: Node | None = None
        self.findings: list[Finding] = []
        self._open: list[Node] = []
        self._keys: list[Node | None] = []
        self._nodes = 0
        self._documents = 0

    def take(self, event: Any) -> None:
        kind = type(event)
        if kind is yaml.ScalarEvent:
            node = self._node(event)
            node.value = None if event.value in _NULLS and not event.style else event.value
            self._place(node)
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            node = self._node(event)
            node.value = {} if kind is yaml.MappingStartEvent else []
            self._open.append(node)
            self._keys.append(None)
            if len(self._open) > MAX_DEPTH:
                self._stop("DOC006", event, limit=MAX_DEPTH)
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            self._keys.pop()
            self._place(self._open.pop())
        elif kind is yaml.DocumentStartEvent:
            self._documents += 1
            if self._documents > 1:
                self._stop("DOC010", event)
        elif kind is yaml.AliasEvent:
            node = self._node(event)
            node.broken = True
            self._place(node)

    def _node(self, event: Any) -> Node:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._stop("DOC007", event, limit=MAX_NODES)
        if event.anchor is not None:
            self._anchored(event)
        elif event.tag is not None:
            self._find("DOC009", event, tag=event.tag)
        return Node(*_start(event))

    def _anchored(self, event: Any) -> None:
        alias = isinstance(event, yaml.AliasEvent)
        self._find("DOC008", event, name=f"{'*' if alias else '&'}{event.anchor}")
        if not alias and event.tag is not None:
            self._find("DOC009", event, tag=event.tag)

    def _place(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        if isinstance(parent.value, list):
            parent.value.append(node)
        elif self._keys[-1] is None:
            self._keys[-1] = node
        else:
            key, self._keys[-1] = self._keys[-1], None
            self._enter(parent, key, node)

    def _enter(self, parent: Node, key: Node, node: Node) -> None:
        assert isinstance(parent.value, dict)
        name = key.value
        if not isinstance(name, str):
            if not key.broken:
                self.findings.append(problem(self.file, "DOC013", (key.line, key.column)))
            parent.broken = True
        elif name == "<<":
            self.findings.append(problem(self.file, "DOC012", (key.line, key.column)))
            parent.broken = True
        elif name in parent.value:
            first = parent.keys[name][0]
            duplicate = problem(self.file, "DOC011", (key.line, key.column), key=shorten(name), first=first)
            self.findings.append(duplicate)
        else:
            parent.value[name] = node
            parent.keys[name] = (key.line, key.column)

    def _find(self, code: str, event: yaml.Event, **fields: object) -> None:
        self.findings.append(problem(self.file, code, _start(event), **fields))

    def _stop(self, code: str, event: yaml.Event, **fields: object) -> None:
        self._find(code, event, **fields)
        raise InputError(self.findings)


def _start(event: yaml.Event) -> tuple[int, int]:
    return _mark(event.start_mark) or (1, 1)


def shorten(text: object, length: int = 60) -> str:
    """A value as it may stand in a message: one line, not too long."""
    line = " ".join(str(text).split())
    return line if len(line) <= length else line[: length - 1] + "…"


def _syntax(error: yaml.MarkedYAMLError, text: str, file: str) -> Finding:
    """The message that explains the parser's complaint best, at a place that exists in the text."""
    words = f"{error.context} {error.problem}"
    code = next((code for sign, code in _COMPLAINTS if sign in words), "DOC005")
    began, found = _mark(error.context_mark), _mark(error.problem_mark)
    at = min((began if code == "DOC021" else found) or began or (1, 1), _position(text))
    return problem(file, code, at, opened=min(began or at, at)[0])


def _mark(mark: Any) -> tuple[int, int] | None:
    return (mark.line + 1, mark.column + 1) if mark else None


def _position(before: str) -> tuple[int, int]:
    """Line and column (from 1) of the character that follows `before`."""
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
