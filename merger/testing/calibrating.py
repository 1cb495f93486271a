"""The confidence of addresses fitted on made-up ones, and how well it fits others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from math import exp
from random import Random
from typing import Any

from merger.addresses import AddressAnswer, Addresses, Confidence, Curve
from merger.addresses.confidence import Features
from merger.lineage import Lineage
from merger.testing.addresses import FIT, Mix, Sample, samples

ROUNDS = 25
RIDGE = 1.0
"""Weights are drawn towards 0, so that what is seldom seen says little."""
LEAST_IN_A_STEP = 150
"""So many answers stand behind each step of the table."""

Seen = dict[Features, list[int]]
"""By features: how many answers there were, and how many of them were right."""


class _Watched(Confidence):
    """Remembers by which features an answer was judged."""

    def __init__(self) -> None:
        super().__init__(Curve(0.0, (), (), ()), Curve(0.0, (), (), ()))
        self.last: tuple[Features, bool] | None = None

    def of(self, features: Features, decided: bool) -> float:
        self.last = (features, decided)
        return 1.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """Curves for decided and undecided answers, and on how many of each they rest."""

    decided: Curve
    undecided: Curve
    counts: tuple[int, int]

    def told(self) -> dict[str, Any]:
        """As `merger/addresses/confidence.json` says it."""
        return {"decided": _told(self.decided), "undecided": _told(self.undecided)}


def calibrate(lineage: Lineage, to: date, seed: int, count: int, mix: Mix = FIT) -> Calibration:
    """Fits the confidence on `count` made-up addresses. The same seed gives the same curves."""
    watched = _Watched()
    addresses = Addresses(lineage, at_least=0.0, table=watched)
    seen: tuple[Seen, Seen] = ({}, {})
    for sample in islice(samples(lineage, to, Random(seed), mix), count):
        watched.last = None
        answer = addresses.find(sample.text, to=to, at=sample.at)
        if watched.last is not None:
            features, decided = watched.last
            tally = seen[decided].setdefault(features, [0, 0])
            tally[0] += 1
            tally[1] += is_right(sample, answer)
    curves = [fit(one) for one in seen]
    counts = tuple(sum(tally[0] for tally in one.values()) for one in seen)
    return Calibration(curves[1], curves[0], (counts[1], counts[0]))


def is_right(sample: Sample, answer: AddressAnswer) -> bool:
    """Whether all units in which a made-up address may lie are among those of the answer."""
    return sample.right([one.code for one in answer.successors])


def fit(seen: Seen) -> Curve:
    """Weights by logistic regression, then a rising table by pooling neighbours."""
    width = max((len(features) for features in seen), default=0)
    columns: dict[tuple[int, int], int] = {}
    for features in sorted(seen):
        for at, value in enumerate(features):
            columns.setdefault((at, value), len(columns) + 1)
    rows = [
        ([0, *(columns[at, value] for at, value in enumerate(features))], tally)
        for features, tally in sorted(seen.items())
    ]
    weights = [0.0] * (len(columns) + 1)
    for _ in range(ROUNDS):
        step = _newton(rows, weights)
        weights = [weight + change for weight, change in zip(weights, step, strict=True)]
        if max(map(abs, step)) < 1e-6:
            break
    kinds: list[dict[int, float]] = [{} for _ in range(width)]
    for (at, value), column in columns.items():
        kinds[at][value] = round(weights[column], 4)
    plain = Curve(round(weights[0], 4), tuple(kinds), (), ())
    limits, shares = _pooled([(plain.raw(features), tally[0], tally[1]) for features, tally in seen.items()])
    return Curve(plain.bias, plain.weights, limits, shares)


def _newton(rows: list[tuple[list[int], list[int]]], weights: list[float]) -> list[float]:
    size = len(weights)
    slope = [-RIDGE * weight for weight in weights]
    bend = [[RIDGE if a == b else 0.0 for b in range(size)] for a in range(size)]
    slope[0], bend[0][0] = 0.0, 1e-9
    for columns, (count, right) in rows:
        score = sum(weights[column] for column in columns)
        share = 1.0 / (1.0 + exp(-max(-30.0, min(30.0, score))))
        miss, weight = right - count * share, count * share * (1.0 - share)
        for a in columns:
            slope[a] += miss
            for b in columns:
                bend[a][b] += weight
    return _solved(bend, slope)


def _solved(matrix: list[list[float]], values: list[float]) -> list[float]:
    """Gauss, with the largest pivot."""
    size = len(values)
    rows = [[*row, value] for row, value in zip(matrix, values, strict=True)]
    for at in range(size):
        pivot = max(range(at, size), key=lambda row: abs(rows[row][at]))
        rows[at], rows[pivot] = rows[pivot], rows[at]
        for row in range(at + 1, size):
            factor = rows[row][at] / rows[at][at]
            if factor:
                rows[row] = [a - factor * b for a, b in zip(rows[row], rows[at], strict=True)]
    found = [0.0] * size
    for at in reversed(range(size)):
        rest = sum(rows[at][column] * found[column] for column in range(at + 1, size))
        found[at] = (rows[at][size] - rest) / rows[at][at]
    return found


def _pooled(points: Iterable[tuple[float, int, int]]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """A rising table: from which raw share on which share of answers is right."""
    blocks: list[list[float]] = []
    for raw, count, right in sorted(points):
        blocks.append([raw, count, right])
        while len(blocks) > 1 and (
            blocks[-2][1] < LEAST_IN_A_STEP or blocks[-2][2] / blocks[-2][1] >= blocks[-1][2] / blocks[-1][1]
        ):
            _, count_b, right_b = blocks.pop()
            blocks[-1][1] += count_b
            blocks[-1][2] += right_b
    if len(blocks) > 1 and blocks[-1][1] < LEAST_IN_A_STEP:
        _, count_b, right_b = blocks.pop()
        blocks[-1][1] += count_b
        blocks[-1][2] += right_b
    limits = tuple(round(raw, 6) for raw, _, _ in blocks[1:])
    return limits, tuple(round((right + 1) / (count + 2), 5) for _, count, right in blocks)


def _told(curve: Curve) -> dict[str, Any]:
    return {
        "bias": curve.bias,
        "weights": [{str(value): weight for value, weight in sorted(one.items())} for one in curve.weights],
        "limits": list(curve.limits),
        "shares": list(curve.shares),
    }


@dataclass(frozen=True, slots=True)
class Score:
    """How answers to made-up addresses fared. `single`: those whose unit is one; `kept`: undecided answers
    with units, of which `held` hold the right one."""

    count: int
    single: int
    decided: int
    right: int
    kept: int
    held: int
    error: float
    """Expected calibration error of the decided answers and of the undecided ones with units together."""

    @property
    def precision(self) -> float:
        """Of the decided answers, the right ones."""
        return self.right / self.decided if self.decided else 1.0

    @property
    def recall(self) -> float:
        """Of the addresses that lie in one unit, those answered with it."""
        return self.right / self.single if self.single else 1.0


Judged = tuple[Sample, AddressAnswer]


def score(judged: Sequence[Judged]) -> Score:
    """Sums over answers."""
    decided = [(sample, answer) for sample, answer in judged if answer.outcome.decided]
    kept = [(sample, answer) for sample, answer in judged if not answer.outcome.decided and answer.successors]
    off = sum(
        abs(sum(answer.confidence for _, answer in step) - sum(is_right(*one) for one in step))
        for steps in (_steps(decided), _steps(kept))
        for step in steps.values()
    )
    return Score(
        len(judged),
        sum(len(sample.truth) == 1 for sample, _ in judged),
        len(decided),
        sum(is_right(*one) for one in decided),
        len(kept),
        sum(is_right(*one) for one in kept),
        off / max(1, len(decided) + len(kept)),
    )


LIMITS = (0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 1.01)
"""The upper ends of the steps of the reliability table."""


def reliability(judged: Sequence[Judged]) -> list[tuple[float, int, float, float]]:
    """For each step of confidence that occurs: its upper end, how many answers, their mean confidence, and
    the share of them that is right."""
    steps = _steps([one for one in judged if one[1].successors])
    return [
        (
            limit,
            len(step),
            sum(answer.confidence for _, answer in step) / len(step),
            sum(is_right(*one) for one in step) / len(step),
        )
        for limit, step in sorted(steps.items())
    ]


def _steps(judged: Sequence[Judged]) -> dict[float, list[Judged]]:
    found: dict[float, list[Judged]] = {}
    for one in judged:
        limit = next(limit for limit in LIMITS if one[1].confidence < limit)
        found.setdefault(limit, []).append(one)
    return found


def kinds_of_dirt(judged: Sequence[Judged]) -> list[str]:
    """What the addresses suffered, by name."""
    return sorted(Counter(kind for sample, _ in judged for kind in sample.dirt))
