"""The communes of a file of units, counted by what happened to them."""

from dataclasses import dataclass

from merger.mapping.models import Land, People, UnitsFile


@dataclass(frozen=True, slots=True)
class Communes:
    """Communes of one file of units: how many there were and are, and what happened to them.

    Old ones: `kept` without change, `whole` into one other or new unit, `divided`, of these `together` with
    all people in one place, `open` with an extent that is not stated. New ones: `merged` of several,
    `reused`: under a code that another territory bore.
    """

    before: int = 0
    after: int = 0
    kept: int = 0
    whole: int = 0
    divided: int = 0
    together: int = 0
    open: int = 0
    merged: int = 0
    reused: int = 0

    def __add__(self, other: "Communes") -> "Communes":
        return Communes(*(getattr(self, name) + getattr(other, name) for name in Communes.__slots__))


def communes_of(file: UnitsFile) -> Communes:
    """The counts of one file of units."""
    into: dict[str, set[str]] = {}
    together: set[str] = set()
    open_: set[str] = set()
    for entry in file.communes:
        if entry.keep:
            into.setdefault(entry.keep.code, set()).add(entry.keep.code)
        for part in entry.from_:
            into.setdefault(part.unit.code, set()).add(entry.unit.code)
            if part.people is People.ALL:
                together.add(part.unit.code)
            if part.people is People.UNSPECIFIED or part.land is Land.UNSPECIFIED:
                open_.add(part.unit.code)
    kept = {entry.keep.code for entry in file.communes if entry.keep}
    divided = {code for code, goals in into.items() if len(goals) > 1}
    same = kept | {
        entry.unit.code
        for entry in file.communes
        if [(part.unit.code, part.land) for part in entry.from_] == [(entry.unit.code, Land.WHOLE)]
    }
    new = {entry.unit.code for entry in file.communes}
    return Communes(
        before=len(into),
        after=len(new),
        kept=len(kept),
        whole=len(into) - len(kept) - len(divided - kept),
        divided=len(divided),
        together=len(divided & together),
        open=len(open_),
        merged=sum(1 for entry in file.communes if len(entry.from_) > 1),
        reused=len((new & into.keys()) - same),
    )
