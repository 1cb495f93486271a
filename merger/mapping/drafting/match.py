"""Names of a resolution matched with the units of the list before.

A name that one unit bears is matched. Namesakes are told apart by what the resolution says: the district, the
clause that a remainder refers to, the namesakes that are named elsewhere; and, as a finding, by the districts
of the other units of the clause, where every namesake then has its place. Anything else is a finding with its
candidates.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from merger.codes.names import fold_text
from merger.errors import Finding
from merger.mapping.drafting.problems import error, note, warning
from merger.mapping.drafting.roster import Roster, Unit, key_of
from merger.mapping.drafting.statements import Much, Named, Statement, Taking
from merger.mapping.models import Area, Land, Ref

COMMUNES = frozenset({"xã", "phường", "thị trấn", "đặc khu"})
MAX_SUGGESTED = 200
"""How many findings of one run search the list for near names."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A taking and the unit that it takes; `index` is that of its statement."""

    index: int
    statement: Statement
    taking: Taking
    unit: Unit


@dataclass(slots=True)
class Matched:
    """What the statements take: units, and areas that have no code, by the index of the statement."""

    edges: list[Edge] = field(default_factory=list)
    areas: dict[int, list[Area]] = field(default_factory=lambda: defaultdict(list))
    unmatched: list[Taking] = field(default_factory=list)


@dataclass(slots=True)
class _Mention:
    """A commune named somewhere, all that bear its name, those that it may be, and the one that it is."""

    index: int
    statement: Statement
    taking: Taking
    namesakes: list[Unit]
    options: list[Unit]
    unit: Unit | None = None

    @property
    def whole(self) -> bool:
        return self.taking.land is Much.WHOLE


