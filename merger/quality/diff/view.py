"""How the old side is read so that it can be set beside the new one.

Files are matched by their ids. Where a file's day or a unit's code was corrected, that is one difference;
everything else is compared under the new day and code.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from merger.codes import fold
from merger.mapping import Document, LoadedMapping
from merger.mapping.models import Definitions, Land, People, Predecessor, Ref, UnitKind, UnitsFile
from merger.mapping.tree import Loc

Where = tuple[Document[Definitions], Loc]
Side = tuple[UnitKind, date, bool]
"""Kind of unit, day of the change, and whether units of after it are meant."""

UnitKey = tuple[UnitKind, date, str]
"""A unit of one side of a day, by the code under which it is compared."""


@dataclass(frozen=True, slots=True)
class View:
    """For one side: the id under which each file is compared, its day, and codes that stand for others."""

    slots: Mapping[str, str] = field(default_factory=dict)
    days: Mapping[str, date] = field(default_factory=dict)
    codes: Mapping[Side, Mapping[str, str]] = field(default_factory=dict)

    def slot(self, file: Definitions) -> str:
        return self.slots.get(file.id, file.id)

    def day(self, file: Definitions) -> date:
        """The day on which a file's definitions take effect; `date.min` for one that has none."""
        found = self.days.get(file.id, getattr(file, "effective", date.min))
        assert isinstance(found, date)
        return found

    def code(self, kind: UnitKind, day: date, after: bool, code: str) -> str:
        return self.codes.get((kind, day, after), {}).get(code, code)


@dataclass(frozen=True, slots=True)
class Told:
    """One edge as a file states it. `old_key`, `new_key`: the codes under which it is compared."""

    kind: UnitKind
    day: date
    old: Ref
    new: Ref
    old_key: str
    new_key: str
    land: Land
    people: People
    share: float | None
    where: Where


def edges(loaded: LoadedMapping, view: View) -> Iterator[Told]:
    """Every edge that the entries of unit files state; a kept unit goes whole into itself."""
    for document in loaded.documents:
        file = document.value
        if not isinstance(file, UnitsFile):
            continue
        day = view.day(file)
        for kind, into, parts, loc in _formed(file):
            for number, one in parts:
                at = loc if number < 0 else (*loc, "from", number)
                yield Told(
                    kind,
                    day,
                    one.unit,
                    into,
                    view.code(kind, day, False, one.unit.code),
                    view.code(kind, day, True, into.code),
                    one.land,
                    one.people,
                    one.share,
                    (document, at),
                )


def made(loaded: LoadedMapping, view: View) -> dict[UnitKey, tuple[Ref, Where]]:
    """The units that entries form or keep, and where."""
    found: dict[UnitKey, tuple[Ref, Where]] = {}
    for document in loaded.documents:
        file = document.value
        if isinstance(file, UnitsFile):
            day = view.day(file)
            for kind, into, _, loc in _formed(file):
                key = (kind, day, view.code(kind, day, True, into.code))
                found.setdefault(key, (into, (document, loc)))
    return found


def pair_files(old: LoadedMapping, new: LoadedMapping) -> tuple[dict[str, str], dict[str, date]]:
    """For each file of the old side the id of its counterpart, and the counterpart's day where it differs."""
    then = {one.value.id: one.value for one in old.documents}
    now = {one.value.id: one.value for one in new.documents}
    slots = {name: name for name in then if name in now}
    gone, come = sorted(then.keys() - slots.keys()), sorted(now.keys() - slots.keys())
    if len(gone) == len(come) == 1 and then[gone[0]].schema_ == now[come[0]].schema_:
        slots[gone[0]] = come[0]
    days = {}
    for name, other in slots.items():
        day = getattr(now[other], "effective", None)
        if day is not None and day != getattr(then[name], "effective", None):
            days[name] = day
    return slots, days


def recodings(old: LoadedMapping, old_view: View, new: LoadedMapping) -> dict[Side, dict[str, str]]:
    """Units of one side that bear another code on the other: the same name, and neighbours in common.

    A unit that fits several is none of them.
    """
    then, now = _known(edges(old, old_view)), _known(edges(new, View()))
    found: dict[Side, dict[str, str]] = {}
    for side in then.keys() & now.keys():
        gone = {code: unit for code, unit in then[side].items() if code not in now[side]}
        come = {code: unit for code, unit in now[side].items() if code not in then[side]}
        named = defaultdict(list)
        for code, unit in come.items():
            for name in _folded(unit.names):
                named[name].append(code)
        pairs = {
            (code, other)
            for code, unit in gone.items()
            for name in _folded(unit.names)
            for other in named.get(name, ())
            if _folded(unit.neighbours) & _folded(come[other].neighbours)
        }
        olds, news = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
        own = {one: other for one, other in pairs if olds[one] == news[other] == 1}
        if own:
            found[side] = own
    return found


def _folded(names: Iterable[str]) -> set[str]:
    return {fold(name) for name in names if name}


def _formed(
    file: UnitsFile,
) -> Iterator[tuple[UnitKind, Ref, list[tuple[int, Predecessor]], Loc]]:
    if file.province:
        parts = list(enumerate(file.province.from_))
        yield UnitKind.PROVINCE, file.province.into, parts, ("province",)
    for index, entry in enumerate(file.communes):
        parts = [(-1, Predecessor(unit=entry.keep))] if entry.keep else list(enumerate(entry.from_))
        yield UnitKind.COMMUNE, entry.unit, parts, ("communes", index)


@dataclass(slots=True)
class _Unit:
    names: set[str] = field(default_factory=set)
    neighbours: set[str] = field(default_factory=set)


def _known(told: Iterable[Told]) -> dict[Side, dict[str, _Unit]]:
    units: dict[Side, dict[str, _Unit]] = defaultdict(lambda: defaultdict(_Unit))
    for one in told:
        for after, ref, other in ((False, one.old, one.new), (True, one.new, one.old)):
            unit = units[one.kind, one.day, after][ref.code]
            unit.names.add(ref.name)
            unit.neighbours.add(other.name or other.code)
    return units
