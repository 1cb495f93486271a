"""Everything that the files of a mapping say besides where units go, statement by statement."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from enum import Enum
from hashlib import sha256
from typing import Any

from merger.mapping import LoadedMapping
from merger.mapping.models import (
    AgenciesFile,
    Agency,
    Area,
    Change,
    CompetenceFile,
    DecisionsFile,
    Definitions,
    DistrictEntry,
    Level,
    LocalitiesFile,
    PolygonsFile,
    Predecessor,
    Ref,
    ServicesFile,
    Shape,
    UnitEntry,
    UnitKind,
    UnitsFile,
)
from merger.mapping.shapes import shapes_of
from merger.mapping.tree import Loc
from merger.mapping.write import plain
from merger.quality.diff.matching import Statement
from merger.quality.diff.model import Group
from merger.quality.diff.view import View, Where

Place = Callable[[Loc], Where]


def statements(loaded: LoadedMapping, view: View) -> Iterator[Statement]:
    """All statements of a mapping, under the days and codes of `view`."""
    for document in loaded.documents:
        file = document.value

        def at(loc: Loc, document: Any = document) -> Where:
            return document, loc

        yield from _file(file, view, at)
        if isinstance(file, UnitsFile):
            yield from _units(file, view, at)
        elif isinstance(file, AgenciesFile):
            yield from _agencies(file, view, at)
        elif isinstance(file, CompetenceFile):
            yield from _rules(file, at)
        elif isinstance(file, ServicesFile):
            yield from _services(file, at)
        elif isinstance(file, LocalitiesFile):
            yield from _localities(file, view, at)
        elif isinstance(file, DecisionsFile):
            yield from _decisions(file, at)
        elif isinstance(file, PolygonsFile):
            yield from _drawings(file, shapes_of(loaded.mapping, file), view, at)


def written(value: Any) -> str:
    """A value as a reader of the file would see it; lists whose order means nothing are sorted."""
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {written(one) or '~'}" for key, one in sorted(value.items()))
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(sorted(written(one) for one in value))
    return str(value)


def _file(file: Definitions, view: View, at: Place) -> Iterator[Statement]:
    acts = [f"{act.number} ({', '.join(filter(None, [written(act.date), act.on]))})" for act in _acts(file)]
    aspects = {
        "id": file.id,
        "title": "; ".join([file.title.vi, file.title.en]) if file.title else "",
        "effective": written(getattr(file, "effective", None)),
        "legal_basis": "; ".join(sorted(acts)),
        "codes": written(getattr(file, "codes", None)),
        "example": "true" if file.example else "",
        "note": file.note,
    }
    slot = view.slot(file)
    basis = {"legal_basis": Group.CLAUSES}
    yield Statement(Group.FILES, ("file", file.schema_, slot), file.id, aspects, at(()), elsewhere=basis)
    for index, one in enumerate(file.suppress):
        yield Statement(
            Group.SUPPRESSIONS,
            (slot, one.rule, one.of),
            f"{one.rule} {one.of}".strip(),
            {"reason": one.reason},
            at(("suppress", index)),
        )
    for index, point in enumerate(file.open_):
        aspects = {"at": point.at, "weight": point.weight, "by": point.by, "reason": point.reason}
        key = (slot, point.code, point.of, point.settle)
        subject = f"{point.code} {point.of}: {point.settle}"
        yield Statement(Group.OPEN, key, subject, aspects, at(("open", index)))


def _acts(file: Definitions) -> Any:
    return getattr(file, "legal_basis", ())


def _units(file: UnitsFile, view: View, at: Place) -> Iterator[Statement]:
    for index, district in enumerate(file.districts):
        yield from _district(file, view, at, index, district)
    if file.province:
        for number, one in enumerate(file.province.from_):
            yield _part(
                view, file, UnitKind.PROVINCE, file.province.into, one, at(("province", "from", number))
            )
    for index, entry in enumerate(file.communes):
        loc: Loc = ("communes", index)
        yield _entry(file, view, entry, at(loc))
        for number, one in enumerate(entry.from_):
            where = at((*loc, "from", number))
            yield _part(view, file, UnitKind.COMMUNE, entry.unit, one, where)
    for index, change in enumerate(file.changes):
        yield _change(change, at(("changes", index)))


def _entry(file: UnitsFile, view: View, entry: UnitEntry, where: Where) -> Statement:
    day = view.day(file)
    details = {
        "form": "keep" if entry.keep else "into",
        "areas": "; ".join(sorted(_area(one) for one in entry.areas)),
        "area_km2": written(entry.area_km2),
        "point": ", ".join(map(str, entry.point or ())),
        "words": entry.words,
        "note": entry.note,
    }
    return Statement(
        Group.CLAUSES,
        (UnitKind.COMMUNE, day, view.code(UnitKind.COMMUNE, day, True, entry.unit.code)),
        str(entry.unit),
        {"clause": entry.clause} | details,
        where,
        elsewhere=dict.fromkeys(details, Group.DETAILS),
        code=entry.unit.code,
        kind=UnitKind.COMMUNE,
    )


def _area(one: Area) -> str:
    said = plain(one)
    return written({key: value for key, value in said.items() if value})


def _part(
    view: View, file: UnitsFile, kind: UnitKind, into: Ref, one: Predecessor, where: Where
) -> Statement:
    day = view.day(file)
    keys = view.code(kind, day, False, one.unit.code), view.code(kind, day, True, into.code)
    return Statement(
        Group.DETAILS,
        ("part", kind, day, *keys),
        f"{one.unit} → {into}",
        {"words": one.words, "note": one.note},
        where,
        told=True,
        code=one.unit.code,
        kind=kind,
    )


def _district(
    file: UnitsFile, view: View, at: Place, index: int, entry: DistrictEntry
) -> Iterator[Statement]:
    day, loc = view.day(file), ("districts", index)
    yield Statement(
        Group.DISTRICTS,
        ("district", entry.unit.code),
        str(entry.unit),
        {"province": entry.province},
        at(loc),
        code=entry.unit.code,
        kind=UnitKind.DISTRICT,
    )
    for number, code in enumerate(entry.communes):
        yield Statement(
            Group.DISTRICTS,
            ("commune", day, view.code(UnitKind.COMMUNE, day, False, code)),
            code,
            {"district": entry.unit.code},
            at((*loc, "communes", number)),
            shown={"district": str(entry.unit)},
            code=code,
            kind=UnitKind.COMMUNE,
        )


def _change(change: Change, where: Where) -> Statement:
    old = change.from_.code if change.from_ else ""
    new = change.to.code if change.to else ""
    refs = {"from": written(change.from_), "to": written(change.to)}
    aspects = {"date": written(change.date), "from": old, "to": new} | {
        name: written(getattr(change, name))
        for name in (
            "what",
            "land",
            "people",
            "share",
            "after",
            "dated",
            "event",
            "seq",
            "source",
            "note",
            "notes",
        )
    }
    return Statement(
        Group.CHANGES,
        (change.kind, change.date, old, new),
        f"{written(change.date)}: {refs['from']} → {refs['to']}".strip(),
        aspects,
        where,
        looser=(
            (change.kind, change.date, old),
            (change.kind, old, new),
            (change.kind, change.date, "to", new),
        ),
        shown=refs,
        code=old or new,
        kind=change.kind,
    )


def _agencies(file: AgenciesFile, view: View, at: Place) -> Iterator[Statement]:
    day = view.day(file)
    for side, agencies in (("before", file.before), ("after", file.after)):
        for index, one in enumerate(agencies):
            aspects = {
                "code": one.agency.code,
                "name": one.agency.name,
                "former": one.former,
                "level": one.level.value,
                "function": one.function,
                "unit": _serves(view, day, side, one),
                "parent": one.parent,
                "into": getattr(one, "into", ""),
                "documents": getattr(one, "documents", ""),
            }
            yield Statement(
                Group.AGENCIES,
                (side, one.agency.code),
                str(one.agency),
                aspects,
                at((side, index)),
                looser=((side, "name", one.agency.name, aspects["unit"]),) if one.agency.name else (),
                elsewhere={"code": Group.EIDS, "former": Group.EIDS},
            )


def _serves(view: View, day: date, side: str, one: Agency) -> str:
    kind = {Level.PROVINCE: UnitKind.PROVINCE, Level.DISTRICT: UnitKind.DISTRICT}.get(
        one.level, UnitKind.COMMUNE
    )
    return view.code(kind, day, side == "after", one.unit)


def _rules(file: CompetenceFile, at: Place) -> Iterator[Statement]:
    for index, rule in enumerate(file.rules):
        names = ("levels", "functions", "services", "fields", "levels_after", "works", "source", "note")
        aspects = {name: written(getattr(rule, name)) for name in names}
        to = rule.to if isinstance(rule.to, str) else written(plain(rule.to))
        yield Statement(Group.COMPETENCE, (rule.rule,), rule.rule, aspects | {"to": to}, at(("rules", index)))


def _services(file: ServicesFile, at: Place) -> Iterator[Statement]:
    for index, field in enumerate(file.fields):
        aspects = {"follows": written(field.follows)}
        yield Statement(Group.SERVICES, ("field", field.field), field.field, aspects, at(("fields", index)))
    for index, one in enumerate(file.services):
        aspects = {
            "name": one.service.name,
            "field": one.field,
            "levels": written(one.levels),
            "levels_after": written(one.levels_after),
            "follows": written(one.follows),
            "source": one.source,
        }
        key = ("service", one.service.code)
        yield Statement(Group.SERVICES, key, str(one.service), aspects, at(("services", index)))
    for index, old in enumerate(file.before):
        aspects = {
            "name": old.service.name,
            "into": written(old.into),
            "ended": "true" if old.ended else "",
            "decided": old.decided,
        }
        code = ("service before", written(file.effective), old.province, old.service.code)
        yield Statement(Group.SERVICES, code, str(old.service), aspects, at(("before", index)))
    for index, decision in enumerate(file.decisions):
        names = ("author", "date", "reason", "about", "answer")
        aspects = {name: written(getattr(decision, name)) for name in names}
        key = ("service decision", decision.decision)
        yield Statement(Group.SERVICES, key, decision.decision, aspects, at(("decisions", index)))


def _localities(file: LocalitiesFile, view: View, at: Place) -> Iterator[Statement]:
    day = view.day(file)
    for index, one in enumerate(file.localities):
        unit = view.code(UnitKind.COMMUNE, day, False, one.unit.code)
        into = view.code(UnitKind.COMMUNE, day, True, one.into.code)
        for number, name in enumerate(one.names):
            yield Statement(
                Group.LOCALITIES,
                (day, unit, name),
                f"{name} ({one.unit})",
                {"into": into},
                at(("localities", index, "names", number)),
                shown={"into": str(one.into)},
                code=one.unit.code,
                kind=UnitKind.COMMUNE,
            )


def _decisions(file: DecisionsFile, at: Place) -> Iterator[Statement]:
    for index, one in enumerate(file.decisions):
        names = ("author", "date", "reason", "when", "then", "exclude")
        aspects = {name: written(getattr(one, name)) for name in names}
        yield Statement(Group.DECISIONS, (one.decision,), one.decision, aspects, at(("decisions", index)))
    for index, unit in enumerate(file.units):
        aspects = {name: written(getattr(unit, name)) for name in ("author", "date", "reason", "on", "into")}
        yield Statement(
            Group.DECISIONS,
            (unit.decision, unit.kind, unit.unit.code),
            f"{unit.decision} ({unit.unit})",
            aspects,
            at(("units", index)),
            code=unit.unit.code,
            kind=unit.kind,
        )


def _drawings(file: PolygonsFile, shapes: Iterable[Shape], view: View, at: Place) -> Iterator[Statement]:
    day = view.day(file)
    for index, shape in enumerate(shapes):
        drawn = {"geometry": sha256(shape.geometry.encode()).hexdigest(), "margin": written(file.margin)}
        yield Statement(
            Group.DRAWINGS,
            (file.kind, day, view.code(file.kind, day, True, shape.unit.code)),
            str(shape.unit),
            drawn | {"source": file.source},
            at(("file",) if file.file else ("units", index)),
            code=shape.unit.code,
            kind=file.kind,
        )
