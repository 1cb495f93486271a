"""How a value is written as the text of a cell, and read back: lists, pairs, words, texts that seem empty."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache

from merger.mapping.workbook.sheets import WORDS
from merger.messages import LANGUAGES, text_in

SEPARATOR = "; "
NOTHING = "~"
EMPTY = '""'

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""Signs with which a spreadsheet begins a formula; a text that begins so is marked as one."""

_QUOTED = r'"((?:[^"]|"")*)"'
_ITEM = re.compile(rf'\s*(?:{_QUOTED}|([^";\n][^;\n]*))[^\S\n]*')
_KEY_OR_VALUE = re.compile(rf'\s*(?:{_QUOTED}|([^";=\n][^";=\n]*))[^\S\n]*')
_SEPARATORS = (";", "\n")
_DAYS = (
    re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"),
    re.compile(r"(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>\d{4})"),
)


def write_text(text: str) -> str:
    """A text for a cell that must not look empty: quotation marks are added to one of nothing but blanks."""
    return text if text.replace('"', "").strip() else text + EMPTY


def read_text(written: str) -> str:
    """What `write_text` was given. A lone pair of quotation marks is the empty text."""
    return written.removesuffix(EMPTY) if not written.replace('"', "").strip() else written


def write_list(items: Iterable[str]) -> str:
    """`a; b; "c; d"`; a tilde where there is no item."""
    return SEPARATOR.join(_quoted(item) for item in items) or NOTHING


def write_pairs(pairs: Mapping[str, str | None]) -> str:
    """`key=value; key=~`: a tilde where there is no value, or no pair."""
    said = (f"{_quoted(key)}={NOTHING if value is None else _quoted(value)}" for key, value in pairs.items())
    return SEPARATOR.join(said) or NOTHING


def write_goes(communes: Iterable[str] | Mapping[str, str | Iterable[str]]) -> str:
    """A list of codes, or pairs of a code and those that it goes into: `a=b; c=d e`."""
    if not isinstance(communes, Mapping):
        return write_list(communes)
    return write_pairs(
        {code: into if isinstance(into, str) else " ".join(into) for code, into in communes.items()}
    )


def read_goes(written: str) -> list[str] | dict[str, str | list[str]] | None:
    """What `write_goes` was given; None where it is neither a list nor pairs."""
    pairs = read_pairs(written)
    if not pairs or len(dict(pairs)) < len(pairs):
        return read_list(written)
    several = {code: (into or "").split() for code, into in pairs}
    return {code: into[0] if len(into) == 1 else into for code, into in several.items()}


def read_list(written: str) -> list[str] | None:
    """The items, which semicolons or line breaks separate; None where quotation marks stand wrongly."""
    found = _items(written, pairs=False)
    return None if found is None else [value or "" for _, value in found]


def read_pairs(written: str) -> list[tuple[str, str | None]] | None:
    """The pairs in their order; None where one is not `key=value`."""
    return _items(written, pairs=True)


def read_day(written: str) -> str | None:
    """`2025-07-01` for that, or for day, month and year (`1/7/2025`); None for anything else."""
    for form in _DAYS:
        found = form.fullmatch(written.strip())
        if found:
            return f"{found['year']}-{int(found['month']):02d}-{int(found['day']):02d}"
    return None


def word(vocabulary: str, value: str, language: str) -> str:
    """A word of a vocabulary in a language."""
    return text_in(language, f"workbook.word.{vocabulary}.{_slug(value)}")


def read_word(vocabulary: str, written: str) -> str | None:
    """The word of the format that a cell means, in whichever language it says it."""
    return _known(vocabulary).get(_folded(written))


def allowed(vocabulary: str) -> str:
    """The words of a vocabulary in Vietnamese, each with what the format writes."""
    return ", ".join(f"{word(vocabulary, value, 'vi')} ({_slug(value)})" for value in WORDS[vocabulary])


@cache
def _known(vocabulary: str) -> dict[str, str]:
    known: dict[str, str] = {}
    for value in WORDS[vocabulary]:
        said = (value, _slug(value), *(word(vocabulary, value, language) for language in LANGUAGES))
        known |= {_folded(one): value for one in said}
    return known


def _slug(value: str) -> str:
    return value.split("/")[1] if "/" in value else value


def _folded(written: str) -> str:
    return " ".join(unicodedata.normalize("NFC", written).casefold().split())


def _quoted(item: str) -> str:
    bare = item.strip() == item and item not in ("", NOTHING) and not re.search(r'[";=\n\r]', item)
    return item if bare else '"' + item.replace('"', '""') + '"'


def _items(written: str, *, pairs: bool) -> list[tuple[str, str | None]] | None:
    found: list[tuple[str, str | None]] = []
    if written.strip() == NOTHING:
        return found
    form = _KEY_OR_VALUE if pairs else _ITEM
    at, end = 0, len(written.rstrip())
    while at < end or not found:
        key = form.match(written, at) if pairs else None
        if pairs:
            if not key or written[key.end() : key.end() + 1] != "=":
                return None
            at = key.end() + 1
        value = form.match(written, at)
        if not value or (value.end() < len(written) and written[value.end()] not in _SEPARATORS):
            return None
        nothing = pairs and (value[2] or "").strip() == NOTHING
        found.append((_said(key) if key else "", None if nothing else _said(value)))
        at = value.end() + 1
    return found


def _said(match: re.Match[str]) -> str:
    quoted, bare = match.groups()
    return quoted.replace('""', '"') if quoted is not None else str(bare).strip()
