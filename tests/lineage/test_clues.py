"""What decides a divided unit: a manual decision, a list of localities, a point, in this order."""

from datetime import date
from typing import Any

import pytest

from merger.lineage import Lineage, Outcome, Request, Resolution, build
from merger.mapping.models import (
    DecisionsFile,
    Definitions,
    Follows,
    LocalitiesFile,
    Mapping,
    PolygonsFile,
    UnitKind,
)
from merger.testing.histories import units_file

BEFORE, DAY, AFTER = date(2025, 6, 30), date(2025, 7, 1), date(2026, 7, 1)
DIVIDED = [
    {"into": "00001 Xã Một", "from": [{"unit": "00001 Xã Một", "land": "part", "people": "some"}]},
    {
        "into": "00002 Xã Hai",
        "from": ["00002 Xã Hai", {"unit": "00001 Xã Một", "land": "part", "people": "some"}],
    },
]
WEST = [[108.0, 12.0], [108.1, 12.0], [108.1, 12.1], [108.0, 12.1], [108.0, 12.0]]
EAST = [[108.1, 12.0], [108.2, 12.0], [108.2, 12.1], [108.1, 12.1], [108.1, 12.0]]
IN_WEST, IN_EAST, ELSEWHERE = (12.05, 108.05), (12.05, 108.15), (12.05, 108.25)


def localities(*lists: tuple[str, str, list[str]], day: date = DAY) -> LocalitiesFile:
    said = [{"unit": unit, "into": into, "names": names} for unit, into, names in lists]
    return LocalitiesFile.model_validate(
        {"schema": "merger/localities/1", "id": "places", "effective": day, "localities": said}
    )


def polygons(drawn: dict[str, Any], id_: str = "drawn", day: date = DAY, **more: Any) -> PolygonsFile:
    units = [
        {"unit": code, "geometry": {"type": "Polygon", "coordinates": [ring]}} for code, ring in drawn.items()
    ]
    head = {"schema": "merger/polygons/1", "id": id_, "effective": day, "source": "Survey 7/2025"}
    return PolygonsFile.model_validate(head | {"units": units} | more)


def decision(
    into: str, name: str = "all-north", author: str = "Nguyễn Văn A", on: date = DAY
) -> dict[str, Any]:
    reason = "The archive lies there."
    who = {"decision": name, "author": author, "date": date(2025, 7, 10), "reason": reason}
    return {**who, "unit": "00001 Xã Một", "on": on, "into": into}


def decisions(*units: dict[str, Any], id_: str = "decided") -> DecisionsFile:
    return DecisionsFile.model_validate({"schema": "merger/decisions/1", "id": id_, "units": units})


def lineage_of(*files: Definitions, entries: list[dict[str, Any]] = DIVIDED) -> Lineage:
    def of(kind: type[Definitions]) -> tuple[Any, ...]:
        return tuple(file for file in files if isinstance(file, kind))

    return build(
        Mapping(
            units=(units_file(DAY, entries),),
            localities=of(LocalitiesFile),
            decisions=of(DecisionsFile),
            polygons=of(PolygonsFile),
        )
    )


def ask(lineage: Lineage, code: str = "00001", at: date = BEFORE, to: date = DAY, **more: Any) -> Resolution:
    return lineage.resolve(Request(code, UnitKind.COMMUNE, at, to, **more))


def codes(resolution: Resolution) -> list[str]:
    return [successor.code for successor in resolution.successors]


DRAWN = polygons({"00001": WEST, "00002": EAST})
LISTED = localities(("00001", "00001", ["Thôn 1"]), ("00001", "00002", ["Thôn 2"]))


@pytest.mark.parametrize(("point", "code"), [(IN_WEST, "00001"), (IN_EAST, "00002")])
def test_a_point_decides_where_the_definitions_leave_a_choice(point: tuple[float, float], code: str) -> None:
    found = ask(lineage_of(DRAWN), point=point)
    assert (found.outcome, found.reason, codes(found)) == (Outcome.UNIQUE, "by-point", [code])
    assert (found.decided_by, found.against) == ("point", ())
    why = [one for one in found.evidence if "point" in one.change]
    assert [(one.date, one.change, one.source) for one in why] == [
        (DAY, f"00001 -> {code} [point]", "Survey 7/2025")
    ]
    assert "108" not in str(found.evidence)


def test_a_point_is_latitude_first_and_a_drawing_longitude_first() -> None:
    exchanged = ask(lineage_of(DRAWN), point=(IN_WEST[1] - 90, IN_WEST[0]))
    assert (exchanged.outcome, exchanged.reason) == (Outcome.SPLIT, "point-elsewhere")
    assert ask(lineage_of(DRAWN), point=IN_WEST).reason == "by-point"


