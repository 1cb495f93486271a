"""The same folders as the tests of runs."""

from tests.review.runs.conftest import desk, made_run, plan, ran

__all__ = ["desk", "made_run", "plan", "ran"]
