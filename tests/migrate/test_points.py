"""Rows of divided units are looked at for a point; decisions on units decide in every system."""
# ruff: noqa: E501 (geometries that read best with one a line)

from pathlib import Path

import pytest

from merger.migrate import api
from tests.migrate.conftest import Worlds
from tests.migrate.world import changed, dossier, fates, fill, planned, quiet, unsigned

POLYGONS = """\
schema: merger/polygons/1
id: polygons
effective: 2025-07-01
source: Survey 7/2025
units:
  - unit: 10004 Commune East
    geometry: {type: Polygon, coordinates: [[[108.1, 12.0], [108.2, 12.0], [108.2, 12.1], [108.1, 12.1], [108.1, 12.0]]]}
  - unit: 10005 Commune South
    geometry: {type: Polygon, coordinates: [[[108.0, 12.0], [108.1, 12.0], [108.1, 12.1], [108.0, 12.1], [108.0, 12.0]]]}
"""
DECISION = """\
schema: merger/decisions/1
id: decisions
units:
  - {decision: four-goes-south, author: Nguyễn Văn A, date: 2025-07-02, reason: by letter 7,
     unit: 10004 Old Four, on: 2025-07-01, into: 10005 Commune South}
"""
FOUR = {"commune": "10004", "agency": "Z02.30.20"}
CASES = {
    "east": ({"amount": 12.05, "note": "108.1512345"}, "10004"),
    "south": ({"amount": 12.05, "note": " 108.0498765 "}, "10005"),
    "near": ({"amount": 12.05, "note": "108.10001"}, "point-near-border"),
    "elsewhere": ({"amount": 12.05, "note": "108.9"}, "point-elsewhere"),
    "none": ({"amount": None, "note": "108.05"}, "divided"),
    "no-number": ({"amount": 12.05, "note": "108,05"}, "point-unreadable"),
    "no-place": ({"amount": 108.05, "note": "12.05"}, "divided"),
    "locality-says-so-too": ({"amount": 12.05, "note": "108.15", "address": "thôn 1"}, "10004"),
    "locality-says-otherwise": ({"amount": 12.05, "note": "108.15", "address": "thôn 10"}, "10005"),
}
"""Dossiers of a divided unit: latitude and longitude, and where each goes or why it is held."""


@pytest.fixture
def world(worlds: Worlds) -> Path:
    here = worlds.restore("empty")
    (here / "mapping" / "polygons.yaml").write_text(POLYGONS, "utf-8")
    point = "    locality: address\n    point: {lat: amount, lon: note}\n"
    changed(here / "source.yaml", "    locality: address\n", point)
    rows = [dossier(name, **FOUR, **fields) for name, (fields, _) in CASES.items()]
    fill(here / "one.db", "dossier", [*rows, dossier("whole", amount=12.05, note="108.15")])
    return here


def test_a_point_decides_rows_of_a_divided_unit_and_no_others(world: Path) -> None:
    found = fates(world, unsigned(world))
    for name, (_, expected) in CASES.items():
        fate, why, outcome = found[f"one/dossiers/d-{name}"]
        assert outcome is not None
        said = outcome.gives["place.code"] if fate == "move" else why
        assert said == expected, name
    outcome = found["one/dossiers/d-east"][2]
    assert outcome is not None
    assert outcome.decided_by.split(", ")[0] == "point"
    assert "Survey 7/2025" in outcome.evidence
    whole = found["one/dossiers/d-whole"]
    assert whole[2] is not None
    assert (whole[0], whole[2].gives["place.code"], whole[2].decided_by) == ("move", "10001", "")


def test_a_plan_says_where_a_point_contradicts_what_decided(world: Path) -> None:
    found = fates(world, unsigned(world))
    otherwise, same = (found[f"one/dossiers/d-locality-says-{how}"][2] for how in ("otherwise", "so-too"))
    assert otherwise is not None
    assert same is not None
    assert otherwise.decided_by.split(", ")[:2] == ["locality", "against point"]
    assert same.decided_by.split(", ")[0] == "locality"
    assert "against" not in same.decided_by


def test_a_plan_names_the_unit_of_a_point_and_never_the_point(world: Path) -> None:
    unsigned(world)
    text = (world / "plan.json").read_text("utf-8")
    assert "10004@2025-07-01" in text
    for number in ("12.05", "108.1512345", "108.0498765", "108.9", "108.10001"):
        assert number not in text


def test_what_a_point_decided_is_moved_and_verified(world: Path) -> None:
    planned(world)
    assert api.apply(world / "plan.json", 1, quiet).state == "done"
    assert api.verify(str(world / "plan.json"), False, False, quiet).state == "equal"


def test_a_decision_on_a_unit_decides_its_rows_in_every_system(world: Path) -> None:
    (world / "mapping" / "decisions.yaml").write_text(DECISION, "utf-8")
    fill(world / "two.db", "dossier", [dossier("two", **FOUR)])
    found = fates(world, unsigned(world))
    for key in ("one/dossiers/d-none", "one/dossiers/d-east", "two/dossiers/d-two"):
        fate, _, outcome = found[key]
        assert outcome is not None
        assert (fate, outcome.gives["place.code"]) == ("move", "10005")
        assert outcome.decided_by.startswith("decision")
        assert "decisions: four-goes-south (Nguyễn Văn A, 2025-07-02): by letter 7" in outcome.evidence
        if key != "one/dossiers/d-none" and key.startswith("one"):
            assert "against point" in outcome.decided_by
