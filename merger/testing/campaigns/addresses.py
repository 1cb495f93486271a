"""Made-up addresses of the shipped mappings' units, clean and dirty, and how they are read."""

from __future__ import annotations

import gc
import time
from datetime import date
from itertools import islice
from random import Random

from merger.addresses import Addresses
from merger.lineage import lineage_of
from merger.mapping import contents_of, shipped
from merger.testing.addresses import HELD_OUT, Sample, samples
from merger.testing.calibrating import Judged, Score, kinds_of_dirt, reliability, score
from merger.testing.campaigns.outcome import Note, Outcome

TO = date(2025, 7, 1)
LEAST_PRECISION = 0.995
LEAST_RECALL = 0.85
MOST_ERROR = 0.01
"""What the held-out addresses must show, all kinds of dirt together."""


def run(count: int, number: int, note: Note) -> Outcome:
    """`count` addresses of a mix and a seed other than those that the confidence was fitted on."""
    outcome = Outcome("addresses")
    lineage = lineage_of(contents_of([shipped()]))
    addresses = Addresses(lineage)
    note("addresses are made up")
    made = list(islice(samples(lineage, TO, Random(number), HELD_OUT), count))
    note("addresses are read")
    judged: list[Judged] = []
    gc.collect()
    gc.freeze()  # as `merger address` does: the collector need not look through the definitions
    first = _read(addresses, made, judged)
    addresses.forget()
    again = _read(addresses, made, [])
    gc.unfreeze()
    every = score(judged)
    outcome.counts.update(
        {"addresses": count, "decided": every.decided, "wrong": every.decided - every.right}
    )
    outcome.counts["undecided with candidates"] = every.kept
    outcome.counts["of them without the right one"] = every.kept - every.held
    outcome.notes += table(judged)
    outcome.notes += steps(judged)
    outcome.notes.append(
        "addresses a second of processor time, after building: "
        f"{count / first:,.0f} with the first questions about units, "
        f"{count / again:,.0f} when units were asked about before, their addresses forgotten"
    )
    if every.precision < LEAST_PRECISION:
        outcome.failures.append(f"precision {every.precision:.4f} is below {LEAST_PRECISION}")
    if every.recall < LEAST_RECALL:
        outcome.failures.append(f"recall {every.recall:.4f} is below {LEAST_RECALL}")
    if every.error > MOST_ERROR:
        outcome.failures.append(f"calibration error {every.error:.4f} is above {MOST_ERROR}")
    return outcome


def _read(addresses: Addresses, made: list[Sample], judged: list[Judged]) -> float:
    """Reads the addresses day by day, as files of a day are; answers the seconds of processor time."""
    by_day: dict[date | None, list[Sample]] = {}
    for sample in made:
        by_day.setdefault(sample.at, []).append(sample)
    seconds = 0.0
    for at, alike in by_day.items():
        started = time.process_time()
        found = addresses.find_all([sample.text for sample in alike], to=TO, at=at)
        seconds += time.process_time() - started
        judged += zip(alike, found, strict=True)
    return seconds


def table(judged: list[Judged]) -> list[str]:
    """How each kind of dirt fared, as lines of a table in Markdown."""
    lines = [
        "| dirt | addresses | decided | precision | recall | candidates hold it | calibration error |",
        "|---|---|---|---|---|---|---|",
        _line("all", score(judged)),
        _line("none", score([one for one in judged if len(one[0].dirt) == 1])),
    ]
    for kind in kinds_of_dirt(judged):
        lines.append(_line(kind, score([one for one in judged if kind in one[0].dirt])))
    return lines


def _line(name: str, found: Score) -> str:
    held = f"{found.held / found.kept:.3f}" if found.kept else "–"
    return (
        f"| {name} | {found.count:,} | {found.decided / max(1, found.count):.3f} | {found.precision:.4f} "
        f"| {found.recall:.3f} | {held} | {found.error:.4f} |"
    )


def steps(judged: list[Judged]) -> list[str]:
    """The reliability table, as lines of Markdown."""
    lines = ["| confidence below | answers | mean confidence | right |", "|---|---|---|---|"]
    for limit, count, mean, right in reliability(judged):
        lines.append(f"| {min(limit, 1.0)} | {count:,} | {mean:.4f} | {right:.4f} |")
    return lines
