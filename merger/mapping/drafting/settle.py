"""How much each clause takes of a unit, once all clauses that take of it are known."""

from collections.abc import Sequence

from merger.errors import Finding
from merger.mapping.drafting.match import Edge, Matched, edges_by_unit
from merger.mapping.drafting.problems import error, warning
from merger.mapping.drafting.roster import Unit
from merger.mapping.drafting.statements import Much
from merger.mapping.models import Land, People, Predecessor

Settled = dict[tuple[int, str], Predecessor]
"""What each edge stands for, by the index of its statement and the code of its unit."""

_LAND = {Much.WHOLE: Land.WHOLE, Much.PART: Land.PART, Much.NONE: Land.NONE, Much.UNSAID: Land.UNSPECIFIED}
_PEOPLE = {
    Much.WHOLE: People.ALL,
    Much.PART: People.SOME,
    Much.NONE: People.NONE,
    Much.UNSAID: People.UNSPECIFIED,
}


def settle(matched: Matched, findings: list[Finding]) -> tuple[Settled, set[str]]:
    """The predecessor that each edge stands for; that of a unit kept is the unit itself, whole.

    Second, the codes of all units of which something is said. A unit that is whole in one place and named in
    another gets no predecessor: one of the places is read wrongly or wrong itself.
    """
    settled: Settled = {}
    said: set[str] = set()
    for unit, edges in edges_by_unit(matched.edges):
        said.add(unit.code)
        if _twice(edges):
            clauses = ", ".join(dict.fromkeys(edge.statement.clause for edge in edges))
            place = edges[-1].taking.unit.place
            findings.append(error("RES021", place, unit=str(unit.ref), clauses=clauses))
            continue
        referred = _referred(unit, edges, findings)
        amounts = _amounts(unit, referred, findings) if referred else []
        for edge, (land, people) in zip(referred, amounts, strict=True):
            settled[edge.index, unit.code] = Predecessor(
                unit=unit.ref, land=_LAND[land], people=_PEOPLE[people], words=edge.taking.words
            )
    return settled, said


def _twice(edges: Sequence[Edge]) -> bool:
    whole = [edge for edge in edges if edge.taking.land is Much.WHOLE and not edge.taking.resumed]
    statements = {edge.index for edge in edges}
    return len(edges) > 1 and (bool(whole) or len(statements) < len(edges))


def _amounts(unit: Unit, edges: Sequence[Edge], findings: list[Finding]) -> list[tuple[Much, Much]]:
    takings = [edge.taking for edge in edges]
    last = takings[-1].unit.place
    ref = str(unit.ref)
    if any(Much.UNSAID in (one.land, one.people) for one in takings) or (
        len(takings) > 1 and any(one.land is Much.WHOLE for one in takings)
    ):
        findings.append(error("RES023", last, unit=ref))
        return [(Much.UNSAID, Much.UNSAID)] * len(takings)
    for one in takings:
        if one.resumed:
            findings.append(warning("RES025", one.unit.place, unit=ref))
    if any(one.clauses and set(one.clauses) - {edge.statement.clause for edge in edges} for one in takings):
        return [(Much.UNSAID, Much.UNSAID)] * len(takings)
    land = _shares([one.land for one in takings])
    people = _shares([one.people for one in takings])
    rests = sum(Much.REST in (one.land, one.people) for one in takings)
    if len(takings) == 1 and land[0] is Much.PART:
        findings.append(error("RES022", last, unit=ref))
        return [(Much.UNSAID, Much.UNSAID)]
    if rests == 1 and len(takings) == 1 and not takings[0].goes_on:
        findings.append(warning("RES026", last, unit=ref))
    if rests > 1 or _nowhere(land) or _nowhere(people):
        findings.append(error("RES023", last, unit=ref))
        return [(Much.UNSAID, Much.UNSAID)] * len(takings)
    if rests == 0 and len(takings) > 1:
        findings.append(warning("RES027", last, unit=ref))
    return list(zip(land, people, strict=True))


def _shares(said: list[Much]) -> list[Much]:
    """What each takes, the remainder reckoned: all if the others take nothing, nothing if one takes all."""
    others = [one for one in said if one is not Much.REST]
    if Much.WHOLE in others:
        rest = Much.NONE
    elif Much.PART in others:
        rest = Much.PART
    else:
        rest = Much.WHOLE
    return [rest if one is Much.REST else one for one in said]


def _nowhere(much: list[Much]) -> bool:
    """Whether some of the land, or of the people, is left over or taken twice."""
    whole = much.count(Much.WHOLE)
    if whole:
        return whole > 1 or Much.PART in much
    return much.count(Much.PART) < 2


def _referred(unit: Unit, edges: list[Edge], findings: list[Finding]) -> list[Edge]:
    """The edges without those that do not fit the unit's remainder: there another unit may be meant.

    A remainder must name exactly the clauses that take parts of the unit before it, and there is one of it
    only.
    """
    rests = [edge for edge in edges if edge.taking.clauses]
    dropped: list[Edge] = []
    for rest in rests:
        said = set(rest.taking.clauses)
        others = [edge for edge in edges if edge is not rest]
        found = {edge.statement.clause for edge in others}
        if said == found:
            continue
        fields = {"unit": str(unit.ref), "said": _listed(said), "found": _listed(found)}
        findings.append(error("RES024", rest.taking.unit.place, **fields))
        if said & found and len(rests) == 1:
            dropped += [edge for edge in others if edge.statement.clause not in said]
        else:
            dropped.append(rest)
    return [edge for edge in edges if edge not in dropped]


def _listed(clauses: set[str]) -> str:
    return ", ".join(sorted(clauses, key=lambda one: (len(one), one))) or "-"
