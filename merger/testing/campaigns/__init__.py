"""Long random trials, run by scripts/measure. Each answers with its counts; see docs/reliability.md."""

from merger.testing.campaigns.outcome import Outcome

__all__ = ["Outcome"]
