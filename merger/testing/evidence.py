"""Made-up histories of units with evidence on their divisions, and a record that is asked about."""

from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any, TypeVar

from hypothesis import strategies as st

from merger.mapping.models import DecisionsFile, Definitions, LocalitiesFile, Mapping, PolygonsFile
from merger.testing.histories import CODES, ROUNDS, chained, lineages, steps, wild_lineages

NAMES = ("Thôn 1", "Thôn 2", "Thôn 3", "Thôn 4")
_WIDTH = 0.01
_PAIRS = [(unit, into) for unit in CODES for into in CODES]

D = TypeVar("D", bound=Definitions)


@dataclass(frozen=True)
class Known:
    """A mapping with decisions, localities and drawings; an address and a point (latitude, longitude)."""

    mapping: Mapping
    address: str
    point: tuple[float, float]


@st.composite
def known(draw: st.DrawFn) -> Known:
    """Any history, and evidence that is true, partial, contradictory, or of units that are none."""
    history = draw(wild_lineages() | lineages() | steps().map(chained))
    chance = draw(st.randoms(use_true_random=False))
    address = draw(st.sampled_from(["", "", "", *NAMES, "Thôn 1, Thôn 2", "Thôn 9"]))
    latitude = draw(st.sampled_from([12.005, 12.005, 12.005, 12.0001, 12.02]))
    quarters = draw(st.integers(-1, 4 * len(CODES)))
    return Known(_with_evidence(history, chance), address, (latitude, 108 + quarters * _WIDTH / 4))


def _with_evidence(history: Mapping, chance: Random) -> Mapping:
    localities: list[LocalitiesFile] = []
    polygons: list[PolygonsFile] = []
    decisions: list[DecisionsFile] = []
    for day in ROUNDS:
        for unit, into in chance.sample(_PAIRS, chance.choice([1, 12, 24])):
            names = chance.sample(NAMES, chance.randint(1, 2))
            entry = {"unit": unit, "into": into, "names": names}
            localities.append(
                _file(LocalitiesFile, "localities", len(localities), effective=day, localities=[entry])
            )
        for unit, into in chance.sample(_PAIRS, chance.choice([0, 1, 3])):
            number = len(decisions)
            entry = _decision(number, day) | {"unit": unit, "on": day, "into": into}
            decisions.append(_file(DecisionsFile, "decisions", number, units=[entry]))
        drawn = _drawn(chance.sample(CODES, chance.choice([1, 4, len(CODES)])), chance.choice([0, 0, 0.002]))
        polygons.append(_file(PolygonsFile, "polygons", len(polygons), effective=day, units=drawn))
    return history.model_copy(
        update={
            "localities": tuple(localities),
            "polygons": tuple(polygons),
            "decisions": tuple(decisions),
        }
    )


def _file(model: type[D], kind: str, number: int, **said: Any) -> D:
    return model.model_validate({"schema": f"merger/{kind}/1", "id": f"{kind}-{number}", **said})


def _decision(number: int, day: date) -> dict[str, Any]:
    return {"decision": f"d-{number}", "author": "A", "date": day, "reason": "because"}


def _drawn(codes: list[str], overlap: float) -> list[dict[str, Any]]:
    """Squares in a row from west to east."""
    return [
        {"unit": code, "geometry": {"type": "Polygon", "coordinates": [_square(at, overlap)]}}
        for at, code in enumerate(codes)
    ]


def _square(at: int, overlap: float) -> list[list[float]]:
    west, east = 108 + at * _WIDTH - overlap, 108 + (at + 1) * _WIDTH + overlap
    return [[west, 12.0], [east, 12.0], [east, 12.01], [west, 12.01], [west, 12.0]]
