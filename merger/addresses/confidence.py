"""How sure an answer is: fitted on made-up addresses whose unit is known. See docs/addresses.md.

`confidence.json` holds weights for each way in which an address names a unit, and a table from their sum to
the share of right answers, both for decided answers and for undecided ones.
`scripts/make_address_calibration` makes it.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from importlib import resources
from math import exp

Features = tuple[int, ...]
"""How an address names a unit, in small numbers: see `merger.addresses.readings.Reading` and `finding`."""

LEAST, MOST = 0.01, 0.9999


@dataclass(frozen=True, slots=True)
class Curve:
    """A sum of weights (one for each feature and value; unknown values weigh nothing) and a rising table."""

    bias: float
    weights: tuple[dict[int, float], ...]
    limits: tuple[float, ...]
    shares: tuple[float, ...]

    def of(self, features: Features) -> float:
        """The share of right answers among those with such features."""
        raw = self.raw(features)
        return self.shares[bisect_right(self.limits, raw)] if self.shares else raw

    def raw(self, features: Features) -> float:
        """The share that the weights alone say."""
        score = self.bias
        for value, weights in zip(features, self.weights, strict=False):
            score += weights.get(value, 0.0)
        return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, score))))


class Confidence:
    """Shares of right answers by features, for decided and for undecided answers."""

    def __init__(self, decided: Curve, undecided: Curve) -> None:
        self._curves = (undecided, decided)
        self._known: dict[tuple[Features, bool], float] = {}

    def of(self, features: Features, decided: bool) -> float:
        """How sure an answer is, from 0 to 1."""
        found = self._known.get((features, decided))
        if found is None:
            share = self._curves[decided].of(features)
            found = self._known[features, decided] = round(max(LEAST, min(MOST, share)), 4)
        return found


@cache
def confidence() -> Confidence:
    """The calibration that comes with the package."""
    text = resources.files("merger.addresses").joinpath("confidence.json").read_text("utf-8")
    told = json.loads(text)
    return Confidence(*(_curve(told[key]) for key in ("decided", "undecided")))


def _curve(told: dict[str, object]) -> Curve:
    weights = told["weights"]
    limits, shares, bias = told["limits"], told["shares"], told["bias"]
    assert isinstance(weights, list)
    assert isinstance(limits, list)
    assert isinstance(shares, list)
    assert isinstance(bias, float)
    return Curve(
        bias,
        tuple({int(value): float(weight) for value, weight in one.items()} for one in weights),
        tuple(map(float, limits)),
        tuple(map(float, shares)),
    )
