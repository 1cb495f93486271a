"""Calls into drivers that are lost one after the other, each by the lines by which it is come to."""

import pytest

from merger import cli
from merger.errors import Refused
from merger.testing.campaigns import losses
from merger.testing.campaigns.outcome import Outcome
from merger.testing.pairs.kinds import MARIADB, POSTGRESQL
from merger.testing.pairs.places import Pair

pytestmark = pytest.mark.faults


def lost(pair: Pair, way: str, wanted: str, share: int) -> Outcome:
    """What the campaign finds in one pair. Skips the test where a server's program is missing."""
    try:
        return losses.run(cli.run, 7, lambda _: None, pairs=(pair,), ways=(way,), wanted=wanted, share=share)
    except Refused as refused:
        pytest.skip(str(refused))


@pytest.mark.parametrize(
    ("pair", "way", "wanted", "share"),
    [
        ((MARIADB, MARIADB), "killed", "check", 3),
        ((POSTGRESQL, MARIADB), "untold", "apply, 1", 40),
    ],
    ids=lambda given: given if isinstance(given, str) else None,
)
def test_a_command_whose_connection_is_lost_at_a_call_says_so_and_is_equal_when_given_again(
    pair: Pair, way: str, wanted: str, share: int
) -> None:
    outcome = lost(pair, way, wanted, share)
    assert outcome.failures == []
    assert outcome.counts["losses"] == outcome.counts[f"by {way}"] > 1
    assert outcome.counts["ended with 1"] > 0
