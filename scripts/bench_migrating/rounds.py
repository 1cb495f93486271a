"""Several rounds of all ways between two databases, and what they come to."""

import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench_migrating.systems import System
from bench_migrating.watched import Watched, watched
from bench_migrating.ways import BARE, Chain, Way

LIMIT = 3600.0


@dataclass(frozen=True)
class Result:
    """A way's medians; `ratio` to the bare pipe of the same round, `peak_mb` of the worst round.

    failure: why there is nothing to show.
    """

    name: str
    seconds: float = 0
    ratio: float = 0
    processor: float = 0
    peak_mb: float = 0
    load: float = 0
    failure: str = ""


def run(chains: list[Chain], target: System, rounds: int, folder: Path) -> list[Result]:
    """Every chain once a round, the order turned round each time; what failed once is not tried again."""
    found: dict[str, list[Watched]] = defaultdict(list)
    failed: dict[str, str] = {}
    for number in range(rounds):
        for chain in chains if number % 2 == 0 else chains[::-1]:
            if chain.ways[0].name in failed:
                continue
            target.empty("target")
            for way in chain.ways:
                why = failed.get(way.name) or way.missing
                one = Watched(0, 0, 0, 0, why) if why else measured(way, folder)
                if one.failure:
                    failed[way.name] = one.failure
                else:
                    found[way.name].append(one)
                told = one.failure or f"{one.seconds:.2f} s, {one.peak_mb:.0f} MB"
                print(f"round {number + 1}, {way.name}: {told}", file=sys.stderr, flush=True)
                if one.failure and not _apart(way, chain):
                    break
    ways = [way.name for chain in chains for way in chain.ways]
    return [summed(name, found, failed.get(name, "")) for name in ways]


def _apart(way: Way, chain: Chain) -> bool:
    """Whether the rest of the chain does not need this way: the checks after the bare pipe."""
    return chain.ways[0].name == BARE and way.name != BARE


def measured(way: Way, folder: Path) -> Watched:
    said = folder / "said.txt"
    one = watched(way.command, way.environment, LIMIT, said=said)
    why = one.failure or way.check(said)
    if not why:
        way.after()
    return Watched(one.seconds, one.processor, one.peak_mb, one.load, why)


def summed(name: str, found: dict[str, list[Watched]], failure: str) -> Result:
    tries, bare = found[name], found[BARE]
    if failure or not tries:
        return Result(name, failure=failure or "not reached")
    return Result(
        name,
        median(one.seconds for one in tries),
        median(one.seconds / base.seconds for one, base in zip(tries, bare, strict=False)) if bare else 0,
        median(one.processor for one in tries),
        max(one.peak_mb for one in tries),
        median(one.load for one in tries),
    )
