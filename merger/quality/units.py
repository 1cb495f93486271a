"""Whether the entries of units fit together: every commune taken once, made once, and altogether."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from merger.errors import Finding
from merger.mapping import LoadedMapping
from merger.mapping.models import Land, People, UnitKind
from merger.quality.places import Named, Taken, finding, made, named, taken

_DIGITS = {UnitKind.PROVINCE: 2, UnitKind.DISTRICT: 3, UnitKind.COMMUNE: 5}
_ROUNDING = 0.005

Key = tuple[date, UnitKind, str]


def whole_units_are_named_once(loaded: LoadedMapping) -> Iterator[Finding]:
    """MAP101: a unit whose land or people go whole into one unit goes into another too."""
    for takers in _by_code(taken(loaded)).values():
        for number, one in enumerate(takers):
            other = next((other for other in takers[:number] if _exclude_each_other(one, other)), None)
            if other:
                where = loaded.place(other.named.file, other.named.loc)
                yield _at(loaded, one.named, "MAP101", unit=one.named.ref, into=other.into, other=where)


def predecessors_are_named_once_in_an_entry(loaded: LoadedMapping) -> Iterator[Finding]:
    """MAP102: an entry takes from the same unit twice."""
    seen: set[tuple[str, object, str]] = set()
    for one in taken(loaded):
        key = (one.named.file.id, one.named.loc[:2], one.named.ref.code)
        if key in seen:
            yield _at(loaded, one.named, "MAP102", unit=one.named.ref)
        seen.add(key)


def units_are_made_once(loaded: LoadedMapping) -> Iterator[Finding]:
    """MAP103: two entries make or keep the unit of one code."""
    first: dict[Key, Named] = {}
    for one in made(loaded):
        other = first.setdefault((one.effective, one.kind, one.ref.code), one)
        if other is not one:
            where = loaded.place(other.file, other.loc)
            yield _at(loaded, one, "MAP103", unit=one.ref, other=where)


def communes_of_districts_go_somewhere(loaded: LoadedMapping) -> Iterator[Finding]:
    """MAP104: a district lists a commune from which no entry takes. Read only where entries are."""
    known = {one.named.ref.code for one in taken(loaded) if one.named.kind == UnitKind.COMMUNE}
    for file in loaded.mapping.units:
        for index, district in enumerate(file.districts if known else ()):
            for number, code in enumerate(district.communes):
                if code not in known:
                    loc = ("districts", index, "communes", number)
                    yield finding(loaded, file, loc, "MAP104", code=code, district=district.unit)


def communes_belong_to_one_district(loaded: LoadedMapping) -> Iterator[Finding]:
    """MAP105: two districts list one commune, or one district lists it twice."""
    first: dict[tuple[date, str], str] = {}
    for file in loaded.mapping.units:
        for index, district in enumerate(file.districts):
            for number, code in enumerate(district.communes):
                other = first.get((file.effective, code))
                if other is not None:
                    loc = ("districts", index, "communes", number)
                    yield finding(loaded, file, loc, "MAP105", code=code, other=other)
                first.setdefault((file.effective, code), str(district.unit))


def codes_have_their_digits(loaded: LoadedMapping) -> Iterator[Finding]:
    """MAP106 (warning): a code is not of the statistics office's form: 2, 3 or 5 digits by kind."""
    for one in named(loaded):
        if not _well_formed(one.ref.code, one.kind):
            yield _at(loaded, one, "MAP106", code=one.ref.code, digits=_DIGITS[one.kind])
    for file in loaded.mapping.units:
        for index, district in enumerate(file.districts):
            for number, code in enumerate(district.communes):
                if not _well_formed(code, UnitKind.COMMUNE):
                    loc = ("districts", index, "communes", number)
                    yield finding(loaded, file, loc, "MAP106", code=code, digits=5)
        for index, change in enumerate(file.changes):
            for side, ref in (("from", change.from_), ("to", change.to)):
                if ref and not _well_formed(ref.code, change.kind):
                    fields = {"code": ref.code, "digits": _DIGITS[change.kind]}
                    yield finding(loaded, file, ("changes", index, side), "MAP106", **fields)


def divided_units_add_up(loaded: LoadedMapping) -> Iterator[Finding]:
    """MAP107, MAP108, MAP109: the land, the people or the shares of a unit do not add up to all of it."""
    for takers in _by_code(taken(loaded)).values():
        at, unit = takers[0].named, takers[0].named.ref
        land = [one.land for one in takers]
        if not ({Land.WHOLE, Land.UNSPECIFIED} & set(land) or land.count(Land.PART) > 1):
            yield _at(loaded, at, "MAP107", unit=unit)
        people = [one.people for one in takers]
        if not ({People.ALL, People.UNSPECIFIED} & set(people) or people.count(People.SOME) > 1):
            yield _at(loaded, at, "MAP108", unit=unit)
        shares = [one.share for one in takers if one.share is not None]
        if len(shares) == len(takers) and abs(sum(shares) - 1) > _ROUNDING:
            yield _at(loaded, at, "MAP109", unit=unit, sum=f"{sum(shares):.3f}")


def names_agree(loaded: LoadedMapping) -> Iterator[Finding]:
    """MAP110: one code bears two names on the same side of the same day."""
    first: dict[tuple[date, bool, UnitKind, str], Named] = {}
    for one in named(loaded):
        if not one.ref.name:
            continue
        other = first.setdefault((one.effective, one.after, one.kind, one.ref.code), one)
        if other.ref.name != one.ref.name:
            where = loaded.place(other.file, other.loc)
            yield _at(loaded, one, "MAP110", unit=one.ref, name=other.ref.name, other=where)


def _by_code(takers: Iterable[Taken]) -> dict[Key, list[Taken]]:
    found: dict[Key, list[Taken]] = defaultdict(list)
    for one in takers:
        found[one.named.effective, one.named.kind, one.named.ref.code].append(one)
    return found


def _exclude_each_other(one: Taken, other: Taken) -> bool:
    if (one.named.file.id, one.named.loc[:2]) == (other.named.file.id, other.named.loc[:2]):
        return False
    land, people = {one.land, other.land}, {one.people, other.people}
    return (Land.WHOLE in land and (one.land == other.land or Land.NONE not in land)) or (
        People.ALL in people and (one.people == other.people or People.NONE not in people)
    )


def _well_formed(code: str, kind: UnitKind) -> bool:
    return re.fullmatch(rf"[0-9]{{{_DIGITS[kind]}}}", code) is not None


def _at(loaded: LoadedMapping, one: Named, code: str, /, **fields: object) -> Finding:
    return finding(loaded, one.file, one.loc, code, **fields)
