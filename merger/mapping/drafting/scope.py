"""Which provinces of the time before a resolution is about."""

from collections import Counter, defaultdict

from merger.errors import Finding
from merger.mapping.drafting.problems import note, warning
from merger.mapping.drafting.reading import Resolution
from merger.mapping.drafting.roster import Roster, key_of
from merger.mapping.drafting.statements import Named

DISTRICTS = frozenset({"huyện", "quận", "thị xã", "thành phố"})

FULL = 0.8
"""A province is the resolution's if at least this share of its communes' names occur there."""


def old_provinces(resolution: Resolution, before: Roster, findings: list[Finding]) -> tuple[str, ...]:
    """The codes of the provinces whose communes the resolution arranges, by the names that it holds.

    Where a list holds several provinces, those whose communes it names all but completely; else, for an
    extract of a resolution, those that its names need, which is a finding. Empty where the list names no
    provinces.
    """
    size = Counter(unit.province for unit in before.communes)
    known = sorted(code for code in size if code)
    if len(known) <= 1:
        return tuple(known)
    names = _names(resolution)
    where = {named: {unit.province for unit in before.named(*named)} for named in names}
    covered: dict[str, int] = defaultdict(int)
    said = {(kind, key_of(name)) for kind, name in names}
    districts = [f"{kind} {name}" for kind, name in names if kind in DISTRICTS]
    whole = {code for full in districts for code in before.district_codes(full)}
    for unit in before.communes:
        covered[unit.province] += (unit.kind, key_of(unit.name)) in said or unit.district in whole
    full = [code for code in known if covered[code] >= FULL * size[code]]
    extract = not full
    chosen = full or _needed(resolution, before, where)
    shown = ", ".join(f"{code} {before.provinces.get(code, '')}".strip() for code in chosen)
    said_in = warning if extract else note
    findings.append(said_in("RES051" if extract else "RES050", resolution.place, provinces=shown or "-"))
    return tuple(chosen)


def _needed(resolution: Resolution, before: Roster, where: dict[tuple[str, str], set[str]]) -> list[str]:
    """The province of the resolution's own name, then those that explain most of the names still open."""
    chosen = sorted(before.province_codes(resolution.act.owner)) if resolution.act.owner else []
    open_names = {named for named, found in where.items() if found and not found & set(chosen)}
    while open_names:
        counts = Counter(code for named in open_names for code in where[named] if code)
        if not counts:
            break
        best = min(counts, key=lambda code: (-counts[code], code))
        chosen.append(best)
        open_names = {named for named in open_names if best not in where[named]}
    return chosen


def _names(resolution: Resolution) -> set[tuple[str, str]]:
    units: list[Named] = [taking.unit for statement in resolution.statements for taking in statement.takings]
    return {(unit.kind, unit.name) for unit in units if unit.kind and unit.name}
