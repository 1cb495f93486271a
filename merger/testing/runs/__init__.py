"""Random campaigns of runs over one small job, held against an oracle in plain Python.

Rows come, change, are finished, go and come back in an old system; officers write, change and delete on the
platform; and between them pilots, bulks, catch-ups and final runs are planned, killed, run and rolled back.
`oracle` says what every plan must count, what every row of the platform and of the ledger must be after every
run, and what a verification must find. It uses nothing of the engine.

    events = drawn(Random(7), 25)
    told = tried(events, folder, urls)      # raises Wrong where the engine and the book differ
"""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

import sqlalchemy as sa

from merger.testing.runs.events import EVENTS
from merger.testing.runs.tables import VARIABLES, make_ground
from merger.testing.runs.trial import Trial, Wrong

Event = tuple[str, float]
"""What happens, and the seed of how: an event can be left out of a campaign without changing the others."""

__all__ = ["EVENTS", "VARIABLES", "Event", "Wrong", "drawn", "tried"]


def drawn(chance: Random, count: int) -> list[Event]:
    """A campaign of `count` events, after two that fill the old system."""
    names = list(EVENTS)
    weights = [weight for _, weight in EVENTS.values()]
    every = ["insert", "insert", *chance.choices(names, weights, k=count)]
    return [(name, chance.random()) for name in every]


def tried(events: Sequence[Event], folder: Path, urls: Mapping[str, sa.URL]) -> Counter[str]:
    """Lets a campaign happen in a new folder and in empty databases (`old`, `platform`). Answers how often
    what happened. Raises Wrong, and whatever the engine raises, with the number of the event."""
    ground = make_ground(folder, urls)
    before = dict(os.environ)
    os.environ.update(ground.environment)
    trial = Trial(ground)
    try:
        for number, (name, seed) in enumerate(events):
            trial.told[name] += 1
            try:
                EVENTS[name][0](trial, Random(seed))
            except Exception as error:
                error.add_note(f"at event {number} of {[one for one, _ in events]}")
                raise
    finally:
        trial.close()
        os.environ.clear()
        os.environ.update(before)
    return trial.told
