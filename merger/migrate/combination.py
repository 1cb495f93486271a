"""Combinations of codes, as the source holds them: asked for and joined byte by byte; and groups of rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from merger.systems.profile import Dataset, Profile

NOTHING = "\x01"
"""Stands for NULL where combinations are joined: no code is a control character."""


@dataclass(frozen=True)
class Combination:
    """One distinct combination of codes as the source holds them, and how many rows have it."""

    key: str
    codes: dict[str, str | None]
    rows: int


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of a root dataset that differ in nothing which a dry run counts.

    `codes`: of their combination, by `Stage.parts`, but the service as the source writes it. `broken`: the
    state that their values bring about, None where they can be carried over. `status`, `due` (a span of
    DUE_DAYS), `running`: told of rows that somebody holds (see `asked_by`). `decision`, `state`: what was
    decided, once it is.
    """

    codes: tuple[str | None, ...]
    service: str | None
    broken: str | None
    status: str | None
    due: int
    running: bool
    rows: int
    decision: int = -1
    state: str | None = None

    def decided(self, decision: int, state: str | None) -> "Group":
        """The same, with what becomes of its rows: what was decided goes before what their values allow."""
        return replace(self, decision=decision, state=self.broken if state is None else state)


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


def known(codes: Sequence[str | None]) -> str:
    """A combination as one text, under which it is compared: each part in hexadecimal, `~` for NULL."""
    return ".".join("~" if code is None else code.encode().hex().upper() for code in codes)
