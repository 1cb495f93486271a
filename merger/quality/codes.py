"""Whether units bear codes that can be theirs."""

from collections.abc import Iterable, Iterator

from merger.codes.unit import WIDTHS, check
from merger.codes.waiting import waits
from merger.mapping.models import UnitKind
from merger.quality.subject import Hit, Named, Subject


def codes_have_their_digits(subject: Subject) -> Iterator[Hit]:
    """A code is not of the statistics office's form: 2, 3 or 5 digits by kind."""
    for one in _all(subject):
        kind = one.kind.value
        if subject.in_scheme(one.file) and not waits(one.ref.code) and check(one.ref.code, kind):
            yield one.hit(code=one.ref.code, digits=WIDTHS[kind])
    for listed in subject.listed:
        if subject.in_scheme(listed.file) and not waits(listed.code) and check(listed.code, "commune"):
            yield listed.hit(code=listed.code, digits=WIDTHS["commune"])


def codes_are_assigned(subject: Subject) -> Iterator[Hit]:
    """A draft's place-holder stands where the code is still to be assigned."""
    for one in _all(subject):
        if waits(one.ref.code):
            yield one.hit(unit=one.ref)


def codes_used_again_are_linked(subject: Subject) -> Iterator[Hit]:
    """A unit bears the code of a unit of the day before of which no land and no people come to it."""
    before = {(one.named.effective, one.named.kind, one.named.ref.code): one.named for one in subject.taken}
    linked = {
        (one.named.effective, one.named.kind, one.named.ref.code, one.into.code) for one in subject.taken
    }
    for one in subject.made:
        old = before.get((one.effective, one.kind, one.ref.code))
        if old and (one.effective, one.kind, one.ref.code, one.ref.code) not in linked:
            yield one.hit(unit=one.ref, old=old.ref, other=subject.place_of(old))


def districts_belong_to_provinces_of_the_file(subject: Subject) -> Iterator[Hit]:
    """A district belonged to a province that is not among those that the file's province is made of."""
    for file in subject.mapping.units:
        known = {one.unit.code for one in file.province.from_} if file.province else set()
        for index, district in enumerate(file.districts):
            if known and district.province not in known:
                fields = {"district": district.unit, "province": district.province}
                yield Hit((file, ("districts", index, "province")), district.unit, fields)


def communes_come_from_provinces_of_the_file(subject: Subject) -> Iterator[Hit]:
    """An entry takes a commune of a province that is not among those that the file's province is made of."""
    known = {
        file.id: {one.unit.code for one in file.province.from_} if file.province else set()
        for file in subject.mapping.units
    }
    for one in subject.taken:
        home = subject.homes.get((one.named.effective, one.named.ref.code))
        if one.named.kind != UnitKind.COMMUNE or home is None or home.file.id == one.named.file.id:
            continue
        if known[one.named.file.id] and home.district.province not in known[one.named.file.id]:
            yield one.named.hit(unit=one.named.ref, province=home.district.province)


def _all(subject: Subject) -> Iterable[Named]:
    kept = {(one.file.id, one.loc) for one in subject.made}
    named = [one for one in subject.named if one.after or (one.file.id, one.loc) not in kept]
    return [*named, *(one for one, _ in subject.changed)]
