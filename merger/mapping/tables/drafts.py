"""Changes as files of units, none larger than a reader takes."""

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial

from merger.codes.names import split_type
from merger.errors import Place
from merger.mapping.imported import Draft
from merger.mapping.models import Change, OpenPoint, UnitKind, UnitsFile
from merger.mapping.tables.columns import DIGITS
from merger.mapping.tree import Loc

Origin = Callable[[str], Place]
"""Where in what was read a key of a change stood; an empty key is the change itself."""

MAX_VALUES = 450_000
VALUES_OF_CHANGE = 1 + 2 * len(Change.model_fields)
MAX_CHARACTERS = 6_000_000


def drafts_of(
    id_: str,
    kind: UnitKind,
    changes: Sequence[Change],
    open_points: Sequence[OpenPoint] = (),
    origins: Sequence[Origin] = (),
) -> Iterator[Draft]:
    """The changes in their order, as one file `id_`, or as `id_-01` and so on where one would be too large.

    Codes that all have the form of Viet Nam's codes are taken for those, unless most of the names beside them
    do not begin with the word for a kind of unit, as Viet Nam's do. The effective day is the last one.
    What is open stands in the first file. `origins`: where each change stood.
    """
    if not changes:
        return
    codes, names = refs_of(changes)
    known = have_digits(codes, kind) and named_as_in_viet_nam(names)
    effective = max(change.date for change in changes)
    parts = list(_parts(changes))
    width = max(2, len(str(len(parts))))
    done = 0
    for number, part in enumerate(parts, start=1):
        own = origins[done : done + len(part)]
        done += len(part)
        name = id_ if len(parts) == 1 else f"{id_}-{number:0{width}d}"
        yield Draft(
            UnitsFile.model_construct(
                schema_="merger/units/1",
                id=name,
                codes="vn" if known else "other",
                effective=effective,
                changes=tuple(part),
                open_=tuple(open_points) if number == 1 else (),
            ),
            origin=partial(_place, own) if own else None,
        )


def refs_of(changes: Sequence[Change]) -> tuple[set[str], set[str]]:
    """The codes and the names of all units that changes name."""
    refs = [ref for change in changes for ref in (change.from_, change.to) if ref]
    return {ref.code for ref in refs}, {ref.name for ref in refs if ref.name}


def have_digits(codes: Collection[str], kind: UnitKind) -> bool:
    """Whether all codes have the form of those of Viet Nam's statistics office."""
    return all(DIGITS[kind].fullmatch(code) for code in codes)


def named_as_in_viet_nam(names: Collection[str]) -> bool:
    """Whether most names begin with the word for a kind of unit; so do none at all."""
    return 2 * sum(bool(split_type(name)[0]) for name in names) >= len(names)


def _place(origins: Sequence[Origin], loc: Loc) -> Place:
    """Where a change of a draft, or a key of it, stood; the first change for what is of the whole file."""
    number = loc[1] if loc[:1] == ("changes",) and len(loc) > 1 else 0
    assert isinstance(number, int)
    return origins[number](str(loc[2]) if len(loc) > 2 else "")


def _parts(changes: Sequence[Change]) -> Iterator[list[Change]]:
    part: list[Change] = []
    values = characters = 0
    for change in changes:
        more = VALUES_OF_CHANGE + 2 * len(change.notes)
        longer = 300 + sum(map(len, change.notes.values())) + len(change.source) + len(change.note)
        if part and (values + more > MAX_VALUES or characters + longer > MAX_CHARACTERS):
            yield part
            part, values, characters = [], 0, 0
        part.append(change)
        values += more
        characters += longer
    yield part
