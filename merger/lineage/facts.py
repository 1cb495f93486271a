"""What the definitions say happened to units, day by day, with no order among what happens together."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from merger.lineage.model import Evidence
from merger.mapping.models import (
    Change,
    Follows,
    Land,
    Mapping,
    People,
    Predecessor,
    Ref,
    UnitEntry,
    UnitKind,
    UnitsFile,
)

Value = Land | People

GOES_ON = frozenset({"rename", "recode", "transfer"})
"""Changes that leave land and people as they are: where neither is stated, all of both is meant."""

FULL: dict[Follows, Value] = {Follows.LAND: Land.WHOLE, Follows.PEOPLE: People.ALL}
PART: dict[Follows, Value] = {Follows.LAND: Land.PART, Follows.PEOPLE: People.SOME}
NOTHING: dict[Follows, Value] = {Follows.LAND: Land.NONE, Follows.PEOPLE: People.NONE}
OPEN: dict[Follows, Value] = {Follows.LAND: Land.UNSPECIFIED, Follows.PEOPLE: People.UNSPECIFIED}


@dataclass(frozen=True, slots=True)
class Edge:
    """One change from predecessor to successor. `contradicted`: where the definitions disagree."""

    old: str
    new: str
    land: Land
    people: People
    share: float | None
    evidence: tuple[Evidence, ...]
    contradicted: frozenset[Follows] = frozenset()

    def value(self, dimension: Follows) -> Value:
        """How much of the predecessor goes over, of land or of people."""
        return self.land if dimension is Follows.LAND else self.people

    @property
    def entire(self) -> bool:
        """All the land and all the people, undisputed."""
        return self.land is Land.WHOLE and self.people is People.ALL and not self.contradicted


@dataclass(slots=True)
class Day:
    """All that happens to units of one kind on one day."""

    told: dict[tuple[str, str], list[Edge]] = field(default_factory=dict)
    created: dict[str, set[Evidence]] = field(default_factory=dict)
    ended: dict[str, set[Evidence]] = field(default_factory=dict)
    lost: dict[str, set[Evidence]] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Facts:
    """Everything told: per kind and day what happens, and which name and parent were seen when."""

    days: dict[tuple[UnitKind, date], Day] = field(default_factory=dict)
    names: dict[tuple[UnitKind, str], dict[date, set[str]]] = field(default_factory=dict)
    parents: dict[tuple[UnitKind, str], dict[date, set[str]]] = field(default_factory=dict)
    outside: set[tuple[str, date]] = field(default_factory=set)

    def day(self, kind: UnitKind, day: date) -> Day:
        return self.days.setdefault((kind, day), Day())

    def see(self, kind: UnitKind, ref: Ref, day: date, parent: str = "") -> None:
        """Remembers the name and parent that a unit has on a day."""
        if ref.name:
            self.names.setdefault((kind, ref.code), {}).setdefault(day, set()).add(ref.name)
        if parent:
            self.parents.setdefault((kind, ref.code), {}).setdefault(day, set()).add(parent)

    def tell(self, kind: UnitKind, day: date, edge: Edge) -> None:
        self.day(kind, day).told.setdefault((edge.old, edge.new), []).append(edge)


def collect(mapping: Mapping) -> Facts:
    """Reads all unit files. Days at the very ends of the calendar cannot be used and are set aside."""
    facts = Facts()
    for file in mapping.units:
        if _usable(facts, file.id, file.effective):
            _province(facts, file)
            _districts(facts, file)
            for entry in file.communes:
                _commune(facts, file, entry)
        for change in file.changes:
            if _usable(facts, file.id, change.date):
                _change(facts, file, change)
    return facts


def describe(old: str, new: str, land: Land, people: People) -> str:
    """A change in one line that is the same in every language, for it becomes part of signed plans."""
    return f"{old} -> {new} [land={land}, people={people}]"


def _usable(facts: Facts, file: str, day: date) -> bool:
    if date.min < day < date.max:
        return True
    facts.outside.add((file, day))
    return False


def _province(facts: Facts, file: UnitsFile) -> None:
    if file.province is None:
        return
    source = _source(file, UnitKind.PROVINCE)
    _formed(facts, UnitKind.PROVINCE, file.effective, file.province.into, file.province.from_, source)


def _districts(facts: Facts, file: UnitsFile) -> None:
    before = file.effective - timedelta(days=1)
    source = _source(file, UnitKind.DISTRICT)
    for entry in file.districts:
        facts.see(UnitKind.DISTRICT, entry.unit, before, entry.province)
        ended = Evidence(file.effective, f"{entry.unit} ->", source)
        facts.day(UnitKind.DISTRICT, file.effective).ended.setdefault(entry.unit.code, set()).add(ended)
        for code in entry.communes:
            facts.see(UnitKind.COMMUNE, Ref(code=code), before, entry.unit.code)
            facts.day(UnitKind.COMMUNE, file.effective).listed.add(code)


def _commune(facts: Facts, file: UnitsFile, entry: UnitEntry) -> None:
    source = _source(file, UnitKind.COMMUNE, entry.clause)
    parent = file.province.into.code if file.province else ""
    facts.see(UnitKind.COMMUNE, entry.unit, file.effective, parent)
    if entry.keep is not None:
        facts.see(UnitKind.COMMUNE, entry.keep, file.effective - timedelta(days=1))
        made_of: tuple[Predecessor, ...] = (Predecessor(unit=entry.keep),)
    else:
        made_of = entry.from_
    _formed(facts, UnitKind.COMMUNE, file.effective, entry.unit, made_of, source)


def _formed(
    facts: Facts, kind: UnitKind, day: date, into: Ref, made_of: Iterable[Predecessor], source: str
) -> None:
    facts.see(kind, into, day)
    some = False
    for one in made_of:
        some = True
        facts.see(kind, one.unit, day - timedelta(days=1))
        why = Evidence(day, describe(str(one.unit), str(into), one.land, one.people), source)
        edge = Edge(one.unit.code, into.code, one.land, one.people, one.share, (why,))
        facts.tell(kind, day, edge)
    if not some:
        facts.day(kind, day).created.setdefault(into.code, set()).add(Evidence(day, f"-> {into}", source))


def _change(facts: Facts, file: UnitsFile, change: Change) -> None:
    kind, day, source = change.kind, change.date, change.source or file.id
    if change.from_ is not None:
        facts.see(kind, change.from_, day - timedelta(days=1))
    if change.to is not None:
        facts.see(kind, change.to, day)
    if change.from_ is not None and change.to is not None:
        land, people = change.land, change.people
        if change.what in GOES_ON and land is Land.UNSPECIFIED and people is People.UNSPECIFIED:
            land, people = Land.WHOLE, People.ALL
        why = Evidence(day, describe(str(change.from_), str(change.to), land, people), source)
        facts.tell(kind, day, Edge(change.from_.code, change.to.code, land, people, change.share, (why,)))
    elif change.from_ is not None:
        gone = facts.day(kind, day).ended if change.what == "abolish" else facts.day(kind, day).lost
        gone.setdefault(change.from_.code, set()).add(Evidence(day, f"{change.from_} ->", source))
    elif change.to is not None:
        created = facts.day(kind, day).created
        created.setdefault(change.to.code, set()).add(Evidence(day, f"-> {change.to}", source))


def _source(file: UnitsFile, kind: UnitKind, clause: str = "") -> str:
    """The acts that the file names for units of this kind (else all of them), and the clause."""
    acts = [act.number for act in file.legal_basis if act.on.startswith(kind.value)]
    acts = acts or [act.number for act in file.legal_basis] or [file.id]
    return "; ".join(acts) + (f" §{clause}" if clause else "")
