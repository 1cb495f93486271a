"""What is done to the cells of a column, as its role says."""

import json
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from merger.codes.names import localities_in
from merger.codes.names.spelling import fold_text
from merger.demo.masking.masks import Cell, Masks
from merger.demo.masking.roles import Path, Role, Use
from merger.systems.times import read_time

Change = Callable[[Any], Any]

LONGEST_CODE = 40
WALKS = 1000

_TECHNICAL = re.compile(
    r"[0-9]{1,8}|[0-9]{13,20}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    r"|(?=.*[a-fA-F])(?:[0-9a-fA-F]{24}|[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64})"
)
"""Keys that a program made: short numbers, snowflakes, GUIDs, hexadecimal ids."""
_PERSONAL_DIGITS = re.compile(r"\s*[0-9]{9,12}\s*")
_TWO_WORDS = re.compile(r"[A-Za-z]{2,}\s+[A-Za-z]{2,}")
_DAYLIKE = re.compile(r"\s*(?:[0-9TZ:.+\-/ ]*[:/\-][0-9TZ:.+\-/ ]*|[0-9]{8}|[0-9]{13,14})?\s*")
_DOSSIER = re.compile(r"(.+-[0-9]{6}(?:[0-9]{2})?-)([0-9]{3,8})")
_WORD = re.compile(r"[\w\u0300-\u036f]+(?:['/\-][\w\u0300-\u036f]+)*")
_NAME = re.compile(r"[A-Za-z_$@][\w$.@-]{0,63}")
LONGEST_LOCALITY = 10


def change_of(role: Role, masks: Masks, localities: "Localities") -> Change | None:
    """What is done to the values of a column that is no JSON; None where all stay as they are."""
    use = role.use
    if use is Use.PUBLIC:
        return None
    if use is Use.KEY:
        return _keys(masks)
    mask = _masked(role, masks)
    if use in (Use.CODE, Use.STATE):
        listed = frozenset(role.listed)
        return lambda value: value if code_like(value) or value in listed else mask(value)
    if use is Use.DAY:
        return lambda value: value if day_like(value) else mask(value)
    if use is Use.NUMBER:
        return lambda value: _number(value, masks, mask)
    if use is Use.LOCALITY and localities:
        return lambda value: localities.masked(value, mask) if type(value) is str else mask(value)
    return mask


class JsonCells:
    """JSON texts of a column, each place by its own role; a text that is no JSON is masked whole."""

    def __init__(self, named: Mapping[Path, Change | None], other: Change | None, masks: Masks) -> None:
        """`named`: what is done at paths below the column; `other`: everywhere else."""
        self._named = dict(named)
        self._other = other
        self._masks = masks

    def __call__(self, value: Any) -> Any:
        if type(value) is not str or not value.lstrip().startswith(("{", "[")):
            return self._leaf((), value)
        try:
            tree = json.loads(value)
        except (ValueError, RecursionError):
            return self._masks.text(value)
        plain = "\\u" in value
        gaps = (", ", ": ") if '": ' in value else (",", ":")
        return json.dumps(self._walk((), tree), ensure_ascii=plain, separators=gaps)

    def _walk(self, path: Path, tree: Any) -> Any:
        if isinstance(tree, dict):
            return {self._name(name): self._walk((*path, name), one) for name, one in tree.items()}
        if isinstance(tree, list):
            return [self._walk((*path, "*"), one) for one in tree]
        return tree if tree is None or tree is True or tree is False else self._leaf(path, tree)

    def _leaf(self, path: Path, value: Any) -> Any:
        change = self._named.get(path, self._other)
        return value if change is None else change(value)

    def _name(self, name: str) -> str:
        """Names of fields stay; what looks like a value in their place does not."""
        return name if _NAME.fullmatch(name) and not _PERSONAL_DIGITS.search(name) else self._masks.text(name)


class Localities:
    """Names of hamlets and roads that the mapping lists for divided units. They decide, so they stay where
    they stand in an address; the rest of the address is masked."""

    def __init__(self, names: Collection[str]) -> None:
        self._names = sorted(set(names))
        lasts = {fold_text(name).split()[-1] for name in self._names if name.strip()}
        self._hint = re.compile("|".join(map(re.escape, sorted(lasts)))) if lasts else None

    def __bool__(self) -> bool:
        return self._hint is not None

    def masked(self, text: str, mask: Change) -> str:
        """A text in which the same localities are found as before."""
        if self._hint is None or not self._hint.search(fold_text(text)):
            return str(mask(text))
        found = localities_in(text, self._names)
        out: list[str] = []
        end = 0
        for start, stop in self._spans(text, found):
            out += [_piece(text[end:start], mask), text[start:stop]]
            end = stop
        return "".join([*out, _piece(text[end:], mask)])

    def _spans(self, text: str, found: Collection[str]) -> list[tuple[int, int]]:
        """The narrowest runs of words in which one of the names that were found stands, joined."""
        words = [match.span() for match in _WORD.finditer(text)]
        spans = []
        for name in found:
            latest = len(text) + 1
            for first in reversed(range(len(words))):
                start = words[first][0]
                for _, stop in words[first : first + LONGEST_LOCALITY]:
                    if stop < latest and localities_in(text[start:stop], [name]):
                        spans.append((start, stop))
                        latest = stop
                        break
        return _joined(sorted(spans))


