"""Changes as files of units, none larger than a reader takes."""

from collections.abc import Iterator, Sequence

from merger.mapping.imported import Draft
from merger.mapping.models import Change, OpenPoint, UnitKind, UnitsFile
from merger.mapping.tables.columns import DIGITS

MAX_VALUES = 450_000
VALUES_OF_CHANGE = 1 + 2 * len(Change.model_fields)
MAX_CHARACTERS = 6_000_000


def drafts_of(
    id_: str, kind: UnitKind, changes: Sequence[Change], open_points: Sequence[OpenPoint] = ()
) -> Iterator[Draft]:
    """The changes in their order, as one file `id_`, or as `id_-01` and so on where one would be too large.

    Codes that all have the form of Viet Nam's codes are taken for those. The effective day is the last one.
    What is open stands in the first file.
    """
    if not changes:
        return
    refs = {ref.code for change in changes for ref in (change.from_, change.to) if ref}
    known = all(DIGITS[kind].fullmatch(code) for code in refs)
    effective = max(change.date for change in changes)
    parts = list(_parts(changes))
    width = max(2, len(str(len(parts))))
    for number, part in enumerate(parts, start=1):
        name = id_ if len(parts) == 1 else f"{id_}-{number:0{width}d}"
        yield Draft(
            UnitsFile.model_construct(
                schema_="merger/units/1",
                id=name,
                codes="vn" if known else "other",
                effective=effective,
                changes=tuple(part),
                open_=tuple(open_points) if number == 1 else (),
            )
        )


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
