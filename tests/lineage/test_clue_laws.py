"""Laws of evidence, for every history and whatever is known of its divisions."""

from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from merger.lineage import Lineage, Outcome, Request, Resolution, build
from merger.lineage.record import record_of
from merger.lineage.written import read, write
from merger.mapping.models import (
    DecisionsFile,
    Follows,
    LocalitiesFile,
    Mapping,
    PolygonsFile,
    UnitKind,
)
from merger.testing.histories import CODES, DAYS, ROUNDS, chained, lineages, steps, wild_lineages

quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
NAMES = ("Thôn 1", "Thôn 2", "Thôn 3", "Thôn 4")
WIDTH = 0.01


def square(at: int, overlap: float) -> dict[str, Any]:
    west, east = 108 + at * WIDTH - overlap, 108 + (at + 1) * WIDTH + overlap
    ring = [[west, 12.0], [east, 12.0], [east, 12.01], [west, 12.01], [west, 12.0]]
    return {"type": "Polygon", "coordinates": [ring]}


def known_of(history: Mapping, chance: Random) -> Mapping:
    """The history with evidence on its divisions: true, partial, contradictory, or of units that are none."""
    pairs = [(unit, into) for unit in CODES for into in CODES]
    localities, polygons, decisions = [], [], []
    for number, day in enumerate(ROUNDS):
        for unit, into in chance.sample(pairs, chance.choice([1, 12, 24])):
            names = chance.sample(NAMES, chance.randint(1, 2))
            localities.append((day, {"unit": unit, "into": into, "names": names}))
        units = chance.sample(CODES, chance.choice([1, 4, len(CODES)]))
        overlap = chance.choice([0.0, 0.0, 0.002])
        drawn = [{"unit": code, "geometry": square(at, overlap)} for at, code in enumerate(units)]
        polygons.append({"id": f"drawn-{number}", "effective": day, "units": drawn})
        for one, (unit, into) in enumerate(chance.sample(pairs, chance.choice([0, 1, 3]))):
            who = {"decision": f"d-{number}-{one}", "author": "A", "date": day, "reason": "because"}
            decisions.append(who | {"unit": unit, "on": day, "into": into})
    return history.model_copy(
        update={
            "localities": tuple(
                LocalitiesFile.model_validate(
                    {"schema": "merger/localities/1", "id": f"l-{at}", "effective": day, "localities": [one]}
                )
                for at, (day, one) in enumerate(localities)
            ),
            "polygons": tuple(
                PolygonsFile.model_validate({"schema": "merger/polygons/1"} | one) for one in polygons
            ),
            "decisions": tuple(
                DecisionsFile.model_validate(
                    {"schema": "merger/decisions/1", "id": f"d-{at}", "units": [one]}
                )
                for at, one in enumerate(decisions)
            ),
        }
    )


HISTORIES = st.builds(
    known_of, wild_lineages() | lineages() | steps().map(chained), st.randoms(use_true_random=False)
)
POINTS = st.tuples(
    st.sampled_from([12.005, 12.0001, 12.02]),
    st.sampled_from([107.995 + number * WIDTH / 2 for number in range(2 * len(CODES) + 2)]),
)
TEXTS = st.sampled_from(["", *NAMES, "Thôn 1, Thôn 2", "Thôn 9"])


def asked(**more: Any) -> list[Request]:
    days = [(at, to) for at in DAYS[:-1] for to in DAYS]
    follows = (None, *Follows)
    return [
        Request(code, UnitKind.COMMUNE, at, to, follow, **more)
        for code in CODES
        for at, to in days
        for follow in follows
    ]


def said(answer: Resolution) -> tuple[object, ...]:
    return answer.outcome, answer.reason, answer.successors, answer.decided_by


@quick
@given(HISTORIES, TEXTS, POINTS)
def test_evidence_chooses_one_of_those_that_are_possible_without_it(
    history: Mapping, text: str, point: tuple[float, float]
) -> None:
    plain = build(history.model_copy(update={"localities": (), "polygons": (), "decisions": ()}))
    lineage = build(history)
    for base, request in zip(asked(), asked(locality=text, point=point), strict=True):
        before, after = plain.resolve(base), lineage.resolve(request)
        if before.outcome is not Outcome.SPLIT:
            assert said(after) == said(before)
        elif after.outcome.decided:
            assert len(after.successors) == 1
            assert {one.code for one in after.successors} <= {one.code for one in before.successors}
            assert after.reason == f"by-{after.decided_by}" or after.reason == "same-unit"
            assert after.decided_by in ("decision", "locality", "point")
            assert after.decided_by not in after.against
        else:
            assert after.successors == before.successors


@quick
@given(HISTORIES, TEXTS, POINTS)
def test_weaker_evidence_never_changes_what_is_decided(
    history: Mapping, text: str, point: tuple[float, float]
) -> None:
    lineage = build(history)
    for base, placed, pointed in zip(
        asked(), asked(locality=text), asked(locality=text, point=point), strict=True
    ):
        for less, more in ((base, placed), (placed, pointed)):
            first, then = lineage.resolve(less), lineage.resolve(more)
            if first.outcome.decided:
                assert said(then) == said(first)
                assert set(first.evidence) <= set(then.evidence)


@quick
@given(HISTORIES, TEXTS, POINTS, st.randoms(use_true_random=False))
def test_the_order_of_files_and_what_was_asked_before_do_not_matter(
    history: Mapping, text: str, point: tuple[float, float], chance: Random
) -> None:
    kinds = ("units", "localities", "polygons", "decisions")
    mixed = {kind: tuple(chance.sample(files := getattr(history, kind), len(files))) for kind in kinds}
    lineage, other = build(history), build(history.model_copy(update=mixed))
    requests = asked(locality=text, point=point)
    for request in chance.sample(requests, len(requests)):
        other.resolve(request)
    assert [other.resolve(one) for one in requests] == [lineage.resolve(one) for one in requests]


@quick
@given(HISTORIES, POINTS)
def test_where_a_point_was_found_to_lie_decides_as_the_point_does(
    history: Mapping, point: tuple[float, float]
) -> None:
    lineage = build(history)
    for request in asked(point=point):
        located = lineage.areas.located(request.kind, request.code, point)
        there = Request(
            request.code, request.kind, request.at, request.to, request.follow, located=located or None
        )
        assert lineage.resolve(there) == lineage.resolve(request)


@quick
@given(HISTORIES, TEXTS, POINTS)
def test_a_record_read_back_decides_as_the_mapping_does(
    history: Mapping, text: str, point: tuple[float, float]
) -> None:
    kept = Lineage(read(write(record_of(history))))
    lineage = build(history)
    for request in asked(locality=text, point=point):
        assert kept.resolve(request) == lineage.resolve(request)
