"""Tries a law on whatever can be asked, and finds the smallest question on which it does not hold."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import seed as seeded
from hypothesis.strategies import SearchStrategy

from merger.testing.suite.own import Own

Q = TypeVar("Q")


class Broken(AssertionError):
    """A law does not hold. Its text tells the counterexample."""


@dataclass(frozen=True)
class Law(Generic[Q]):
    """A law of a mapping. `key` names it (its sentence is `testing.law.<key>`).

    `sweep` are the questions that are always tried, the simplest first; `drawn` those of which examples are
    drawn, None where the sweep is all there is. `complaint` says what does not hold, None where all does (it
    may raise AssertionError as well), `told` puts the question into the words of the mapping.
    """

    key: str
    sweep: Callable[[Own], Iterable[Q]]
    complaint: Callable[[Own, Q], str | None]
    told: Callable[[Own, Q], str]
    drawn: Callable[[Own], SearchStrategy[Q] | None] = lambda _own: None

    def try_on(self, own: Own, seed: int, examples: int) -> None:
        """Raises Broken with the first question of the sweep, or the smallest that was drawn."""
        for question in self.sweep(own):
            self._ask(own, question)
        strategy = self.drawn(own)
        if strategy is None or examples < 1:
            return

        @seeded(seed)
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=False,
            print_blob=False,
            report_multiple_bugs=False,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
            verbosity=Verbosity.quiet,
        )
        @given(strategy)
        def one(question: Q) -> None:
            self._ask(own, question)

        try:
            one()
        except Broken as broken:
            raise Broken(str(broken)) from None

    def _ask(self, own: Own, question: Q) -> None:
        try:
            said = self.complaint(own, question)
        except AssertionError as failed:
            said = str(failed)
        if said is not None:
            raise Broken(f"{self.told(own, question)}:\n  {said}")