def code_like(value: Cell) -> bool:
    """Whether a value can be a code: short, without marks, no number of a person, no two words, no mail."""
    if value is None or type(value) is float:
        return True
    if type(value) is int:
        return not _PERSONAL_DIGITS.fullmatch(str(abs(value)))
    if type(value) is not str or len(value) > LONGEST_CODE or not value.isascii() or "@" in value:
        return False
    return not _PERSONAL_DIGITS.fullmatch(value) and not _TWO_WORDS.search(value)


def day_like(value: Cell) -> bool:
    """Whether a value is a day or time, or might be meant for one, and nothing else."""
    if type(value) is str:
        return _DAYLIKE.fullmatch(value) is not None and len(value) <= LONGEST_CODE
    return value is None or type(value) is int or type(value) is float


def technical(value: Cell) -> bool:
    """Whether a key was made by a program, and so says nothing of anybody."""
    if type(value) is str:
        return _TECHNICAL.fullmatch(value) is not None
    return type(value) is not int or _PERSONAL_DIGITS.fullmatch(str(abs(value))) is None


def changed_part(value: str, role: Role) -> str:
    """What of a text a mask changes: all but what rules put before and behind it or its parts."""
    if not role.affixes:
        return value
    parts = [value]
    for separator in role.separators:
        parts = [one for part in parts for one in part.split(separator)]
    return "".join(_parted(one, sorted(role.affixes))[1] for one in parts)


def _keys(masks: Masks) -> Change:
    return lambda value: value if value is None or technical(value) else masks.value(value)


def _masked(role: Role, masks: Masks) -> Change:
    """The mask of a value, and what must stay true of it: listed or not, readable or not, in parts."""
    change: Change = masks.value
    if role.times:
        change = _timed(sorted(role.times), masks)
    if role.affixes:
        change = _within(sorted(role.affixes), change)
    for separator in sorted(role.separators, key=len):
        change = _in_parts(separator, change)
    return _unless_listed(frozenset(role.listed), change) if role.listed else change


def _timed(times: list[tuple[str, str]], masks: Masks) -> Change:
    def readable(value: str) -> bool:
        return any(read_time(value, written, zone, zone) is not None for written, zone in times)

    def change(value: Any) -> Any:
        if type(value) is not str or not value.strip() or readable(value):
            return masks.value(value)
        return masks.unreadable(value, readable)

    return change


def _within(affixes: list[tuple[str, str]], change: Change) -> Change:
    def inner(value: Any) -> Any:
        if type(value) is not str:
            return change(value)
        before, middle, behind = _parted(value, affixes)
        return f"{before}{change(middle)}{behind}" if before or behind else change(value)

    return inner


def _parted(value: str, affixes: list[tuple[str, str]]) -> tuple[str, str, str]:
    """What stands before and behind a text by the rules, and the text between them."""
    for before, behind in affixes:
        if len(value) > len(before + behind) and value.startswith(before) and value.endswith(behind):
            return before, value[len(before) : len(value) - len(behind)], behind
    return "", value, ""


def _in_parts(separator: str, change: Change) -> Change:
    def parts(value: Any) -> Any:
        if type(value) is str and separator in value:
            return separator.join(change(one) for one in value.split(separator))
        return change(value)

    return parts


def _unless_listed(listed: frozenset[str], change: Change) -> Change:
    def unlisted(value: Any) -> Any:
        if str(value) in listed:
            return value
        masked = change(value)
        for _ in range(WALKS):
            if str(masked) not in listed:
                return masked
            masked = change(masked)
        return value

    return unlisted


def _number(value: Any, masks: Masks, mask: Change) -> Any:
    """A dossier's number: agency and day stay, the running number becomes another."""
    if type(value) is str:
        found = _DOSSIER.fullmatch(value)
        if found and code_like(found[1]):
            return found[1] + masks.numbered(found[1], found[2])
    return mask(value)


def _piece(text: str, mask: Change) -> str:
    """What stands between localities; a mask of its own keeps the spaces at its ends."""
    return str(mask(text)) if any(map(str.isalnum, text)) else text


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for start, end in spans:
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out
