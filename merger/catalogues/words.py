"""The words of offices' lists: heads of columns, levels of government, whether a procedure is in force."""

import re
import tomllib
from functools import cache
from importlib import resources

from merger.codes.names import fold_text, unmarked
from merger.mapping.models import Level

COLUMNS = ("code", "name", "field", "levels", "levels_after", "source", "status")

_SIGNS = re.compile(r"[\W_]+")
_PARTS = re.compile(r"[;|\n]+")
_NUMERAL = re.compile(r"(?:[IVXL]+|[A-Z]|[0-9]{1,2}(?=[.)]))(?:\s*[.)/:–-]\s*|\s+)")


def column_of(head: str) -> str:
    """The column that a head names, in Vietnamese (with or without marks) or English; empty for any other."""
    return _heads().get(_bare(head), "")


def levels_of(text: str) -> tuple[tuple[Level, ...], str]:
    """The levels of government that a cell names, parts separated by semicolons, and the first part that
    names none."""
    found = set()
    for part in _PARTS.split(text):
        folded = fold_text(part)
        if not folded:
            continue
        level = _level(folded)
        if level is None:
            return (), part.strip()
        found.add(level)
    return tuple(level for level in Level if level in found), ""


def withdrawn(text: str) -> bool | None:
    """Whether a cell says that a procedure was withdrawn; None where it says something else."""
    folded = fold_text(text)
    known = _words()["status"]
    if folded in map(fold_text, known["withdrawn"]):
        return True
    return False if not folded or folded in map(fold_text, known["in_force"]) else None


def is_title(text: str, column: str) -> bool:
    """Whether what stands alone in a row is the title of a group of services: words that begin as titles do,
    numbered or not, or several words in capitals. In the column of names those must be numbered: else it may
    be a service whose code is missing. So may a text with digits.
    """
    numeral = _NUMERAL.match(text)
    words = text[numeral.end() :] if numeral else text
    if len(words.split()) < 2 or any(sign.isdigit() for sign in words):
        return False
    if words.isupper() and (numeral or column != "name"):
        return True
    begins = [f"{fold_text(one)} " for one in _words()["titles"]["begin"]]
    return fold_text(words).startswith((*begins, *map(unmarked, begins)))


@cache
def _words() -> dict[str, dict[str, list[str]]]:
    file = resources.files(__package__) / "words.toml"
    return tomllib.loads(file.read_text("utf-8"))


@cache
def _heads() -> dict[str, str]:
    return {_bare(head): key for key, heads in _words()["columns"].items() for head in heads}


def _bare(head: str) -> str:
    return _SIGNS.sub(" ", unmarked(fold_text(head))).strip()


@cache
def _level(folded: str) -> Level | None:
    fitting = [
        (len(word), level)
        for level, words in _words()["levels"].items()
        for word in map(fold_text, words)
        if folded == word or (folded.startswith(word) and not folded[len(word)].isalnum())
    ]
    return Level(max(fitting)[1]) if fitting else None
