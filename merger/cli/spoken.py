"""What click itself says, from the message catalogue.

Click takes its words from gettext, whose language is that of the process and whose files are compiled. Here
the English messages under `cli.click` are click's own words, and what stands under the same keys in the
present language is said in their place. Words that the catalogue does not know stay as they are.
"""

from types import ModuleType

import click.core
import click.exceptions
import click.parser
import click.types

from merger.messages import catalogue, current, text

_MODULES: tuple[ModuleType, ...] = (click.core, click.exceptions, click.parser, click.types)
_PART = "click."
_KEYS = {words: key for key, words in catalogue("en", "cli").items() if key.startswith(_PART)}


def speak() -> None:
    """Has click say its words in the present language, whichever that is at the time."""
    for module in _MODULES:
        for name, said in (("_", one), ("ngettext", one_or_many)):
            if hasattr(module, name):
                setattr(module, name, said)


def one(words: str) -> str:
    """The template of a message of click, in the present language."""
    key = _KEYS.get(words)
    return words if key is None else catalogue(current(), "cli")[key]


def one_or_many(single: str, plural: str, count: int) -> str:
    """As `one`, for a message that counts."""
    return one(single if count == 1 else plural)


def usage(pieces: list[str]) -> str:
    """The pieces of a usage line, click's own place-holders in the present language."""
    known = {"[OPTIONS]": "options", "COMMAND [ARGS]...": "command"}
    return " ".join(text(f"cli.usage.{known[one]}-piece") if one in known else one for one in pieces)
