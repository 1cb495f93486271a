"""Made-up addresses of a lineage's units, clean and dirty, whose unit is known. A seed gives them back."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from random import Random
from typing import Any

from merger.codes.names import split_type, unmarked
from merger.lineage import Lineage, Request, UnitVersion
from merger.mapping.models import UnitKind
from merger.testing.misspelling import WAYS, bare_letters

DIRT = (
    "unmarked", "nfd", "tones", "d", "short", "bare", "no-commas", "reversed", "upper", "lower", "spaces",
    "typo", "country", "glued", "no-province", "no-district", "english", "zeros", "road", "hamlet",
    "other-type", "mixed", "telex", "elsewhere", "no-commune", "marks-lost",
)  # fmt: skip
"""What an address may suffer; see `_Maker` for each."""

RARE = {"elsewhere": 0.2, "no-commune": 0.3, "mixed": 0.5, "other-type": 0.5, "telex": 0.4, "glued": 0.5}
"""How often some of it is met against the rest, in the addresses that the confidence is fitted on."""

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sample:
    """An address, the unit it is made of and the day of that, and the units of the day `to` it may lie in.

    `told`: whether the day is told with it. `dirt`: what it suffered; `before`, `after` or `earlier` says of
    which time its unit is.
    """

    text: str
    unit: UnitVersion
    day: date
    told: bool
    truth: frozenset[str]
    dirt: frozenset[str]

    @property
    def at(self) -> date | None:
        """The day, if it is told."""
        return self.day if self.told else None

    def right(self, codes: Sequence[str]) -> bool:
        """Whether an answer is right: all units in which the address may lie are among its own."""
        return bool(self.truth) and self.truth <= set(codes)


@dataclass(frozen=True, slots=True)
class Mix:
    """How often each number of kinds of dirt occurs, and how often each kind next to the others."""

    numbers: Sequence[int]
    weights: dict[str, float]
    earlier: float = 0.1
    after: float = 0.3
    told: float = 0.5


FIT = Mix((0, 1, 1, 2, 2, 3), {kind: RARE.get(kind, 1.0) for kind in DIRT})
"""The mix that the confidence is fitted on."""

HELD_OUT = Mix(
    (0, 0, 1, 1, 1, 2, 4),
    {kind: RARE.get(kind, 1.0) for kind in DIRT}
    | {"unmarked": 3.0, "short": 3.0, "no-commas": 2.0, "bare": 2.0, "upper": 0.3, "nfd": 0.3, "road": 2.0},
    earlier=0.05,
    after=0.4,
    told=0.3,
)
"""Another mix, for what is reported."""


def samples(lineage: Lineage, to: date, chance: Random, mix: Mix = FIT) -> Iterator[Sample]:
    """Addresses without end."""
    maker = _Maker(lineage, to, chance)
    while True:
        number = chance.choice(mix.numbers)
        kinds: set[str] = set()
        while len(kinds) < number:
            kinds.add(chance.choices(list(mix.weights), list(mix.weights.values()))[0])
        yield maker.sample(kinds, mix)


class _Maker:
    def __init__(self, lineage: Lineage, to: date, chance: Random) -> None:
        self._lineage = lineage
        self._to = to
        self._chance = chance
        days = [day for day in lineage.change_dates() if day <= to]
        self._last = days[-1] - DAY if days else to
        self._days = [day - DAY for day in days] or [to]
        self._rosters: dict[date, tuple[UnitVersion, ...]] = {}
        self._names = sorted({split_type(one.name)[1] for one in self._roster(self._last) if one.name})

    def sample(self, dirt: set[str], mix: Mix) -> Sample:
        chance = self._chance
        draw = chance.random()
        time = "after" if draw < mix.after else "earlier" if draw < mix.after + mix.earlier else "before"
        day = self._to if time == "after" else self._last
        if time == "earlier":
            day = chance.choice(self._days)
        unit = chance.choice(self._roster(day))
        above = self._above(unit, day)
        names = [unit.name, *(one.name for one in above)]
        levels = [unit.kind, *(one.kind for one in above)]
        done: set[str] = {time}
        for kind in sorted(
            dirt
            & {
                "mixed",
                "elsewhere",
                "other-type",
                "zeros",
                "typo",
                "no-province",
                "no-district",
                "no-commune",
            }
        ):
            if _STRUCTURE[kind](self, unit, day, names, levels):
                done.add(kind)
        text = self._written(names, dirt, done)
        for kind, written in WAYS.items():
            if kind in dirt:
                changed = written(text, chance)
                if changed != text:
                    done.add(kind)
                text = changed
        found = self._lineage.resolve(Request(unit.code, unit.kind, day, self._to))
        truth = frozenset(one.code for one in found.successors)
        return Sample(text, unit, day, chance.random() < mix.told, truth, frozenset(done))

    def _roster(self, day: date) -> tuple[UnitVersion, ...]:
        if day not in self._rosters:
            roster = self._lineage.roster(UnitKind.COMMUNE, day)
            self._rosters[day] = tuple(one for one in roster if one.name and one.parent)
        return self._rosters[day]

    def _above(self, unit: UnitVersion, day: date) -> list[UnitVersion]:
        found: list[UnitVersion] = []
        parent = unit.parent
        for kind in (UnitKind.DISTRICT, UnitKind.PROVINCE):
            over = self._lineage.version_at(kind, parent, day) if parent else None
            if over is not None:
                found.append(over)
                parent = over.parent
        return found

    def _mixed(self, unit: UnitVersion, day: date, names: list[str], levels: list[UnitKind]) -> bool:
        """The province of after behind an old unit; the old province, or district too, behind a new one."""
        if day < self._to:
            later = self._lineage.resolve(Request(unit.code, unit.kind, day, self._to)).successors
            version = (
                self._lineage.version_at(unit.kind, later[0].code, self._to) if len(later) == 1 else None
            )
            over = self._above(version, self._to) if version else []
        else:
            earlier = self._lineage.resolve(Request(unit.code, unit.kind, day, self._last)).successors
            version = self._lineage.version_at(unit.kind, earlier[0].code, self._last) if earlier else None
            over = self._above(version, self._last) if version else []
            if len(over) == 2 and self._chance.random() < 0.5:
                names[1:] = [one.name for one in over]
                levels[1:] = [one.kind for one in over]
                return True
        if not over or over[-1].name == names[-1]:
            return False
        names[-1] = over[-1].name
        return True

    def _elsewhere(self, _unit: UnitVersion, day: date, names: list[str], levels: list[UnitKind]) -> bool:
        """A district of another unit."""
        other = self._above(self._chance.choice(self._roster(day)), day)
        if UnitKind.DISTRICT not in levels or not other or other[0].name == names[1]:
            return False
        names[1] = other[0].name
        return True

    def _other_type(self, unit: UnitVersion, _day: date, names: list[str], _levels: list[UnitKind]) -> bool:
        """The word for another kind of commune."""
        type_, rest = _parts(unit.name)
        others = sorted({_parts(one.name)[0] for one in self._roster(self._last)} - {type_, ""})
        if not type_ or not others or rest.isdigit():
            return False
        names[0] = f"{self._chance.choice(others)} {rest}"
        return True

    def _zeros(self, _unit: UnitVersion, _day: date, names: list[str], _levels: list[UnitKind]) -> bool:
        changed = [re.sub(r"(?<= )([1-9])$", r"0\1", name) for name in names]
        done = changed != names
        names[:] = changed
        return done

    def _typo(self, _unit: UnitVersion, _day: date, names: list[str], _levels: list[UnitKind]) -> bool:
        """One letter of a longer name lost, doubled, swapped or another."""
        chance = self._chance
        at = chance.randrange(len(names))
        type_, rest = _parts(names[at])
        if len(rest.replace(" ", "")) < 6:
            return False
        where = chance.randrange(1, len(rest) - 1)
        if rest[where] == " " or rest[where + 1] == " ":
            return False
        letter = chance.choice("aeiouhntgmlc")
        kind = chance.randrange(4)
        if kind == 0:
            rest = rest[:where] + rest[where + 1 :]
        elif kind == 1:
            rest = rest[:where] + letter + rest[where:]
        elif kind == 2:
            rest = rest[:where] + letter + rest[where + 1 :]
        else:
            rest = rest[:where] + rest[where + 1] + rest[where] + rest[where + 2 :]
        changed = f"{type_} {rest}".strip()
        done = unmarked(changed) != unmarked(names[at])
        names[at] = changed
        return done

    def _no_province(self, _unit: UnitVersion, _day: date, names: list[str], levels: list[UnitKind]) -> bool:
        if levels[-1] is not UnitKind.PROVINCE or len(names) < 2:
            return False
        del names[-1], levels[-1]
        return True

    def _no_district(self, _unit: UnitVersion, _day: date, names: list[str], levels: list[UnitKind]) -> bool:
        if UnitKind.DISTRICT not in levels:
            return False
        at = levels.index(UnitKind.DISTRICT)
        del names[at], levels[at]
        return True

    def _no_commune(self, _unit: UnitVersion, _day: date, names: list[str], levels: list[UnitKind]) -> bool:
        if UnitKind.DISTRICT not in levels or levels[0] is not UnitKind.COMMUNE:
            return False
        del names[0], levels[0]
        return True

    def _written(self, names: list[str], dirt: set[str], done: set[str]) -> str:
        chance = self._chance
        parts = []
        english = "english" in dirt
        for at, name in enumerate(names):
            written = name
            if english:
                written = _english(name)
                done.add("english")
            elif "short" in dirt and chance.random() < 0.8:
                written = self._short(name, last=0 < at == len(names) - 1)
                done.add("short")
            elif "bare" in dirt and not _parts(name)[1].isdigit() and chance.random() < 0.8:
                written = _parts(name)[1]
                done.add("bare")
            if "glued" in dirt and chance.random() < 0.5:
                type_, rest = _parts(written)
                if " " in rest and not english:
                    written = f"{type_} {rest.title().replace(' ', '')}".strip()
                    done.add("glued")
            parts.append(written)
        front = self._front(dirt, done, english)
        parts = [*front, *parts]
        if "reversed" in dirt:
            parts.reverse()
            done.add("reversed")
        between = ", "
        if "no-commas" in dirt:
            between = chance.choice([" ", " ", " - "])
            done.add("no-commas")
        text = between.join(parts)
        if "country" in dirt:
            text += chance.choice(_words()["words"]["country"])
            if chance.random() < 0.4:
                text += f" {chance.randrange(10000, 999999)}"
            done.add("country")
        return text

    def _front(self, dirt: set[str], done: set[str], english: bool) -> list[str]:
        """House, road and hamlet; by chance, or named like a commune."""
        chance, words = self._chance, _words()
        front = []
        if chance.random() < 0.55 or "road" in dirt:
            road = chance.choice(words["streets"])
            if "road" in dirt:
                road = chance.choice(self._names).title()
                done.add("road")
            house = chance.choice(words["words"]["house"]).format(
                n=chance.randrange(1, 400), m=chance.randrange(1, 99)
            )
            if english:
                front.append(f"{house} {road} Street")
            elif chance.random() < 0.6:
                front.append(f"{house} {chance.choice(words['words']['road'])} {road}")
            else:
                front.append(f"{house} {road}")
        if chance.random() < 0.3 or "hamlet" in dirt:
            hamlet = chance.choice(words["hamlets"])
            if "hamlet" in dirt:
                hamlet = chance.choice(self._names).title()
                done.add("hamlet")
            front.append(f"{chance.choice(words['words']['hamlet'])} {hamlet}")
        return front

    def _short(self, name: str, last: bool) -> str:
        type_, rest = _parts(name)
        if last and self._chance.random() < 0.3:
            rest = "".join(word[0] for word in re.split("[ -]+", rest) if word).upper()
        forms = _words()["short"].get(type_.lower())
        return self._chance.choice(forms).format(rest) if forms else name


_STRUCTURE: dict[str, Callable[[_Maker, UnitVersion, date, list[str], list[UnitKind]], bool]] = {
    "mixed": _Maker._mixed,
    "elsewhere": _Maker._elsewhere,
    "other-type": _Maker._other_type,
    "zeros": _Maker._zeros,
    "typo": _Maker._typo,
    "no-province": _Maker._no_province,
    "no-district": _Maker._no_district,
    "no-commune": _Maker._no_commune,
}


@cache
def _words() -> dict[str, Any]:
    text = resources.files("merger.testing").joinpath("addresses.toml").read_text("utf-8")
    return tomllib.loads(text)


def _parts(name: str) -> tuple[str, str]:
    """The word for the kind as it is written, and the rest."""
    type_ = split_type(name)[0]
    if not type_ or not name.lower().startswith(type_):
        return "", name
    return name[: len(type_)], name[len(type_) :].strip()


def _english(name: str) -> str:
    type_, rest = _parts(name)
    words = _words()
    forms = words["english_numbers"] if rest.isdigit() else words["english"]
    form = forms.get(type_.lower())
    return bare_letters(str(form).format(rest) if form else rest)
