import pytest

from merger.approval.trail import Anchor, Bent, verify
from merger.approval.trail_text import read_lines
from merger.testing.campaigns import trail_tampering
from merger.testing.campaigns.trail_tampering import try_trail_tampering


def test_500_changes_of_single_bytes_of_a_trail_are_all_named() -> None:
    assert try_trail_tampering(500, seed=20250701) == []


def test_the_trial_notices_a_check_that_looks_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def looks_away(content: bytes, *_: Anchor) -> Bent | None:
        return verify(read_lines(content)[0])

    monkeypatch.setattr(trail_tampering, "verify_lines", looks_away)
    assert len(try_trail_tampering(50, seed=1)) > 5
