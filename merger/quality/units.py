"""Whether the entries of units fit together: every commune taken once, made once, and altogether."""

from collections.abc import Iterator
from datetime import date

from merger.lineage.facts import goes_on
from merger.lineage.settle import ROUNDING
from merger.mapping.models import Land, People, Ref, UnitKind
from merger.quality.subject import Hit, Key, Named, Subject, Taken


def whole_units_are_named_once(subject: Subject) -> Iterator[Hit]:
    """A unit whose land or people go whole into one unit goes into another too."""
    for takers in subject.takers.values():
        for number, one in enumerate(takers):
            other = next((other for other in takers[:number] if _exclude_each_other(one, other)), None)
            if other:
                yield one.named.hit(unit=one.named.ref, into=other.into, other=subject.place_of(other.named))


def predecessors_are_named_once_in_an_entry(subject: Subject) -> Iterator[Hit]:
    """An entry takes from the same unit twice."""
    seen: set[tuple[object, str]] = set()
    for one in subject.taken:
        key = (one.entry, one.named.ref.code)
        if key in seen:
            yield one.named.hit(unit=one.named.ref)
        seen.add(key)


def units_are_made_once(subject: Subject) -> Iterator[Hit]:
    """Two entries make or keep the unit of one code."""
    first: dict[Key, Named] = {}
    for one in subject.made:
        other = first.setdefault((one.effective, one.kind, one.ref.code), one)
        if other is not one:
            yield one.hit(unit=one.ref, other=subject.place_of(other))


def communes_of_districts_go_somewhere(subject: Subject) -> Iterator[Hit]:
    """A district lists a commune from which no entry takes. Read only where entries are."""
    known = {code for kind, code in subject.successors if kind == UnitKind.COMMUNE}
    for one in subject.listed if known else ():
        if one.code not in known:
            yield one.hit(unit=subject.on_the_eve(one), district=one.district.unit)


def communes_belong_to_one_district(subject: Subject) -> Iterator[Hit]:
    """Two districts list one commune, or one district lists it twice."""
    for one in subject.listed:
        other = subject.homes[one.file.effective, one.code]
        if other is not one:
            yield one.hit(code=one.code, other=other.district.unit)


def land_adds_up(subject: Subject) -> Iterator[Hit]:
    """The land of a unit does not add up to all of it."""
    for takers in subject.takers.values():
        land = [one.land for one in takers]
        if not ({Land.WHOLE, Land.UNSPECIFIED} & set(land) or land.count(Land.PART) > 1):
            yield takers[0].named.hit(unit=takers[0].named.ref)


def people_add_up(subject: Subject) -> Iterator[Hit]:
    """The people of a unit do not add up to all of them."""
    for takers in subject.takers.values():
        people = [one.people for one in takers]
        if not ({People.ALL, People.UNSPECIFIED} & set(people) or people.count(People.SOME) > 1):
            yield takers[0].named.hit(unit=takers[0].named.ref)


def shares_add_up(subject: Subject) -> Iterator[Hit]:
    """The shares of a unit, where all are given, do not add up to 1."""
    for takers in subject.takers.values():
        shares = [one.share for one in takers if one.share is not None]
        if len(shares) == len(takers) > 1 and abs(sum(shares) - 1) > ROUNDING:
            yield takers[0].named.hit(unit=takers[0].named.ref, sum=f"{sum(shares):.3f}")


def taken_communes_are_listed(subject: Subject) -> Iterator[Hit]:
    """An entry takes a commune that no district lists, in a file that lists communes by district."""
    listing = {one.file.id for one in subject.listed}
    for one in subject.taken:
        named = one.named
        if named.kind != UnitKind.COMMUNE or named.file.id not in listing:
            continue
        if (named.effective, named.ref.code) not in subject.homes:
            yield named.hit(unit=named.ref)


def units_are_made_of_something(subject: Subject) -> Iterator[Hit]:
    """An entry forms a unit from nothing: no predecessor and no area."""
    for file in subject.mapping.units:
        if file.province and not file.province.from_:
            into = file.province.into
            yield Hit((file, ("province", "into")), into, {"unit": into})
        for index, entry in enumerate(file.communes):
            if entry.into and not entry.from_ and not entry.areas:
                yield Hit((file, ("communes", index, "into")), entry.into, {"unit": entry.into})


