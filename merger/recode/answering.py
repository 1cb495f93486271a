"""The answers for the rows of a column, by number: each question is asked once, rows only look up.

A unit's code and the row's day are a place in a table of numbers, so that no row is touched in Python. Only
where the code alone leaves an answer open, what else the row says (`evidence`) is looked at, and what comes
of it is kept up to a bound. Memory does not grow with the rows, whatever they hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from merger.lineage import UNREADABLE, Outcome, Resolution, is_unreadable, point_of
from merger.recode.keys import CODE, LOCALITY, POINT, SERVICE, SPAN
from merger.recode.knowledge import DAY_UNREADABLE, ZEROS_LOST, Knowledge
from merger.recode.model import HIDDEN, UNIT_KINDS

KEPT = 1 << 17
"""So many combinations are kept at most; then all are forgotten and asked again."""

UNASKED = -1
OPEN = -2
"""In a table of answers: nobody asked yet; what else the row says may decide."""

UNNAMED = f"{HIDDEN}unnamed"
NO_ZEROS = f"{HIDDEN}zeros"
"""What stands for all codes that no definition names, and for those of them that lost zeros in front."""

_NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Answer:
    """New code (None where there is not exactly one), outcome and reason."""

    new: str | None
    outcome: str
    reason: str
    decided: bool

    @classmethod
    def of(cls, found: Resolution) -> Answer:
        """What a table is told of a resolution."""
        decided = found.outcome.decided
        return cls(found.successor.code if decided else None, found.outcome.value, found.reason, decided)


class Answers:
    """Numbers the answers for the codes of one kind. `all` are those given so far, by number."""

    def __init__(
        self, kind: str, knowledge: Knowledge, to: date, follow: str | None, evidence: Sequence[str]
    ) -> None:
        self.all: list[Answer] = []
        self._numbers: dict[Answer, int] = {}
        self._kept: dict[tuple[str | int, ...], int] = {}
        self._kind, self._knowledge, self._to, self._follow = kind, knowledge, to, follow
        self._evidence = list(evidence)
        self._units = _Units(kind, knowledge) if kind in UNIT_KINDS else None

    def of(self, rows: pl.DataFrame) -> pl.Series:
        """The number of each row's answer (UInt32), from its code, span and evidence."""
        if self._units is None:
            keys = [CODE, SPAN, *self._evidence]
            return self._by_combination(rows.select(keys), rows.height).cast(pl.UInt32)
        places = self._units.places(rows)
        numbers = self._units.numbers(places)
        unasked = places.filter(numbers == UNASKED).unique()
        if unasked.len():
            self._units.put({place: self._plain(place) for place in unasked.to_list()})
            numbers = self._units.numbers(places)
        if self._evidence:
            still_open = (numbers == OPEN).arg_true()
            if still_open.len():
                asked = rows.select(self._evidence).with_columns(places.alias(SPAN))[still_open]
                found = self._by_combination(asked.select(SPAN, *self._evidence), asked.height)
                numbers = numbers.scatter(still_open, found)
        return numbers.cast(pl.UInt32)

    def _plain(self, place: int) -> int:
        """The answer to a code and span alone; OPEN where it is split and the rows say more."""
        assert self._units is not None
        code, span = self._units.at(place)
        if code == NO_ZEROS and span >= 0:
            return self._numbered(Resolution(Outcome.UNKNOWN, ZEROS_LOST))
        found = self._knowledge.resolve(self._kind, code, span, self._to, self._follow)
        return OPEN if self._evidence and found.outcome is Outcome.SPLIT else self._numbered(found)

    def _by_combination(self, keys: pl.DataFrame, rows: int) -> pl.Series:
        """The answer of each row by all of its keys, the distinct ones asked once."""
        distinct = keys.unique()
        found = [self._asked(key) for key in distinct.iter_rows()]
        numbered = distinct.with_columns(pl.Series(_NUMBER, found, pl.Int32))
        joined = keys.join(numbered, on=keys.columns, how="left", maintain_order="left")
        assert joined.height == rows
        return joined[_NUMBER]

    def _asked(self, key: tuple[str | int, ...]) -> int:
        number = self._kept.get(key)
        if number is None:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            number = self._kept[key] = self._numbered(self._resolve(key))
        return number

    def _resolve(self, key: tuple[str | int, ...]) -> Resolution:
        if self._units is None:
            code, span, *rest = key
        else:
            place, *rest = key
            code, span = self._units.at(int(place))
        said = dict(zip(self._evidence, map(str, rest), strict=True))
        latitude, _, longitude = said.get(POINT, "").partition(";")
        return self._knowledge.resolve(
            self._kind,
            str(code),
            int(span),
            self._to,
            self._follow,
            locality=said.get(LOCALITY, ""),
            service=said.get(SERVICE, ""),
            point=point_of(latitude, longitude),
            located=UNREADABLE if is_unreadable(latitude, longitude) else None,
        )

    def _numbered(self, found: Resolution) -> int:
        answer = Answer.of(found)
        number = self._numbers.setdefault(answer, len(self.all))
        if number == len(self.all):
            self.all.append(answer)
        return number


class _Units:
    """All codes of a kind by all spans as one row of places, those that say the same at one place.

    Codes that no definition names have a line of their own, so have numbers that lost zeros in front, and
    cells without a code.
    """

    def __init__(self, kind: str, knowledge: Knowledge) -> None:
        known = knowledge.codes(kind)
        self._others = len(known)
        self._codes = [*known, UNNAMED, NO_ZEROS, ""]
        self._enum = pl.Enum(known)
        zeros = [code for code in known if code[:1] == "0" and code.isdecimal()]
        self._zeros = {size: [code for code in zeros if len(code) == size] for size in set(map(len, zeros))}
        self._first = -DAY_UNREADABLE
        spans = len(knowledge.changes) + 1
        self._width = spans + self._first
        self._no_days = list(range(self._first))
        alike: list[int] = []
        for line, code in enumerate(self._codes):
            start = line * self._width
            firsts = knowledge.alike(kind, code) if line < self._others else [0] * spans
            alike += [start + without for without in self._no_days]
            alike += [start + self._first + first for first in firsts]
        self._alike = pl.Series(alike, dtype=pl.Int32)
        self._found = pl.Series([UNASKED], dtype=pl.Int32).new_from_index(0, len(alike))

    def places(self, rows: pl.DataFrame) -> pl.Series:
        """Where the answer of each row's code and span stands."""
        text = rows[CODE]
        line = text.cast(self._enum, strict=False).to_physical().cast(pl.Int32)
        if line.null_count():
            code = pl.col(CODE)
            short = [code.str.zfill(size).is_in(codes) for size, codes in self._zeros.items()]
            lost = code.str.contains("^[0-9]+$") & pl.any_horizontal(pl.lit(False), *short)
            blank = code.str.strip_chars() == ""
            other = pl.when(blank).then(2).when(lost).then(1).otherwise(0) + self._others
            line = line.zip_with(line.is_not_null(), rows.select(other.cast(pl.Int32)).to_series())
        return self._alike.gather(line * self._width + (rows[SPAN] + self._first))

    def numbers(self, places: pl.Series) -> pl.Series:
        """The numbers of the answers that stand at places."""
        return self._found.gather(places)

    def put(self, answers: dict[int, int]) -> None:
        """Puts numbers of answers at places."""
        places = list(answers)
        self._found = self._found.scatter(places, list(answers.values()))

    def at(self, place: int) -> tuple[str, int]:
        """The code and span of a place."""
        line, span = divmod(place, self._width)
        return self._codes[line], span - self._first
