"""What a mapping holds, in figures."""

from dataclasses import dataclass

from merger.mapping.models import Land, Mapping, UnitsFile


@dataclass(frozen=True, slots=True)
class FileStats:
    """The communes of one file of units (as a rule, of one new province).

    `merged`: new communes made of several old ones or parts. `divided`: old communes that went into
    several. `unchanged`: new communes that go on as they were. `reused_codes`: codes of new communes
    that an old commune bore which did not go into that new one alone and whole.
    """

    file: str
    units_before: int
    units_after: int
    merged: int
    divided: int
    unchanged: int
    reused_codes: int


@dataclass(frozen=True, slots=True)
class Stats:
    """A whole mapping. `changes` are edges between communes; `chains` are earlier changes whose
    successor changed again."""

    files: tuple[FileStats, ...]
    changes: int
    chains: int
    agencies: int
    services: int
    rules: int
    decisions: int


def stats_of(mapping: Mapping) -> Stats:
    """The figures of a mapping."""
    edges = sum(len(entry.from_) for file in mapping.units for entry in file.communes)
    earlier = [change for file in mapping.units for change in file.changes]
    starts = {part.unit.code for file in mapping.units for entry in file.communes for part in entry.from_}
    starts |= {change.from_.code for change in earlier if change.from_ is not None}
    return Stats(
        files=tuple(_file(file) for file in mapping.units),
        changes=edges + len(earlier),
        chains=sum(1 for change in earlier if change.to is not None and change.to.code in starts),
        agencies=sum(len(file.before) + len(file.after) for file in mapping.agencies),
        services=sum(len(file.services) for file in mapping.services),
        rules=sum(len(file.rules) for file in mapping.competence),
        decisions=sum(len(file.decisions) + len(file.units) for file in mapping.decisions),
    )


def _file(file: UnitsFile) -> FileStats:
    made_into: dict[str, set[str]] = {}
    for entry in file.communes:
        for part in entry.from_:
            made_into.setdefault(part.unit.code, set()).add(entry.unit.code)
        if entry.keep is not None:
            made_into.setdefault(entry.unit.code, set()).add(entry.unit.code)
    same = {
        entry.unit.code
        for entry in file.communes
        if entry.keep is not None
        or [(part.unit.code, part.land) for part in entry.from_] == [(entry.unit.code, Land.WHOLE)]
    }
    new = {entry.unit.code for entry in file.communes}
    return FileStats(
        file=file.id,
        units_before=len(made_into),
        units_after=len(new),
        merged=sum(1 for entry in file.communes if len(entry.from_) > 1),
        divided=sum(1 for into in made_into.values() if len(into) > 1),
        unchanged=len(same),
        reused_codes=len((new & set(made_into)) - same),
    )
