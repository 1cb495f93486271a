"""The draft checked against what the resolution states of itself, and against the list before."""

from collections import Counter

from merger.errors import Finding, Place
from merger.mapping.drafting.match import Matched
from merger.mapping.drafting.problems import error, warning
from merger.mapping.drafting.reading import Resolution
from merger.mapping.drafting.roster import Roster, key_of


def check(
    resolution: Resolution, units: Roster, matched: Matched, said: set[str], findings: list[Finding]
) -> None:
    """Counts as stated, every unit taken or kept, no new unit twice, kinds as announced."""
    _counts(resolution, findings)
    _targets(resolution, findings)
    if matched.edges:
        _all_said(resolution, units, said, findings)
    else:
        findings.append(error("RES034", resolution.place))


def _counts(resolution: Resolution, findings: list[Finding]) -> None:
    stated = resolution.counts
    if stated is None:
        findings.append(warning("RES031", resolution.place))
        return
    formed = Counter(one.target.kind for one in resolution.statements if one.target is not None)
    kept = Counter(taking.unit.kind for one in resolution.statements if one.kept for taking in one.takings)
    total = {"": stated.total} if stated.total is not None else {}
    _compare("RES030", total, formed + kept, stated.place, findings)
    _compare("RES035", stated.units, formed + kept, stated.place, findings)
    _compare("RES036", stated.formed, formed, stated.place, findings)
    _compare("RES037", stated.kept, kept, stated.place, findings)


def _compare(
    code: str, stated: dict[str, int], found: Counter[str], place: Place, findings: list[Finding]
) -> None:
    """Where kinds are stated, those that are not are stated as none."""
    if not stated:
        return
    if "" in stated:
        pairs = {"": (stated[""], found.total())}
    else:
        pairs = {kind: (stated.get(kind, 0), found[kind]) for kind in sorted(stated.keys() | found.keys())}
    for kind, (said, read) in pairs.items():
        if said != read:
            findings.append(error(code, place, kind=kind or "-", stated=said, read=read))


def _all_said(resolution: Resolution, units: Roster, said: set[str], findings: list[Finding]) -> None:
    place = resolution.counts.place if resolution.counts is not None else resolution.place
    for unit in units.communes:
        if unit.code not in said:
            where = units.districts.get(unit.district, unit.district) or "-"
            findings.append(error("RES028", place, unit=str(unit.ref), district=where))


def _targets(resolution: Resolution, findings: list[Finding]) -> None:
    first: dict[tuple[str, str], str] = {}
    for statement in resolution.statements:
        target = statement.target
        if target is None:
            continue
        if statement.declared and statement.declared != target.kind:
            fields = {"name": target.full, "declared": statement.declared}
            findings.append(error("RES032", target.place, **fields))
        other = first.setdefault((target.kind, key_of(target.name)), statement.clause)
        if other != statement.clause:
            findings.append(error("RES033", target.place, name=target.full, other=other))
