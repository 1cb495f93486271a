"""Districts of Switzerland whose codes moved on by one, all on one day, twice."""

from datetime import date
from pathlib import Path

from merger.lineage import Outcome, Request
from merger.testing.campaigns.histories import KIND, Case, judge

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "histories" / "switzerland"


def test_every_district_has_the_code_that_the_list_gives_it() -> None:
    case = Case.read(FOLDER)
    judged = judge(case, case.lineage())
    assert judged.wrong == []
    assert judged.counts["forward: right"] == judged.counts["backward: right"] == len(case.pairs) == 156
    assert not any(words.startswith(("forward: undecided", "backward: undecided")) for words in judged.counts)


def test_codes_that_move_on_by_one_are_not_chained() -> None:
    """216 was Laupen, then La Neuveville, then Nidau."""
    lineage = Case.read(FOLDER).lineage()
    days = date(1978, 12, 31), date(1979, 1, 1), date(1993, 12, 31), date(1994, 1, 1)
    for at, became in ((days[0], "213"), (days[1], "215"), (days[3], "216")):
        answer = lineage.resolve(Request("216", KIND, at, days[3]))
        assert answer.outcome in (Outcome.UNIQUE, Outcome.UNCHANGED)
        assert answer.successor.code == became
