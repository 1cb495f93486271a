"""The draft of a mapping file: what the resolution says, in the words of a definition."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import date

from merger.errors import Finding, Place, Severity
from merger.mapping.drafting.after import NewUnits
from merger.mapping.drafting.match import Edge, Matched
from merger.mapping.drafting.reading import Resolution
from merger.mapping.drafting.roster import Roster, Unit, kind_and_name
from merger.mapping.drafting.settle import Settled
from merger.mapping.imported import Draft
from merger.mapping.models import (
    DistrictEntry,
    LegalAct,
    OpenPoint,
    Predecessor,
    ProvinceEntry,
    Ref,
    Title,
    UnitEntry,
    UnitKind,
    UnitsFile,
)
from merger.mapping.tree import Loc
from merger.messages import text, text_in


def draft_of(
    id_: str,
    resolution: Resolution,
    effective: date,
    old: Sequence[str],
    units: Roster,
    new: NewUnits,
    matched: Matched,
    settled: Settled,
    findings: list[Finding],
) -> Draft:
    """The file of one resolution: its clauses in order, units kept last, what is open above its clause."""
    into: list[tuple[UnitEntry, Place]] = []
    keep: list[tuple[UnitEntry, Place]] = []
    edges: dict[int, list[Edge]] = {}
    for edge in matched.edges:
        if (edge.index, edge.unit.code) in settled:
            edges.setdefault(edge.index, []).append(edge)
    for index, statement in enumerate(resolution.statements):
        clause, found = statement.clause, edges.get(index, [])
        if statement.kept:
            for edge in found:
                ref, words = new.kept(edge.unit, edge.taking), edge.taking.words
                keep.append((UnitEntry(clause=clause, keep=ref, words=words), edge.taking.unit.place))
            continue
        from_ = tuple(settled[index, edge.unit.code] for edge in found)
        areas = tuple(matched.areas.get(index, ()))
        entry = UnitEntry(clause=clause, into=new.formed(statement), from_=from_, areas=areas)
        into.append((entry, statement.place))
    entries = into + keep
    title = _title(resolution)
    value = UnitsFile(
        schema_="merger/units/1",
        id=id_,
        title=title,
        codes="vn" if all(_of_statistics(unit) for unit in units.units) else "other",
        effective=effective,
        legal_basis=_acts(resolution),
        province=_province(resolution, old, units, new),
        districts=tuple(_districts(old, units)),
        communes=tuple(entry for entry, _ in entries),
    )
    where = _Clauses([place for _, place in into], [entry.clause for entry, _ in into])
    value = value.model_copy(update={"open_": tuple(_open_points(where, findings))})
    return Draft(value, _comments(resolution, where, value.open_, findings))


class _Clauses:
    """Which entry a place in the resolution belongs to; a clause begins with its line."""

    def __init__(self, places: Sequence[Place], clauses: Sequence[str]) -> None:
        self._begins = [(*_order(place)[:2], 0) for place in places]
        self._clauses = clauses

    def index(self, place: Place) -> int | None:
        """The number of the entry whose clause the place is in; None where it is in none."""
        index = bisect_right(self._begins, _order(place)) - 1
        return index if index >= 0 and place.line else None

    def clause(self, place: Place) -> str:
        """The number of the clause that the place is in; empty where it is in none."""
        index = self.index(place)
        return "" if index is None else self._clauses[index]


def _open_points(where: _Clauses, findings: Sequence[Finding]) -> Iterator[OpenPoint]:
    """What a person must settle before anyone signs: every finding that is more than a note."""
    for finding in sorted(findings, key=lambda one: (_order(one.place), one.code)):
        if finding.severity is not Severity.NOTE:
            yield OpenPoint(
                code=finding.code,
                of=where.clause(finding.place),
                at=str(finding.place).replace("\\", "/").rpartition("/")[2],
                settle=finding.message,
                weight="error" if finding.severity is Severity.ERROR else "warning",
            )


def _comments(
    resolution: Resolution, where: _Clauses, points: Sequence[OpenPoint], findings: Sequence[Finding]
) -> dict[Loc, list[str]]:
    """What is open, above the clause that it is about; above the file, where it came from and how much is
    open.
    """
    comments: dict[Loc, list[str]] = {}
    for finding in findings:
        index = where.index(finding.place)
        if index is not None and finding.severity is not Severity.NOTE:
            comments.setdefault(("communes", index), []).append(f"{finding.code} {finding.message}")
    source = resolution.place.file.replace("\\", "/").rpartition("/")[2]
    comments[()] = [text("drafting.draft.comment", file=source, count=len(points))]
    return comments


def _order(place: Place) -> tuple[int, int, int]:
    page = place.file.rpartition("#page=")[2]
    return (int(page) if page.isdecimal() else 0, place.line, place.column)


def _title(resolution: Resolution) -> Title | None:
    owner, signed = resolution.act.owner, resolution.act.signed
    if not owner or signed is None:
        return None
    year, key = signed.year, "drafting.draft.title"
    vi = text_in("vi", key, name=owner, year=year)
    en = text_in("en", key, name=kind_and_name(owner)[1], year=year)
    return Title(vi=vi, en=en)


def _acts(resolution: Resolution) -> tuple[LegalAct, ...]:
    act = resolution.act
    acts = [LegalAct(number=number, date=day, on="provinces") for number, day in act.basis]
    if act.number and act.signed is not None:
        acts.append(LegalAct(number=act.number, date=act.signed, on="communes"))
    return tuple(acts)


def _province(
    resolution: Resolution, old: Sequence[str], units: Roster, new: NewUnits
) -> ProvinceEntry | None:
    owner = resolution.act.owner
    if not owner or not old or not all(code in units.provinces for code in old):
        return None
    name = f"{owner[:1].upper()}{owner[1:]}"
    same = units.province_codes(owner) & set(old)
    code = new.province_code
    if not code and len(old) == 1 and same:
        code = old[0]
    from_ = [Predecessor(unit=Ref(code=one, name=units.provinces[one])) for one in old]
    return ProvinceEntry(into=Ref(code=code or "new-province", name=name), from_=tuple(from_))


def _districts(old: Sequence[str], units: Roster) -> list[DistrictEntry]:
    communes: dict[str, list[str]] = {}
    province: dict[str, str] = {}
    for unit in units.units:
        if unit.level is UnitKind.DISTRICT:
            communes.setdefault(unit.code, [])
            province.setdefault(unit.code, unit.province)
        elif unit.level is UnitKind.COMMUNE and unit.district:
            communes.setdefault(unit.district, []).append(unit.code)
            province.setdefault(unit.district, unit.province)
    return [
        DistrictEntry(
            unit=Ref(code=code, name=units.districts[code]),
            province=province[code],
            communes=tuple(sorted(inside)),
        )
        for code, inside in sorted(communes.items())
        if code in units.districts
        and units.districts[code] != code
        and " " not in code
        and province[code] in old
    ]


def _of_statistics(unit: Unit) -> bool:
    return unit.code.isdecimal() and len(unit.code) in (2, 3, 5)
