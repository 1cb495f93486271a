"""Whether units are called by one name, of a type that they can be, and not by each other's."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache, lru_cache

from merger.codes.names import TYPES, same_name, split_type
from merger.mapping.models import UnitKind
from merger.quality.subject import Hit, Named, Subject

_TYPES = {
    UnitKind.PROVINCE: ("tỉnh", "thành phố"),
    UnitKind.DISTRICT: ("quận", "huyện", "thị xã", "thành phố"),
    UnitKind.COMMUNE: ("xã", "phường", "thị trấn", "đặc khu"),
}


def names_agree(subject: Subject) -> Iterator[Hit]:
    """One code bears two names on the same side of the same day."""
    first: dict[tuple[date, bool, UnitKind, str], Named] = {}
    for one in subject.named:
        if not one.ref.name:
            continue
        other = first.setdefault((one.effective, one.after, one.kind, one.ref.code), one)
        if other.ref.name != one.ref.name:
            yield one.hit(unit=one.ref, name=other.ref.name, other=subject.place_of(other))


def names_change_by_changes(subject: Subject) -> Iterator[Hit]:
    """A unit is called otherwise than after its last change, though nothing renamed it in between."""
    seen: dict[tuple[UnitKind, str], list[Named]] = defaultdict(list)
    for one in (*subject.named, *(named for named, _ in subject.changed)):
        if one.ref.name:
            seen[one.kind, one.ref.code].append(one)
    for units in seen.values():
        after: Named | None = None
        for one in sorted(units, key=lambda one: (one.effective, one.after)):
            if one.after:
                after = one
            elif after and after.effective < one.effective and not same_name(after.ref.name, one.ref.name):
                yield one.hit(unit=one.ref, name=after.ref.name, other=subject.place_of(after))


def types_fit_kinds(subject: Subject) -> Iterator[Hit]:
    """The type word of a name is not one of its kind of unit: `Huyện` in a commune's."""
    for one in _first_of_each(subject):
        word = split_type(one.ref.name)[0]
        if word and word not in _folded(one.kind):
            yield one.hit(unit=one.ref, word=word, words=", ".join(_TYPES[one.kind]))


def names_have_types(subject: Subject) -> Iterator[Hit]:
    """A name begins with no type word, so that nobody knows whether a commune or a ward is meant."""
    for one in _first_of_each(subject):
        if one.ref.name and not split_type(one.ref.name)[0]:
            yield one.hit(unit=one.ref, words=", ".join(_TYPES[one.kind]))


def names_are_borne_once(subject: Subject) -> Iterator[Hit]:
    """Two units of one district (one new province) bear one name."""
    for one, other in _neighbours(subject):
        if split_type(one.ref.name) == split_type(other.ref.name):
            yield one.hit(unit=one.ref, other=other.ref, place=subject.place_of(other))


def names_are_not_nearly_the_same(subject: Subject) -> Iterator[Hit]:
    """The names of two units of one district (one new province) differ by marks or spaces only."""
    for one, other in _neighbours(subject):
        if split_type(one.ref.name) != split_type(other.ref.name):
            yield one.hit(unit=one.ref, other=other.ref, place=subject.place_of(other))


def _neighbours(subject: Subject) -> Iterator[tuple[Named, Named]]:
    """Pairs of units of one parent whose names are the same letters, marks and spaces left out."""
    groups: dict[tuple[object, ...], dict[str, Named]] = defaultdict(dict)
    for one in subject.made:
        if one.kind == UnitKind.COMMUNE:
            groups["after", one.file.id, _letters(one.ref.name)].setdefault(one.ref.code, one)
    for named in (one.named for one in subject.taken):
        home = subject.homes.get((named.effective, named.ref.code))
        if home and named.kind == UnitKind.COMMUNE:
            group = groups["before", home.district.unit.code, _letters(named.ref.name)]
            group.setdefault(named.ref.code, named)
    for key, units in groups.items():
        first, *others = units.values()
        for one in others if key[-1] else ():
            yield one, first


@lru_cache(maxsize=2**15)  # asked twice of every name, by two rules
def _letters(name: str) -> str:
    apart = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    return "".join(letter for letter in apart if letter.isalnum())


def _first_of_each(subject: Subject) -> Iterable[Named]:
    """Each name of each unit once, where its codes are Viet Nam's."""
    first: dict[tuple[str, UnitKind, str, str], Named] = {}
    for one in (*subject.named, *(named for named, _ in subject.changed)):
        if subject.in_scheme(one.file):
            first.setdefault((one.file.id, one.kind, one.ref.code, one.ref.name), one)
    return first.values()


@cache
def _folded(kind: UnitKind) -> set[str]:
    return {split_type(f"{TYPES[word]} A")[0] for word in _TYPES[kind]}