def test_a_point_outside_all_candidates_decides_nothing() -> None:
    found = ask(lineage_of(DRAWN), point=ELSEWHERE)
    assert (found.outcome, found.reason, codes(found)) == (
        Outcome.SPLIT,
        "point-elsewhere",
        ["00001", "00002"],
    )


def test_where_only_one_candidate_is_drawn_nothing_is_concluded_from_lying_outside_of_it() -> None:
    lineage = lineage_of(polygons({"00001": WEST}))
    assert ask(lineage, point=IN_WEST).reason == "by-point"
    assert ask(lineage, point=IN_EAST).reason == "point-elsewhere"


DEGREE = 108_870.0
"""Metres for a degree of longitude at 12.05 degrees north, rounded down."""


@pytest.mark.parametrize("margin", [0, 20, 500])
def test_within_the_margin_of_a_border_a_point_decides_nothing(margin: float) -> None:
    lineage = lineage_of(polygons({"00001": WEST, "00002": EAST}, margin=margin))
    for side in (-1, 1):
        near, far = (108.1 + side * (margin + more) / DEGREE for more in (-1, 2))
        if margin:
            assert ask(lineage, point=(12.05, near)).reason == "point-near-border"
        assert ask(lineage, point=(12.05, far)).reason == "by-point"
    assert ask(lineage, point=(12.05, 108.1)).reason == "point-near-border"


def test_the_margin_is_twenty_metres_where_the_file_states_none() -> None:
    lineage = lineage_of(DRAWN)
    assert ask(lineage, point=(12.05, 108.1 - 19 / DEGREE)).reason == "point-near-border"
    assert ask(lineage, point=(12.05, 108.1 - 21 / DEGREE)).reason == "by-point"


def test_a_point_in_a_hole_is_outside() -> None:
    hole = [[108.04, 12.04], [108.06, 12.04], [108.06, 12.06], [108.04, 12.06], [108.04, 12.04]]
    geometry = {"type": "MultiPolygon", "coordinates": [[WEST, hole]]}
    file = polygons({}, units=[{"unit": "00001", "geometry": geometry}])
    assert ask(lineage_of(file), point=(12.05, 108.05)).reason == "point-elsewhere"
    assert ask(lineage_of(file), point=(12.05, 108.02)).reason == "by-point"


def test_where_two_drawings_overlap_or_differ_a_point_decides_nothing() -> None:
    overlapping = polygons({"00002": WEST, "00001": WEST})
    assert ask(lineage_of(overlapping), point=IN_WEST).reason == "point-near-border"
    other = polygons({"00001": EAST}, id_="other")
    assert ask(lineage_of(polygons({"00001": WEST}), other), point=IN_WEST).reason == "point-near-border"


def test_a_drawing_holds_for_the_life_of_its_unit_and_for_no_other_unit_of_that_code() -> None:
    later = polygons({"00001": WEST, "00002": EAST}, day=date(2030, 1, 1))
    assert ask(lineage_of(later), point=IN_WEST).reason == "by-point"
    before = polygons({"00001": WEST, "00002": EAST}, day=BEFORE)
    assert ask(lineage_of(before), point=IN_WEST).reason == "divided"


def test_a_point_changes_nothing_where_the_definitions_decide() -> None:
    lineage = lineage_of(DRAWN)
    for code in ("00002", "00009"):
        assert ask(lineage, code, point=IN_WEST) == ask(lineage, code)
    assert ask(lineage, point=IN_WEST, at=AFTER, to=BEFORE) == ask(lineage, at=AFTER, to=BEFORE)


def test_a_manual_decision_decides_and_the_evidence_says_who_when_why_and_where() -> None:
    found = ask(lineage_of(decisions(decision("00002"))))
    assert (found.reason, codes(found), found.decided_by) == ("by-decision", ["00002"], "decision")
    assert [(one.change, one.source) for one in found.evidence if "decision" in one.change] == [
        (
            "00001 -> 00002 [decision]",
            "decided: all-north (Nguyễn Văn A, 2025-07-10): The archive lies there.",
        )
    ]


def test_two_decisions_that_differ_leave_the_unit_undecided_whatever_else_is_known() -> None:
    differ = decisions(decision("00002"), decision("00001", name="all-south", author="Trần Thị B"))
    found = ask(lineage_of(differ, LISTED, DRAWN), locality="Thôn 1", point=IN_WEST)
    assert (found.outcome, found.reason) == (Outcome.SPLIT, "decisions-differ")
    agree = decisions(decision("00002"), decision("00002", name="again", author="Trần Thị B"))
    again = ask(lineage_of(agree))
    assert again.reason == "by-decision"
    assert len([one for one in again.evidence if "decision" in one.change]) == 2


