"""Addresses: how fast and how well they are read, beside the best-known package, in one run.

The rival is `vietnamadminunits`, in an environment of its own (`--rival` names its Python). It is told
whether an address is of before or of after the reform, which we are not; it has no days, no earlier units and
no answer but one. Both read the same made-up addresses, each in a process of its own on one processor.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[1]
TO = date(2025, 7, 1)
PART = 50
"""So many addresses are timed at a time; the best of the repeats of each part counts."""

OURS = """
import gc, json, sys, time
from datetime import date
from merger.addresses import Addresses
from merger.lineage import lineage_of
from merger.mapping import contents_of, shipped
told, part, repeats = json.load(open(sys.argv[1])), int(sys.argv[2]), int(sys.argv[3])
lineage = lineage_of(contents_of([shipped()]))
started = time.process_time()
addresses = Addresses(lineage)
built = time.process_time() - started
def read_all(part):
    answers = addresses.find_all([text for text, _ in part], to=date(2025, 7, 1))
    return [one.successors[0].code if one.outcome.decided else None for one in answers]
def forget():
    addresses.forget()
"""

RIVAL = """
import gc, json, sys, time
from vietnamadminunits import convert_address, parse_address
told, part, repeats = json.load(open(sys.argv[1])), int(sys.argv[2]), int(sys.argv[3])
built = 0.0
def read(text, after):
    try:
        found = parse_address(text, mode="FROM_2025", level=2) if after else convert_address(text)
        return getattr(found, "ward_code", None)
    except Exception:
        return None
def read_all(part):
    return [read(text, after) for text, after in part]
def forget():
    pass
"""

LOOP = """
gc.freeze()
gc.set_threshold(50_000)  # as `merger` does (merger/cli/run.py)
parts = [told[at : at + part] for at in range(0, len(told), part)]
best = [float("inf")] * len(parts)
first = 0.0
found = []
for repeat in range(repeats):
    forget()
    for number, one in enumerate(parts):
        started = time.process_time()
        answers = read_all(one)
        seconds = time.process_time() - started
        best[number] = min(best[number], seconds)
        if repeat == 0:
            first += seconds
            found += answers
print(json.dumps([sum(best), first, built, found]))
"""


@dataclass(frozen=True)
class Run:
    """Addresses a second of processor time, the best of the repeats and in the first round, when nothing was
    asked before; seconds to build; answers given, right ones, and addresses that lie in one unit."""

    what: str
    a_second: float
    at_first: float
    built: float
    given: int
    right: int
    single: int


def reading(count: int, repeats: int, seed: int, rival: str | None) -> dict[str, list[Run]]:
    """Clean and dirty addresses, by us and by the rival, if there is one."""
    from merger.lineage import lineage_of
    from merger.mapping import contents_of, shipped
    from merger.testing.addresses import HELD_OUT, Mix, samples

    lineage = lineage_of(contents_of([shipped()]))
    clean = Mix((0,), {"upper": 1.0}, earlier=0.0, after=HELD_OUT.after)
    dirty = Mix(HELD_OUT.numbers, HELD_OUT.weights, earlier=0.0, after=HELD_OUT.after)
    found: dict[str, list[Run]] = {}
    for name, mix in (("clean", clean), ("dirty", dirty)):
        made = list(islice(samples(lineage, TO, Random(seed), mix), count))
        told = [(sample.text, "after" in sample.dirt) for sample in made]
        truth = [sample.truth for sample in made]
        found[name] = [judged("merger", OURS, sys.executable, told, truth, repeats)]
        if rival is not None:
            found[name].append(judged("vietnamadminunits", RIVAL, rival, told, truth, repeats))
    return found


def judged(
    what: str, code: str, python: str, told: list[tuple[str, bool]], truth: list[frozenset[str]], repeats: int
) -> Run:
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(told, file)
        file.flush()
        environment = {**os.environ, "PYTHONPATH": str(ROOT) if code is OURS else ""}
        arguments = [python, "-c", code + LOOP, file.name, str(PART), str(repeats)]
        done = subprocess.run(arguments, env=environment, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    seconds, first, built, answers = json.loads(done.stdout)
    given = sum(answer is not None for answer in answers)
    right = sum(one == {answer} for one, answer in zip(truth, answers, strict=True))
    return Run(
        what, len(told) / seconds, len(told) / first, built, given, right, sum(len(one) == 1 for one in truth)
    )


def table(count: int, runs: dict[str, list[Run]]) -> str:
    lines = [
        f"{count:,} addresses each, none of them read before, a second of processor time, after building "
        f"({runs['clean'][0].built:.1f} s). *At first*: the first questions about units included. "
        "*Warm*: units asked about before, the best of the repeats; the ratio is of these.",
        "",
        "| addresses | read by | at first | warm | ratio | answered | of these right | recall |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, found in runs.items():
        slowest = found[-1].a_second
        lines += [
            f"| {name} | {one.what} | {one.at_first:,.0f} | {one.a_second:,.0f} "
            f"| {one.a_second / slowest:.1f} | {one.given / count:.3f} | {one.right / max(1, one.given):.4f} "
            f"| {one.right / one.single:.3f} |"
            for one in found
        ]
    return "\n".join(lines)
