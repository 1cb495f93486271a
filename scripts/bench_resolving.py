"""How many questions a second the national lineage answers, new ones and ones that were asked before."""

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from merger.lineage import Lineage, Request, build
from merger.mapping import load, shipped
from merger.mapping.models import UnitKind

EVE, DAY, EARLIER = date(2025, 6, 30), date(2025, 7, 1), date(2018, 3, 1)


@dataclass(frozen=True)
class Rate:
    """Questions a second: the best and the median of the repeats."""

    what: str
    best: float
    median: float
    least: str


def resolving(repeats: int) -> list[Rate]:
    """Every commune of a day asked once of a lineage that has answered nothing yet, and then again.

    The look-up in a plain dict of the same answers, keyed by the same questions, is what no answer can beat.
    """
    mapping = load([shipped()]).mapping
    rates = []
    for what, at, to in (
        ("30 June to 1 July 2025", EVE, DAY),
        ("1 March 2018 to 1 July 2025", EARLIER, DAY),
        ("1 July 2025 back to 1 March 2018", DAY, EARLIER),
    ):
        asked: list[Request] = []
        new: list[float] = []
        for _ in range(repeats):
            lineage = build(mapping)
            gc.collect()
            gc.freeze()  # as `merger resolve` does: the collector need not look through the definitions
            asked = questions(lineage, at, to)
            new.append(rate(lineage.resolve, asked))
        answers = {question: lineage.resolve(question) for question in asked}
        again = [rate(lineage.resolve, asked) for _ in range(repeats)]
        bare = [rate(answers.__getitem__, asked) for _ in range(repeats)]
        rates.append(of(f"{len(asked):,} communes, {what}: new", new, "20,000"))
        rates.append(of("the same again", again, "300,000"))
        rates.append(of("a plain dict of the answers", bare, ""))
    return rates


def questions(lineage: Lineage, at: date, to: date) -> list[Request]:
    return [Request(one.code, UnitKind.COMMUNE, at, to) for one in lineage.roster(UnitKind.COMMUNE, at)]


def rate(answer: Callable[[Request], object], asked: Sequence[Request]) -> float:
    """Questions a second of this process's own time, so that nothing else on the machine counts."""
    started = time.process_time()
    for question in asked:
        answer(question)
    return len(asked) / (time.process_time() - started)


def of(what: str, rates: list[float], least: str) -> Rate:
    return Rate(what, max(rates), sorted(rates)[len(rates) // 2], least)


def table(rates: list[Rate]) -> str:
    lines = ["| questions a second | best | median | at least |", "|---|---|---|---|"]
    lines += [f"| {one.what} | {one.best:,.0f} | {one.median:,.0f} | {one.least} |" for one in rates]
    return "\n".join(lines)
