"""Changes behind the toolkit's back in a target that lives on, and whether verification names each."""

from random import Random

from merger.testing.campaigns.outcome import Ground, Note, Outcome
from merger.testing.corrupting import Corruptor, Told, told

AT_ONCE = 25
SHOWN = 5


def run(ground: Ground, count: int, number: int, note: Note) -> Outcome:
    """`count` changed cells, a quarter as many deleted and a quarter as many doctored rows, 25 at a time.

    Before and after every verification rows of the target's own come and go.
    """
    outcome = Outcome("corruptions")
    chance = Random(number)
    what = ["cells"] * count + ["deleted"] * (count // 4) + ["doctored"] * (count // 4)
    chance.shuffle(what)
    with ground.trial(chance) as trial:
        trial.apply()
        with Corruptor(trial, chance) as corruptor:
            spoil = {
                "cells": corruptor.change_cell,
                "deleted": corruptor.delete_row,
                "doctored": corruptor.doctor_row,
            }
            at_once = min(AT_ONCE, max(corruptor.rows // 4, 1))
            for start in range(0, len(what), at_once):
                some = what[start : start + at_once]
                for _ in range(chance.randint(1, 5)):
                    corruptor.own_row_comes()
                for one in some:
                    spoil[one]()
                for _ in range(chance.randint(1, 3)):
                    corruptor.own_row_goes()
                found = told(trial.verify().differences)
                _judge(outcome, corruptor.expected, found)
                for one in some:
                    outcome.counts[one] += 1
                outcome.counts["verifications"] += 1
                corruptor.restore()
                note(f"corruptions: {start + len(some)} of {len(what)}")
            clean = told(trial.verify().differences)
            _judge(outcome, set(), clean)
    return outcome


def _judge(outcome: Outcome, expected: set[Told], found: set[Told]) -> None:
    outcome.counts["differences to find"] += len(expected)
    outcome.counts["found by dataset, key and column"] += len(expected & found)
    outcome.counts["false findings"] += len(found - expected)
    for words, wrong in (("not found", expected - found), ("false", found - expected)):
        outcome.failures += [f"{words}: {'/'.join(one)}" for one in sorted(wrong)[:SHOWN]]