def every_edge_moves_something(subject: Subject) -> Iterator[Hit]:
    """Neither land nor people of a unit go where an entry or a change says.

    Of an entry into which nothing at all goes, closure says so.
    """
    filled = {one.entry for one in subject.taken if not _moves_nothing(one)}
    for one in subject.taken:
        if _moves_nothing(one) and one.entry in filled:
            yield one.named.hit(unit=one.named.ref, into=one.into)
    for named, change in subject.changed:
        if not named.after and change.to and change.land is Land.NONE and change.people is People.NONE:
            yield named.hit(unit=named.ref, into=change.to)


def shares_fit_extents(subject: Subject) -> Iterator[Hit]:
    """A share contradicts the extents beside it: all is less than 1, a part is 0 or 1."""
    told = [(one.named, one.land, one.people, one.share) for one in subject.taken]
    told += [(n, change.land, change.people, change.share) for n, change in subject.changed if not n.after]
    for named, land, people, share in told:
        entire = land is Land.WHOLE and people is People.ALL
        divided = Land.PART in (land,) or People.SOME in (people,)
        if share is not None and ((entire and share < 1) or (divided and share in (0, 1))):
            fields = {"unit": named.ref, "share": f"{share:g}", "land": land, "people": people}
            yield named.hit(**fields)


def extents_are_said(subject: Subject) -> Iterator[Hit]:
    """An entry leaves open how much of a unit's land or people it takes."""
    for one in subject.taken:
        if one.land is Land.UNSPECIFIED or one.people is People.UNSPECIFIED:
            yield one.named.hit(unit=one.named.ref, into=one.into)


def wholes_leave_nothing_open(subject: Subject) -> Iterator[Hit]:
    """A unit's land (or its people) go whole into one unit, and another takes of it how much nobody says."""
    groups: dict[tuple[object, ...], list[tuple[Named, Ref, Land, People]]] = {}
    for one in subject.taken:
        edge = (one.named, one.into, one.land, one.people)
        groups.setdefault((one.named.effective, one.named.kind, one.named.ref.code, None), []).append(edge)
    for named, change in subject.changed:
        if change.to and not named.after:
            land, people = change.land, change.people
            if goes_on(change) and land is Land.UNSPECIFIED and people is People.UNSPECIFIED:
                land, people = Land.WHOLE, People.ALL
            key = (named.effective, named.kind, named.ref.code, change.seq)
            groups.setdefault(key, []).append((named, change.to, land, people))
    for edges in groups.values():
        for named, into, _, _ in edges if len(edges) > 1 else ():
            others = [one for one in edges if one[1].code != into.code]
            alike = [one for one in edges if one[1].code == into.code]
            wholes = [
                other
                for _, other, of_land, of_people in others
                if (of_land is Land.WHOLE and all(one[2] is Land.UNSPECIFIED for one in alike))
                or (of_people is People.ALL and all(one[3] is People.UNSPECIFIED for one in alike))
            ]
            if wholes:
                yield named.hit(unit=named.ref, into=into, other=wholes[0], day=named.effective)


def lists_and_entries_say_the_same(subject: Subject) -> Iterator[Hit]:
    """A district's list sends a commune elsewhere than the entries do."""
    into: dict[tuple[date, str], set[str]] = {}
    for taken in subject.taken:
        if taken.named.kind == UnitKind.COMMUNE:
            into.setdefault((taken.named.effective, taken.named.ref.code), set()).add(taken.into.code)
    for one in subject.listed:
        said = set(one.district.goes.get(one.code, ()))
        entries = into.get((one.file.effective, one.code), set())
        if said and entries and said != entries:
            yield one.hit(code=one.code, listed=_codes(said), entries=_codes(entries))


def _moves_nothing(one: Taken) -> bool:
    return one.land is Land.NONE and one.people is People.NONE


def _codes(codes: set[str]) -> str:
    return ", ".join(sorted(codes))


def _exclude_each_other(one: Taken, other: Taken) -> bool:
    if one.entry == other.entry:
        return False
    land, people = {one.land, other.land}, {one.people, other.people}
    return (Land.WHOLE in land and (one.land == other.land or Land.NONE not in land)) or (
        People.ALL in people and (one.people == other.people or People.NONE not in people)
    )
