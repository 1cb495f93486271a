"""What the definitions say happened to units, moment by moment, with no order among what happens together."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from merger.lineage.model import Evidence, Moment
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
from merger.mapping.sources import source_of

Value = Land | People

GOES_ON = frozenset({"rename", "transfer"})
"""Changes that leave a unit's land, people and code as they are."""

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

    def __hash__(self) -> int:
        return hash((self.old, self.new))

    def value(self, dimension: Follows) -> Value:
        """How much of the predecessor goes over, of land or of people."""
        return self.land if dimension is Follows.LAND else self.people

    @property
    def open(self) -> bool:
        """Whether it is disputed or not stated how much of the land or of the people goes over."""
        return bool(self.contradicted) or self.land is Land.UNSPECIFIED or self.people is People.UNSPECIFIED

    @property
    def entire(self) -> bool:
        """All the land and all the people, undisputed."""
        return self.land is Land.WHOLE and self.people is People.ALL and not self.contradicted


@dataclass(slots=True)
class Step:
    """All that happens to units of one kind at one moment.

    `created` and `ended` are made of nothing and gone into nothing; of those `found` and `lost` nobody knows
    from what, or into what. `listed`: units that existed right before.
    """

    told: dict[tuple[str, str], list[Edge]] = field(default_factory=dict)
    created: dict[str, set[Evidence]] = field(default_factory=dict)
    ended: dict[str, set[Evidence]] = field(default_factory=dict)
    lost: dict[str, set[Evidence]] = field(default_factory=dict)
    found: dict[str, set[Evidence]] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)
    transfers: dict[tuple[str, str], Edge] = field(default_factory=dict)

    @property
    def gone(self) -> set[str]:
        """The units that end, or of which nobody knows what became."""
        return {*self.ended, *self.lost}

    @property
    def named(self) -> set[str]:
        """The units to which something happens."""
        return {code for pair in self.told for code in pair} | {
            *self.created,
            *self.ended,
            *self.lost,
            *self.found,
        }


class Order:
    """The steps of each day, by kind: one for each `seq` that is used on it.

    What has no `seq` happens with the first. A day without any has one step. A change that names no unit
    makes none.
    """

    def __init__(self, mapping: Mapping) -> None:
        used: dict[tuple[UnitKind, date], set[int]] = {}
        for file in mapping.units:
            for change in file.changes:
                if change.seq is not None and (change.from_ or change.to):
                    used.setdefault((change.kind, change.date), set()).add(change.seq)
        self._seqs = {day: sorted(seqs) for day, seqs in used.items()}

    def moment(self, kind: UnitKind, day: date, seq: int | None = None) -> Moment:
        """When something with this `seq` happens."""
        seqs = self._seqs.get((kind, day))
        if seqs is None:
            return (day, 0)
        return (day, (0 if seq is None else seqs.index(seq)) + 1 - len(seqs))

    def before(self, kind: UnitKind, moment: Moment) -> Moment:
        """The last moment before another one."""
        day, step = moment
        first = 1 - len(self._seqs.get((kind, day), [0]))
        return (day, step - 1) if step > first else (day - timedelta(days=1), 0)


Told = dict[tuple[UnitKind, str], dict[Moment, set[str]]]


@dataclass(slots=True)
class Facts:
    """Everything told: per kind and moment what happens, and which name and parent were seen when."""

    order: Order
    steps: dict[tuple[UnitKind, Moment], Step] = field(default_factory=dict)
    names: Told = field(default_factory=dict)
    parents: Told = field(default_factory=dict)
    outside: set[tuple[str, date]] = field(default_factory=set)

    def step(self, kind: UnitKind, moment: Moment) -> Step:
        found = self.steps.get((kind, moment))
        if found is None:
            found = self.steps[kind, moment] = Step()
        return found

    def see(self, kind: UnitKind, ref: Ref, moment: Moment, parent: str = "") -> None:
        """Remembers the name and parent that a unit has at a moment."""
        if ref.name:
            self.names.setdefault((kind, ref.code), {}).setdefault(moment, set()).add(ref.name)
        if parent:
            self.parents.setdefault((kind, ref.code), {}).setdefault(moment, set()).add(parent)

    def tell(self, kind: UnitKind, moment: Moment, edge: Edge) -> None:
        self.step(kind, moment).told.setdefault((edge.old, edge.new), []).append(edge)