class Matcher:
    """Matches the statements of one resolution with the units of its provinces."""

    def __init__(self, units: Roster, everywhere: Roster, findings: list[Finding]) -> None:
        self.units = units
        self.everywhere = everywhere
        self.findings = findings
        self._suggested = 0
        self._other_kinds: set[str] = set()

    def match(self, statements: Sequence[Statement]) -> Matched:
        """Every taking becomes edges, an area, or a finding."""
        matched = Matched()
        mentions: list[_Mention] = []
        for index, statement in enumerate(statements):
            for taking in statement.takings:
                if taking.unit.kind in COMMUNES:
                    namesakes, options = self._options(taking.unit)
                    if options:
                        mentions.append(_Mention(index, statement, taking, namesakes, options))
                    else:
                        matched.unmatched.append(taking)
                elif taking.unit.kind:
                    self._district(index, statement, taking, matched)
                else:
                    self._area(index, taking, matched)
        self._settle(mentions)
        for mention in mentions:
            if mention.unit is None:
                shown = self._shown(mention.namesakes)
                unit = mention.taking.unit
                self.findings.append(error("RES011", unit.place, name=unit.full, candidates=shown))
                matched.unmatched.append(mention.taking)
            else:
                matched.edges.append(Edge(mention.index, mention.statement, mention.taking, mention.unit))
        return matched

    def _options(self, named: Named) -> tuple[list[Unit], list[Unit]]:
        """The units that bear the name, and those of them that lie where the clause says."""
        found = self.units.named(named.kind, named.name)
        if not found:
            self._unknown(named)
            return [], []
        if fold_text(found[0].name) != fold_text(named.name):
            self.findings.append(note("RES016", named.place, name=named.full, unit=self._shown(found)))
        options = found
        if named.province:
            codes = self.units.province_codes(named.province)
            options = [unit for unit in options if unit.province in codes]
        if named.district:
            codes = self._district_codes(named, named.district)
            options = [unit for unit in options if unit.district in codes]
        if not options:
            where = ", ".join(one for one in (named.district, named.province) if one)
            shown = self._shown(found)
            self.findings.append(
                error("RES015", named.place, name=named.full, district=where, candidates=shown)
            )
        return found, options

    def _district_codes(self, named: Named, full: str) -> set[str]:
        """The districts of this name; that the list has them as another kind is said, once for each name."""
        found = self.units.of_other_kind(full)
        if found and full not in self._other_kinds:
            self._other_kinds.add(full)
            fields = {"said": full, "found": "; ".join(found)}
            self.findings.append(warning("RES029", named.place, **fields))
        return self.units.district_codes(full)

    def _unknown(self, named: Named) -> None:
        candidates: list[Unit] = []
        if self._suggested < MAX_SUGGESTED:
            self._suggested += 1
            elsewhere = self.everywhere.named(named.kind, named.name)
            candidates = self.units.near(named.kind, named.name) + elsewhere[:2]
        fields = {"name": named.full, "candidates": self._shown(candidates)}
        self.findings.append(error("RES010" if candidates else "RES009", named.place, **fields))

    def _settle(self, mentions: list[_Mention]) -> None:
        for mention in mentions:
            if len(mention.options) == 1:
                mention.unit = mention.options[0]
        homes: dict[int, set[str]] = defaultdict(set)
        for mention in mentions:
            if mention.unit is not None and mention.unit.district:
                homes[mention.index].add(mention.unit.district)
        groups: dict[tuple[str, str], list[_Mention]] = defaultdict(list)
        for mention in mentions:
            groups[mention.taking.unit.kind, key_of(mention.taking.unit.name)].append(mention)
        for group in groups.values():
            if any(mention.unit is None for mention in group):
                self._tell_apart(group, homes)

    def _tell_apart(self, group: list[_Mention], homes: dict[int, set[str]]) -> None:
        """Gives each mention of one name its unit, as far as the resolution says which it is."""
        going_on = True
        while going_on:
            going_on = False
            for mention in (one for one in group if one.unit is None):
                options = _free(mention, group)
                referred = _referred(mention, group)
                alone = [unit for unit in options if unit in referred] if referred else options
                if len(alone) == 1 and not self._contradicted(mention, alone[0], homes[mention.index]):
                    mention.unit = alone[0]
                    code = "RES014" if referred else "RES013"
                    self._told(code, mention)
                    going_on = True
        proposed = {
            id(mention): (code, units[0])
            for mention in group
            if mention.unit is None
            for code, units in [_proposal(self.units, mention, _free(mention, group), homes[mention.index])]
            if len(units) == 1
        }
        proposed |= _through_remainders(group, proposed)
        if not _every_one_placed(group, {key: unit for key, (_, unit) in proposed.items()}):
            self._withdraw(group, homes)
            return
        for mention in group:
            if mention.unit is None:
                code, mention.unit = proposed[id(mention)]
                self._told(code, mention)

    def _withdraw(self, group: list[_Mention], homes: dict[int, set[str]]) -> None:
        """Takes back a unit to which a mention that is open has as good a claim: one of the two is wrong."""
        for mention in [one for one in group if one.unit is None]:
            _, claimed = _proposal(self.units, mention, mention.options, homes[mention.index])
            for other in group:
                if other.unit is not None and [other.unit] == claimed and (other.whole or mention.whole):
                    other.unit = None

    def _contradicted(self, mention: _Mention, unit: Unit, homes: set[str]) -> bool:
        """Whether the districts of the clause speak for another namesake."""
        _, other = _proposal(self.units, mention, mention.options, homes)
        return len(other) == 1 and other[0] is not unit

    def _told(self, code: str, mention: _Mention) -> None:
        assert mention.unit is not None
        named = mention.taking.unit
        others = [unit for unit in mention.options if unit is not mention.unit]
        fields = {"name": named.full, "unit": self._shown([mention.unit]), "candidates": self._shown(others)}
        self.findings.append(warning(code, named.place, **fields))

    def _district(self, index: int, statement: Statement, taking: Taking, matched: Matched) -> None:
        """A whole district: all of its communes, or an area where it has none."""
        named = taking.unit
        codes = sorted(self._district_codes(named, named.full))
        communes = [unit for unit in self.units.communes if unit.district in codes]
        if len(codes) > 1 or (communes and taking.land is not Much.WHOLE) or not named.name:
            shown = ", ".join(f"{code} {self.units.districts.get(code, '')}" for code in codes) or "-"
            self.findings.append(error("RES019", named.place, name=named.full, candidates=shown))
            matched.unmatched.append(taking)
        elif communes:
            self.findings.append(note("RES018", named.place, name=named.full, count=len(communes)))
            matched.edges += [Edge(index, statement, taking, unit) for unit in communes]
        else:
            code = codes[0] if codes else ""
            ref = Ref(code=code, name=self.units.districts.get(code, "")) if code else None
            self._no_code(index, taking, ref, matched)

    def _area(self, index: int, taking: Taking, matched: Matched) -> None:
        """What the law describes in words of its own; a name without its kind may be a commune's."""
        named = taking.unit
        alike = [unit for unit in self.units.communes if key_of(unit.name) == key_of(named.name)]
        if not alike and not any(word[0].islower() for word in named.name.split()):
            alike = self.units.near("", named.name)
        if alike or not named.name:
            shown = self._shown(alike)
            self.findings.append(error("RES010", named.place, name=named.full, candidates=shown))
            matched.unmatched.append(taking)
            return
        codes = sorted(self._district_codes(named, named.manager or named.district))
        ref = Ref(code=codes[0], name=self.units.districts[codes[0]]) if len(codes) == 1 else None
        self._no_code(index, taking, ref, matched)

    def _no_code(self, index: int, taking: Taking, district: Ref | None, matched: Matched) -> None:
        named = taking.unit
        if district is None or key_of(district.name) != key_of(named.full):
            self.findings.append(warning("RES017", named.place, name=named.full))
        land = {Much.WHOLE: Land.WHOLE, Much.PART: Land.PART, Much.REST: Land.PART}.get(
            taking.land, Land.UNSPECIFIED
        )
        name = f"{named.full[:1].upper()}{named.full[1:]}"
        matched.areas[index].append(Area(name=name, district=district, land=land, words=taking.words))

    def _shown(self, units: Sequence[Unit]) -> str:
        return "; ".join(self._one(unit) for unit in units) or "-"

    def _one(self, unit: Unit) -> str:
        where = self.everywhere.districts.get(unit.district, unit.district)
        return f"{unit.code} {unit.full}" + (f" ({where})" if where else "")


