"""The message catalogue: every text that a person reads, in Vietnamese and English.

A message has a dotted key; its first part is the name of a file in `en/` and `vi/`, the rest
the path in it (`plan.summary` is `summary` in `plan.toml`). Texts are `str.format` templates
with named fields. A test proves that both languages hold the same keys with the same fields.
"""

import os
import tomllib
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from importlib import resources
from string import Formatter
from typing import Any

LANGUAGES = ("vi", "en")

_language: ContextVar[str] = ContextVar("language", default="en")


@dataclass(frozen=True, slots=True)
class Word:
    """A field that is itself said by the catalogue, in the language of the message that it fills. Several
    keys are said one after the other."""

    keys: tuple[str, ...]

    @classmethod
    def of(cls, *keys: str) -> "Word":
        return cls(keys)

    def said(self, language: str) -> str:
        return ", ".join(text_in(language, key) for key in self.keys)


def use(language: str) -> None:
    """Chooses the language of the messages of this thread or task: `vi` or `en`."""
    if language not in LANGUAGES:
        raise ValueError(language)
    _language.set(language)


def current() -> str:
    """The language that `text` answers in."""
    return _language.get()


def from_environment() -> str:
    """The language named by MERGER_LANG, else by the locale, else English."""
    for name in ("MERGER_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "").lower()
        if value[:2] in LANGUAGES:
            return value[:2]
    return "en"


@cache
def parts() -> tuple[str, ...]:
    """The names of all files of messages, which are the same in both languages."""
    files = (resources.files(__name__) / LANGUAGES[0]).iterdir()
    return tuple(sorted(one.name.removesuffix(".toml") for one in files if one.name.endswith(".toml")))


@cache
def catalogue(language: str, part: str) -> dict[str, str]:
    """The messages of one file, keyed by their path in it."""
    file = resources.files(__name__) / language / f"{part}.toml"
    return dict(_flat(tomllib.loads(file.read_text("utf-8")), ""))


def text(key: str, /, **fields: object) -> str:
    """The message `key` with its fields filled in. Raises KeyError for a key that is not there."""
    return text_in(current(), key, **fields)


def text_in(language: str, key: str, /, **fields: object) -> str:
    """The message `key` in a language of the caller's choice."""
    part, _, rest = key.partition(".")
    said = {name: one.said(language) if isinstance(one, Word) else one for name, one in fields.items()}
    return catalogue(language, part)[rest].format(**said)


def fields_of(template: str) -> set[str]:
    """The names of the fields that a template needs."""
    return {name.split(".")[0].split("[")[0] for _, name, _, _ in Formatter().parse(template) if name}


def _flat(table: dict[str, Any], prefix: str) -> list[tuple[str, str]]:
    out: list[tuple[str, str]] = []
    for name, value in table.items():
        if isinstance(value, dict):
            out += _flat(value, f"{prefix}{name}.")
        else:
            out.append((f"{prefix}{name}", value))
    return out