def collect(mapping: Mapping) -> Facts:
    """Reads all unit files. Days at the very ends of the calendar cannot be used and are set aside."""
    facts = Facts(Order(mapping))
    for file in mapping.units:
        if _usable(facts, file.id, file.effective):
            _province(facts, file)
            _districts(facts, file)
            for entry in file.communes:
                _commune(facts, file, entry)
        parted = _parted(file)
        for change in file.changes:
            if (change.from_ or change.to) and _usable(facts, file.id, change.date):
                _change(facts, file, change, parted)
    for step in facts.steps.values():
        if step.transfers:
            _givers_go_on(step)
            _takers_go_on(step)
    for kind, day in {(kind, moment[0]) for (kind, moment), step in facts.steps.items() if step.listed}:
        _forget_listed(facts, kind, day)
    return facts


def _of_a_part(edge: Edge) -> bool:
    """Whether something goes over along the edge, and not all."""
    values = [(edge.value(dimension), dimension) for dimension in Follows]
    return any(value is PART[dimension] for value, dimension in values) and not any(
        value is FULL[dimension] for value, dimension in values
    )


def _givers_go_on(step: Step) -> None:
    """A unit that only transfers parts of itself keeps the rest, also where no row says so."""
    for giver in sorted({old for old, _ in step.transfers} - step.gone):
        if any(old == giver and (old, new) not in step.transfers for old, new in step.told):
            continue
        gives = [edge for (old, _), edge in sorted(step.transfers.items()) if old == giver]
        land = Land(_rest(Follows.LAND, gives))
        people = People(_rest(Follows.PEOPLE, gives))
        shares = [edge.share for edge in gives]
        known = [share for share in shares if share is not None]
        share = max(0.0, 1 - sum(known)) if len(known) == len(shares) else None
        why = tuple(one for edge in gives for one in edge.evidence)
        step.told[giver, giver] = [Edge(giver, giver, land, people, share, why)]


def _rest(dimension: Follows, gives: list[Edge]) -> Value:
    """How much is left of what gives away these parts."""
    values = {edge.value(dimension) for edge in gives}
    if values == {NOTHING[dimension]}:
        return FULL[dimension]
    return OPEN[dimension] if OPEN[dimension] in values else PART[dimension]


def _takers_go_on(step: Step) -> None:
    """A unit to which something is transferred was there before, also where no row says so."""
    begun = {*step.created, *step.found}
    for taker in sorted({new for _, new in step.transfers} - step.gone - begun):
        if any(old == taker for old, _ in step.told):
            continue
        why = tuple(
            one for (_, new), edge in sorted(step.transfers.items()) if new == taker for one in edge.evidence
        )
        step.told[taker, taker] = [Edge(taker, taker, Land.WHOLE, People.ALL, 1.0, why)]


def _forget_listed(facts: Facts, kind: UnitKind, day: date) -> None:
    """Whatever happens to a listed unit at a later step of its day accounts for it too."""
    first = facts.order.moment(kind, day)
    for step in range(first[1] + 1, 1):
        later = facts.steps.get((kind, (day, step)))
        if later is not None:
            facts.steps[kind, first].listed -= later.named


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
    source = source_of(file, UnitKind.PROVINCE)
    when = facts.order.moment(UnitKind.PROVINCE, file.effective)
    _formed(facts, UnitKind.PROVINCE, when, file.province.into, file.province.from_, source)


def _districts(facts: Facts, file: UnitsFile) -> None:
    source = source_of(file, UnitKind.DISTRICT)
    districts = facts.order.moment(UnitKind.DISTRICT, file.effective)
    communes = facts.order.moment(UnitKind.COMMUNE, file.effective)
    before = facts.order.before(UnitKind.COMMUNE, communes)
    for entry in file.districts:
        facts.see(
            UnitKind.DISTRICT, entry.unit, facts.order.before(UnitKind.DISTRICT, districts), entry.province
        )
        ended = Evidence(file.effective, f"{entry.unit} ->", source)
        facts.step(UnitKind.DISTRICT, districts).ended.setdefault(entry.unit.code, set()).add(ended)
        parent = entry.unit.code
        for code in entry.communes:
            facts.parents.setdefault((UnitKind.COMMUNE, code), {}).setdefault(before, set()).add(parent)
        if entry.communes:
            facts.step(UnitKind.COMMUNE, communes).listed.update(entry.communes)


