"""Histories of which it is known, piece of land by piece of land, who has what when."""

from collections import Counter
from datetime import date
from random import Random

from merger.testing.campaigns import simulated
from merger.testing.campaigns.simulated import History, failures, history, judged


def test_no_decided_answer_is_another_than_the_pieces_say() -> None:
    counts: Counter[str] = Counter()
    assert list(failures(range(250), counts)) == []
    assert counts["right"] > 10_000
    assert counts["undecided, of several"] > 1_000
    assert counts["undecided, of one"] < counts["right"] / 100


def test_the_made_up_histories_hold_what_is_hard() -> None:
    made = [history(Random(seed)) for seed in range(250)]
    changes = [change for one in made for change in one.changes]
    assert sum(change["seq"] is not None for change in changes) > 200
    given_back = [change for change in changes if change["land"] == "part" and change["from"] != change["to"]]
    assert len(given_back) > 100
    pairs = {(change["date"], change["from"], change["to"]) for change in changes}
    assert any((day, new, old) in pairs for day, old, new in pairs if old != new)


def test_a_wrong_answer_is_told() -> None:
    day = date(2001, 1, 1)
    told = {
        "date": day,
        "from": "A",
        "to": "B",
        "what": "recode",
        "land": "whole",
        "people": "all",
        "seq": None,
    }
    wrong = History(
        [told],
        {simulated.FIRST: {"A": frozenset("a")}, day: {"B": frozenset("b"), "C": frozenset("a")}},
    )
    counts: Counter[str] = Counter()
    assert next(judged(wrong, counts)) == ("A of 2000-01-01 on 2001-01-01 is B (one-successor) instead of C")
    assert counts["wrong"] == 1
