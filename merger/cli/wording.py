"""The reason and the evidence of an answer in the reader's language.

Evidence is written alike in every language, for it becomes part of signed plans; how much of a unit goes
where, and what decided, stand in square brackets at its end.
"""

import re

from merger.messages import catalogue, current, text

_MARKS = re.compile(r"(?P<change>.*) \[(?P<marks>[^\[\]]+)\]")
_ARROW = re.compile(r"(?:^|(?<= ))->(?= |$)")


def reason_in_words(reason: str, part: str) -> str:
    """A reason of `part`, else of the lineage, in the present language; one that is not known as it is."""
    for own in (part, "lineage"):
        if f"reason.{reason}" in catalogue(current(), own):
            return text(f"{own}.reason.{reason}")
    return reason


def change_in_words(change: str) -> str:
    """A change as evidence writes it, in the present language; what is not known stays as it is."""
    found = _MARKS.fullmatch(change)
    if found is None:
        return _ARROW.sub("→", change)
    marks = found["marks"].split(", ")
    shown = [] if marks == ["land=whole", "people=all"] else list(map(_mark, marks))
    said = _ARROW.sub("→", found["change"])
    return f"{said} ({', '.join(shown)})" if shown else said


def _mark(mark: str) -> str:
    name, _, value = mark.partition("=")
    if name in ("land", "people") and f"{name}.{value}" in catalogue(current(), "compare"):
        return text(f"compare.{name}.{value}")
    if name in ("levels", "levels-after"):
        value = levels_in_words(value)
    if f"mark.{name}" in catalogue(current(), "cli"):
        return text(f"cli.mark.{name}", value=value)
    return mark


def levels_in_words(written: str) -> str:
    """Levels of government (`province+commune`) in the present language."""
    return " + ".join(map(_level, written.split("+")))


def _level(word: str) -> str:
    return (
        text(f"workbook.word.level.{word}")
        if f"word.level.{word}" in catalogue(current(), "workbook")
        else word
    )
