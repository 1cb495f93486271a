"""A combination of codes, as the source holds them: asked for and joined byte by byte."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from merger.systems.expressions import Column
from merger.systems.profile import Dataset, Profile
from merger.systems.sqlite import NOT_UTF_8, DatabaseFailed


@dataclass(frozen=True)
class Combination:
    """One distinct combination of codes as the source holds them, and how many rows have it."""

    key: str
    codes: dict[str, str | None]
    rows: int


@dataclass(frozen=True)
class Days:
    """The days on which a code may change its meaning, in order; the first is the beginning of time."""

    starts: tuple[str, ...]


def days_of(profile: Profile, dataset: Dataset, starts: Sequence[date], text: str | None) -> list[date]:
    """The days that a row's codes may be of, by the day that it bears: one where that is known, else the
    `starts` of every period."""
    if dataset.dated_by is None or text is None:
        return list(starts)
    day = date.fromisoformat(text)
    for doubtful in profile.doubtful:
        if doubtful.first <= day <= doubtful.last:
            within = [one for one in starts if doubtful.first < one <= doubtful.last]
            return [
                doubtful.first - timedelta(days=1), *within, doubtful.last + timedelta(days=1),
            ]  # fmt: skip
    return [day]


def combined(parts: Sequence[Column]) -> Column:
    """The parts as one text: each in hexadecimal, so that no collation can take two values for one."""
    texts = [sa.case((part.is_(None), "~"), else_=sa.func.hex(part)) for part in parts]
    whole: Column = texts[0]
    for text in texts[1:]:
        whole = whole.op("||")(sa.literal(".")).op("||")(text)
    return whole


def decoded(key: str) -> list[str | None]:
    """The parts of `combined`. Raises DatabaseFailed where one is no text."""
    try:
        return [None if part == "~" else bytes.fromhex(part).decode("utf-8") for part in key.split(".")]
    except UnicodeDecodeError:
        raise DatabaseFailed(NOT_UTF_8) from None