def test_a_decision_into_a_unit_that_took_nothing_or_on_another_day_decides_nothing() -> None:
    assert ask(lineage_of(decisions(decision("00003")))).reason == "divided"
    assert ask(lineage_of(decisions(decision("00002", on=AFTER)))).reason == "divided"


def test_a_decision_on_where_the_land_went_says_nothing_of_the_people() -> None:
    entries = [
        {"into": "00001", "from": [{"unit": "00001", "land": "part", "people": "some"}]},
        {"into": "00002", "from": ["00002", {"unit": "00001", "land": "part", "people": "none"}]},
        {"into": "00003", "from": ["00003", {"unit": "00001", "land": "part", "people": "some"}]},
    ]
    lineage = lineage_of(decisions(decision("00002")), entries=entries)
    assert ask(lineage, follow=Follows.LAND).reason == "by-decision"
    assert ask(lineage, follow=Follows.PEOPLE).outcome is Outcome.SPLIT


def test_the_stronger_evidence_decides_and_the_answer_says_what_was_not_followed() -> None:
    everything = lineage_of(decisions(decision("00002")), LISTED, DRAWN)
    found = ask(everything, locality="Thôn 1", point=IN_WEST)
    assert (found.reason, codes(found), found.against) == ("by-decision", ["00002"], ("locality", "point"))
    changes = [one.change for one in found.evidence]
    assert "00001 -> 00001 [locality, not-followed]" in changes
    assert "00001 -> 00001 [point, not-followed]" in changes
    found = ask(lineage_of(LISTED, DRAWN), locality="Thôn 1", point=IN_EAST)
    assert (found.reason, codes(found), found.against) == ("by-locality", ["00001"], ("point",))
    assert ask(lineage_of(LISTED, DRAWN), locality="Thôn 1", point=IN_WEST).against == ()


def test_what_a_stronger_clue_leaves_open_a_weaker_one_decides() -> None:
    found = ask(lineage_of(LISTED, DRAWN), locality="Thôn 9", point=IN_EAST)
    assert (found.reason, codes(found)) == ("by-point", ["00002"])
    neither = ask(lineage_of(LISTED, DRAWN), locality="Thôn 9", point=ELSEWHERE)
    assert (neither.outcome, neither.reason) == (Outcome.SPLIT, "point-elsewhere")


def test_an_answer_on_a_long_way_is_named_after_the_weakest_evidence_that_it_needs() -> None:
    first = units_file(DAY, DIVIDED)
    second = units_file(
        AFTER,
        [
            {"into": "00003", "from": [{"unit": "00002", "land": "part", "people": "some"}]},
            {"into": "00004", "from": [{"unit": "00002", "land": "part", "people": "some"}]},
        ],
    )
    drawn = polygons({"00003": WEST, "00004": EAST}, day=AFTER)
    decided = decisions(decision("00002"))
    lineage = build(Mapping(units=(first, second), decisions=(decided,), polygons=(drawn,)))
    found = ask(lineage, to=date(2027, 1, 1), point=IN_EAST)
    assert (found.reason, codes(found)) == ("by-point", ["00004"])
    assert {one.change for one in found.evidence} >= {"00001 -> 00002 [decision]", "00002 -> 00004 [point]"}
    assert ask(lineage, to=date(2027, 1, 1)).outcome is Outcome.SPLIT


@pytest.mark.parametrize("latitude", [-63.0, -12.0, 0.0, 47.0, 70.0])
def test_distances_are_never_measured_too_long_at_any_latitude(latitude: float) -> None:
    import math

    from merger.lineage.points import Area, Drawn

    south, north = latitude - 0.75, latitude + 0.75
    ring = [[10.0, south], [12.0, south], [12.0, north], [10.0, north], [10.0, south]]
    text = str({"type": "Polygon", "coordinates": [ring]}).replace("'", '"')
    area = Area(Drawn(DAY, 100.0, "", text))
    for at in (south + 0.01, latitude, north - 0.01):
        # radius of the parallel on the ellipsoid, by its definition
        flattening = 1 / 298.257223563
        excess = flattening * (2 - flattening)
        phi = math.radians(at)
        radius = 6378137.0 * math.cos(phi) / math.sqrt(1 - excess * math.sin(phi) ** 2)
        degree = math.radians(radius)
        assert area.holds(at, 10.0 + 99.9 / degree) is None
        assert area.holds(at, 10.0 + 115.0 / degree) is True
        assert area.holds(at, 10.0 - 115.0 / degree) is False
