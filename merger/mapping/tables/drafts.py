"""Changes as files of units, none larger than a reader takes."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from merger.codes.names import split_type
from merger.mapping.imported import Draft
from merger.mapping.models import Change, UnitKind, UnitsFile
from merger.mapping.tables.columns import DIGITS

_VIETNAMESE = re.compile(
    r"(?:[^\w\u0300-\u036f]|[\da-zđ_]|[\u0300-\u0303\u0306\u0309\u031b\u0323])*", re.IGNORECASE
)
"""Any name whose letters, taken apart, are Latin ones with the accents of Vietnamese."""

MAX_VALUES = 450_000
VALUES_OF_CHANGE = 1 + 2 * len(Change.model_fields)
MAX_CHARACTERS = 6_000_000


def drafts_of(id_: str, kind: UnitKind, changes: Sequence[Change]) -> Iterator[Draft]:
    """The changes in their order, as one file `id_`, or as `id_-01` and so on where one would be too large.

    Codes that all have the form of Viet Nam's codes are taken for those, unless names show another country's
    list of as many digits. The effective day is the last one.
    """
    if not changes:
        return
    refs = {ref for change in changes for ref in (change.from_, change.to) if ref}
    known = all(DIGITS[kind].fullmatch(ref.code) for ref in refs) and not _foreign({ref.name for ref in refs})
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
            )
        )


def _foreign(names: set[str]) -> bool:
    """Whether a name holds a letter or accent that Vietnamese does not have, and none begins with a type."""
    odd = any(not _VIETNAMESE.fullmatch(unicodedata.normalize("NFD", name)) for name in names)
    return odd and not any(split_type(name)[0] for name in names)


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