def _free(mention: _Mention, group: list[_Mention]) -> list[Unit]:
    """The mention's options without those that other mentions leave nothing of."""
    others = [one for one in group if one is not mention and one.unit is not None]
    taken = {one.unit.code for one in others if one.unit is not None and (one.whole or mention.whole)}
    return [unit for unit in mention.options if unit.code not in taken]


def _referred(mention: _Mention, group: list[_Mention]) -> list[Unit]:
    clauses = mention.taking.clauses
    return [one.unit for one in group if one.unit is not None and one.statement.clause in clauses]


def _proposal(
    units: Roster, mention: _Mention, options: list[Unit], homes: set[str]
) -> tuple[str, list[Unit]]:
    shared = mention.taking.unit.shared
    if shared:
        codes = units.district_codes(shared)
        found = [unit for unit in options if unit.district in codes]
        if len(found) == 1:
            return "RES012", found
    return "RES020", [unit for unit in options if unit.district in homes]


def _through_remainders(
    group: list[_Mention], proposed: dict[int, tuple[str, Unit]]
) -> dict[int, tuple[str, Unit]]:
    """For mentions without a proposal: the unit proposed where a remainder refers to their clause, or they to
    it.
    """
    found: dict[int, tuple[str, Unit]] = {}
    for one in group:
        for other in group:
            if one.unit is not None or id(one) in proposed or id(other) not in proposed:
                continue
            if one.statement.clause in other.taking.clauses or other.statement.clause in one.taking.clauses:
                unit = proposed[id(other)][1]
                if unit in one.options:
                    found[id(one)] = ("RES014", unit)
    return found


def _every_one_placed(group: list[_Mention], proposed: dict[int, Unit]) -> bool:
    """Whether with the proposals every namesake is named, and none is whole in one place and named in
    another.
    """
    placed: dict[str, list[_Mention]] = defaultdict(list)
    for mention in group:
        unit = mention.unit or proposed.get(id(mention))
        if unit is None:
            return False
        placed[unit.code].append(mention)
    complete = {unit.code for mention in group for unit in mention.options} <= placed.keys()
    return complete and not any(len(ones) > 1 and any(one.whole for one in ones) for ones in placed.values())


def edges_by_unit(edges: Sequence[Edge]) -> Iterator[tuple[Unit, list[Edge]]]:
    """The edges of each unit, in the order of their first."""
    found: dict[str, list[Edge]] = {}
    for edge in edges:
        found.setdefault(edge.unit.code, []).append(edge)
    return ((ones[0].unit, ones) for ones in found.values())
