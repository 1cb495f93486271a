"""Where units go: what the entries of two sides state of each old unit, land and people apart."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Literal

from merger.codes import same_name
from merger.errors import Place
from merger.lineage import Successor
from merger.mapping import LoadedMapping
from merger.mapping.models import (
    Definitions,
    Land,
    LocalitiesFile,
    People,
    Ref,
    UnitKind,
    UnitsFile,
)
from merger.mapping.tree import Loc
from merger.quality.diff.model import Difference, Group, Said
from merger.quality.diff.view import Side, Told, UnitKey, View, Where, edges, made

Goals = Mapping[str, Successor]
"""The successors of a unit, by the code under which they are compared."""


def compare_edges(
    old: Iterable[Told], new: Iterable[Told], codes: Mapping[Side, Mapping[str, str]]
) -> Iterator[Difference]:
    """Units added, removed and recoded, and what is stated of where the others go."""
    then, now = list(old), list(new)
    yield from _recoded(now, codes)
    before, after = _by_old(then), _by_old(now)
    for key in sorted(before.keys() | after.keys()):
        if key not in before:
            one = after[key][0]
            yield _unit(key, one.old, one.where, "added", "before", _shown(after[key]))
        elif key not in after:
            one = before[key][0]
            yield _unit(key, one.old, one.where, "removed", "before", _shown(before[key]))
        else:
            yield from _stated(before[key], after[key])


def compare_made(old: LoadedMapping, view: View, new: LoadedMapping) -> Iterator[Difference]:
    """Units that entries of one side only form or keep."""
    before, after = made(old, view), made(new, View())
    for key in sorted(after.keys() - before.keys()):
        yield _unit(key, *after[key], "added", "after", "")
    for key in sorted(before.keys() - after.keys()):
        yield _unit(key, *before[key], "removed", "after", "")


def moved(
    unit: Ref,
    kind: UnitKind,
    until: Goals,
    now: Goals,
    place: Place,
    *,
    group: Group | None = None,
    last: date | None = None,
) -> Iterator[Difference]:
    """What two sets of successors of one unit say differently, land and people apart.

    `group` is the heading for all of it; left out, it follows from what differs. `last` is the unit's last
    day, where it must be said which of the units of this code is meant.
    """
    subject = f"{unit} ({last})" if last else str(unit)
    lands = [
        {code: one.extent for code, one in side.items() if one.extent is not Land.NONE}
        for side in (until, now)
    ]
    peoples = [
        {code: one.population for code, one in side.items() if one.population is not People.NONE}
        for side in (until, now)
    ]
    both = lands[0].keys() == peoples[0].keys() and lands[1].keys() == peoples[1].keys()

    def told(
        group: Group, aspect: str, until: tuple[Successor, ...], now: tuple[Successor, ...]
    ) -> Difference:
        return Difference(group, "changed", subject, aspect, until, now, place, code=unit.code, kind=kind)

    if both and lands[0].keys() != lands[1].keys():
        yield told(group or Group.ELSEWHERE, "both", tuple(until.values()), tuple(now.values()))
        return
    for aspect, (then, since), own in (("land", lands, Group.LAND), ("people", peoples, Group.PEOPLE)):
        if then != since:
            heading = own if then.keys() == since.keys() else Group.ELSEWHERE
            sides = tuple(until[code] for code in then), tuple(now[code] for code in since)
            yield told(group or heading, aspect, *sides)


def compare_names(old: LoadedMapping, view: View, new: LoadedMapping) -> Iterator[Difference]:
    """Units that bear another name, or the same one in another spelling; a unit that is kept comes twice,
    as a unit of the time before and of the time after."""
    then, now = _names(old, view), _names(new, View())
    for key, names in now.items():
        until = then.get(key)
        if until is None or until.keys() == names.keys():
            continue
        kind, _, _, code = key
        place = next(
            (where for name, where in names.items() if name not in until), next(iter(names.values()))
        )
        sides = " / ".join(sorted(filter(None, until))), " / ".join(sorted(filter(None, names)))
        same = all(same_name(one, other) for one in until for other in names)
        yield Difference(
            Group.RENAMED,
            "changed",
            f"{code} {sides[1]}".strip(),
            "spelling" if same else "name",
            *sides,
            place[0].place(place[1]),
            code=code,
            kind=kind,
        )


def goals(told: Iterable[Told]) -> dict[str, Successor]:
    """What is stated of one unit, as its successors, in the order of their codes."""
    return {
        one.new_key: Successor(one.new.code, one.new.name, one.land, one.people, one.share)
        for one in sorted(told, key=_content_key)
    }


def _stated(then: list[Told], now: list[Told]) -> Iterator[Difference]:
    if Counter(map(_content, then)) == Counter(map(_content, now)):
        return
    known = {_content(one) for one in then}
    one = next((one for one in now if _content(one) not in known), now[0])
    until, since = goals(then), goals(now)
    found = list(moved(one.old, one.kind, until, since, _place(one)))
    yield from found
    shares = [Counter((key, goal.share) for key, goal in side.items()) for side in (until, since)]
    if not found:
        group, aspect = (Group.SHARES, "share") if shares[0] != shares[1] else (Group.DETAILS, "stated")
        yield Difference(
            group,
            "changed",
            str(one.old),
            aspect,
            _shown(then),
            _shown(now),
            _place(one),
            code=one.old.code,
            kind=one.kind,
        )


def _content(one: Told) -> tuple[str, Land, People, float | None]:
    return (one.new_key, one.land, one.people, one.share)


def _content_key(one: Told) -> tuple[str, str]:
    return one.new_key, str(_content(one))


def _shown(told: Iterable[Told]) -> tuple[Successor, ...]:
    return tuple(
        Successor(one.new.code, one.new.name, one.land, one.people, one.share)
        for one in sorted(told, key=_content_key)
    )


def _by_old(told: Iterable[Told]) -> dict[UnitKey, list[Told]]:
    found: dict[UnitKey, list[Told]] = defaultdict(list)
    for one in told:
        found[one.kind, one.day, one.old_key].append(one)
    return found


def _recoded(now: list[Told], codes: Mapping[Side, Mapping[str, str]]) -> Iterator[Difference]:
    origin = {(side, new): old for side, own in codes.items() for old, new in own.items()}
    done = set()
    for one in now:
        for after, ref in ((False, one.old), (True, one.new)):
            key = ((one.kind, one.day, after), ref.code)
            if key in origin and key not in done:
                done.add(key)
                yield Difference(
                    Group.RECODED,
                    "changed",
                    str(ref),
                    "code",
                    origin[key],
                    ref.code,
                    _place(one),
                    code=ref.code,
                    kind=one.kind,
                )


def _unit(
    key: UnitKey, ref: Ref, where: Where, how: Literal["added", "removed"], aspect: str, said: Said
) -> Difference:
    gone = how == "removed"
    return Difference(
        Group.REMOVED if gone else Group.ADDED,
        how,
        str(ref),
        aspect,
        said if gone else "",
        "" if gone else said,
        where[0].place(where[1]),
        gone,
        code=ref.code,
        kind=key[0],
    )


def _place(one: Told) -> Place:
    document, loc = one.where
    return document.place(loc)


NameKey = tuple[UnitKind, date, bool, str]


def _names(loaded: LoadedMapping, view: View) -> dict[NameKey, dict[str, Where]]:
    """Every name that the files give to a unit of one time, and where it stands first."""
    found: dict[NameKey, dict[str, Where]] = defaultdict(dict)

    def see(kind: UnitKind, day: date, after: bool, ref: Ref, where: Where) -> None:
        code = view.code(kind, day, after, ref.code)
        found[kind, day, after, code].setdefault(ref.name, where)

    for one in edges(loaded, view):
        see(one.kind, one.day, False, one.old, one.where)
        see(one.kind, one.day, True, one.new, one.where)
    for document in loaded.documents:
        file: Definitions = document.value
        if isinstance(file, UnitsFile):
            for index, district in enumerate(file.districts):
                see(UnitKind.DISTRICT, view.day(file), False, district.unit, (document, ("districts", index)))
            for index, change in enumerate(file.changes):
                loc: Loc = ("changes", index)
                for after, ref in ((False, change.from_), (True, change.to)):
                    if ref is not None:
                        see(change.kind, change.date, after, ref, (document, loc))
        elif isinstance(file, LocalitiesFile):
            for index, locality in enumerate(file.localities):
                loc = ("localities", index)
                see(UnitKind.COMMUNE, view.day(file), False, locality.unit, (document, loc))
                see(UnitKind.COMMUNE, view.day(file), True, locality.into, (document, loc))
    return found
