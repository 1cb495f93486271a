"""Campaigns of runs over one small job (see merger.testing.runs), on databases of several pairs."""

import tempfile
from pathlib import Path
from random import Random

import sqlalchemy as sa

from merger.testing.campaigns.outcome import Note, Outcome
from merger.testing.pairs.kinds import MARIADB, POSTGRESQL, SQLITE
from merger.testing.pairs.places import Pair, Servers, running
from merger.testing.runs import drawn, tried

PAIRS: tuple[Pair, ...] = ((SQLITE, SQLITE), (POSTGRESQL, POSTGRESQL), (MARIADB, POSTGRESQL))
OF_FILES = 8
"""Of ten campaigns, how many are over files of SQLite, which are quickest."""
EVENTS = 25


def run(count: int, number: int, note: Note, *, pairs: tuple[Pair, ...] = PAIRS) -> Outcome:
    """`count` campaigns of some 25 events each; the first eight of ten over the first of `pairs`."""
    outcome = Outcome("runs")
    with running(pairs) as servers:
        for at in range(count):
            note(f"runs: {at} of {count}")
            others = pairs[1:] or pairs
            pair = pairs[0] if at % 10 < OF_FILES else others[at % len(others)]
            events = drawn(Random(number + at), EVENTS)
            try:
                told = _one(events, pair, servers, at)
            except Exception as error:
                notes = " ".join(getattr(error, "__notes__", ()))
                words = f"{type(error).__name__}: {error} ({notes})"
                outcome.failures.append(f"seed {number + at}, {' to '.join(pair)}: {words}")
            else:
                outcome.counts["campaigns"] += 1
                outcome.counts[f"{pair[0]} to {pair[1]}"] += 1
                outcome.counts.update(told)
    return outcome


def _one(events: list[tuple[str, float]], pair: Pair, servers: Servers, at: int) -> dict[str, int]:
    with tempfile.TemporaryDirectory(prefix="merger-runs-") as base:
        folder = Path(base)
        urls = {}
        for name, dialect in zip(("old", "platform"), pair, strict=True):
            if dialect == SQLITE:
                urls[name] = sa.URL.create(SQLITE, database=str(folder / f"{name}.db"))
            else:
                urls[name] = servers[dialect].create(f"runs_{name}_{at}")
        try:
            return tried(events, folder / "job", urls)
        finally:
            for url in urls.values():
                if url.get_backend_name() != SQLITE:
                    servers[url.get_backend_name()].drop(str(url.database))