def _commune(facts: Facts, file: UnitsFile, entry: UnitEntry) -> None:
    source = source_of(file, UnitKind.COMMUNE, entry.clause)
    parent = file.province.into.code if file.province else ""
    when = facts.order.moment(UnitKind.COMMUNE, file.effective)
    facts.see(UnitKind.COMMUNE, entry.unit, when, parent)
    if entry.keep is not None:
        made_of: tuple[Predecessor, ...] = (Predecessor(unit=entry.keep),)
    else:
        made_of = entry.from_
    _formed(facts, UnitKind.COMMUNE, when, entry.unit, made_of, source)


def _formed(
    facts: Facts, kind: UnitKind, when: Moment, into: Ref, made_of: tuple[Predecessor, ...], source: str
) -> None:
    facts.see(kind, into, when)
    day, before, name = when[0], facts.order.before(kind, when), str(into)
    for one in made_of:
        facts.see(kind, one.unit, before)
        why = Evidence(day, describe(str(one.unit), name, one.land, one.people), source)
        facts.tell(kind, when, Edge(one.unit.code, into.code, one.land, one.people, one.share, (why,)))
    if not made_of:
        facts.step(kind, when).created.setdefault(into.code, set()).add(Evidence(day, f"-> {into}", source))


Parted = dict[tuple[UnitKind, date, int | None, str], dict[Follows, set[str]]]


def _parted(file: UnitsFile) -> Parted:
    """Units that go on with a part of what they were, and the events that say so and where the rest went."""
    parted: Parted = {}
    giving = {
        (change.event, change.kind, change.date, change.seq, change.from_.code)
        for change in file.changes
        if change.from_ and change.to and not _is_itself(change)
    }
    for change in file.changes:
        if change.event and _is_itself(change) and (change.event, *_unit_of(change)) in giving:
            for dimension, stated in ((Follows.LAND, change.land), (Follows.PEOPLE, change.people)):
                if stated == PART[dimension]:
                    parted.setdefault(_unit_of(change), {}).setdefault(dimension, set()).add(change.event)
    return parted


def _kept(change: Change, land: Land, people: People, parted: Parted) -> tuple[Land, People]:
    """What a change says, but that a unit keeps no more than another event of the same moment leaves it.

    An event in which a unit only takes something in says that it goes on whole, as far as it goes.
    """
    if change.event and _is_itself(change):
        others = parted.get(_unit_of(change), {})
        if land is Land.WHOLE and others.get(Follows.LAND, set()) - {change.event}:
            land = Land.PART
        if people is People.ALL and others.get(Follows.PEOPLE, set()) - {change.event}:
            people = People.SOME
    return land, people


def _is_itself(change: Change) -> bool:
    return change.from_ is not None and change.to is not None and change.from_.code == change.to.code


def _unit_of(change: Change) -> tuple[UnitKind, date, int | None, str]:
    return change.kind, change.date, change.seq, change.to.code if change.to else ""


def _change(facts: Facts, file: UnitsFile, change: Change, parted: Parted) -> None:
    kind, day, source = change.kind, change.date, change.source or file.id
    when = facts.order.moment(kind, day, change.seq)
    step = facts.step(kind, when)
    if change.from_ is not None:
        facts.see(kind, change.from_, facts.order.before(kind, when))
    if change.to is not None:
        facts.see(kind, change.to, when)
    if change.from_ is not None and change.to is not None:
        land, people = change.land, change.people
        if goes_on(change) and land is Land.UNSPECIFIED and people is People.UNSPECIFIED:
            land, people = Land.WHOLE, People.ALL
        why = Evidence(day, describe(str(change.from_), str(change.to), land, people), source)
        land, people = _kept(change, land, people, parted)
        edge = Edge(change.from_.code, change.to.code, land, people, change.share, (why,))
        facts.tell(kind, when, edge)
        if change.what == "transfer" and edge.old != edge.new and _of_a_part(edge):
            step.transfers[edge.old, edge.new] = edge
    elif change.from_ is not None:
        gone = step.ended if change.what == "abolish" else step.lost
        gone.setdefault(change.from_.code, set()).add(Evidence(day, f"{change.from_} ->", source))
    elif change.to is not None:
        made = step.created if change.what == "create" else step.found
        made.setdefault(change.to.code, set()).add(Evidence(day, f"-> {change.to}", source))


def goes_on(change: Change) -> bool:
    """Whether all of both is meant where neither land nor people are stated."""
    return change.what == "recode" or (change.what in GOES_ON and _is_itself(change))
