"""Answers where evidence chooses at the divisions on the way; each way is followed once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from merger.lineage.clues import Choice, Clue, Division, choose
from merger.lineage.model import Evidence, Request, Resolution
from merger.lineage.resolve import (
    answer,
    decided,
    evidence_of,
    in_order,
    plain_answer,
    undecided,
    unique,
)
from merger.lineage.walk import walk

if TYPE_CHECKING:
    from merger.lineage.graph import Lineage

Choices = tuple[Choice, ...]
"""What was chosen on a way, in the order in which its divisions were passed."""


class _Asks(Exception):
    """A way has come to a division where it is not known yet what is chosen."""

    def __init__(self, division: Division) -> None:
        super().__init__()
        self.division = division


class Ways:
    """The answers to one question, whatever evidence is given with it.

    `request` is the question without evidence. Any number of addresses and points choose among few ways, and
    a way's answer depends on nothing but what was chosen, so it is kept.
    """

    def __init__(self, lineage: Lineage, request: Request) -> None:
        self._lineage = lineage
        self._request = request
        self._settled: Resolution | None = None
        self._steps: dict[Choices, Division | Resolution] = {}
        start = lineage.version_at(request.kind, request.code, request.at)
        if start is None:
            self._settled = answer(lineage, request)
            return
        self._start = start
        self._plain = walk(lineage, start, request)
        self._settled = plain_answer(lineage, request, start, self._plain)
        if self._settled is None and not self._plain.divisions:
            self._settled = undecided(lineage, request, self._plain)

    def answer(self, clues: Sequence[Clue]) -> Resolution:
        """The answer to which the clues lead."""
        if self._settled is not None:
            return self._settled
        choices: Choices = ()
        while True:
            step = self._steps.get(choices)
            if step is None:
                step = self._steps[choices] = self._step(choices, clues)
            if isinstance(step, Resolution):
                return step
            choices = (*choices, choose(clues, step))

    def _step(self, choices: Choices, clues: Sequence[Clue]) -> Division | Resolution:
        """The next division after these choices, or the answer if there is none."""
        passed: list[tuple[Division, Choice]] = []

        def chosen(division: Division) -> Choice:
            if len(passed) == len(choices):
                raise _Asks(division)
            choice = choices[len(passed)]
            passed.append((division, choice))
            return choice

        try:
            guided = walk(self._lineage, self._start, self._request, chosen)
        except _Asks as asks:
            return asks.division
        found = unique(guided, self._request) if any(choice.into for choice in choices) else None
        if found is None:
            why_not = next((choice.why_not for choice in choices if choice.why_not), "")
            return undecided(self._lineage, self._request, self._plain, why_not)
        said = {why for one in passed for why in _reasons(clues, *one)}
        stated = next((flow for flow in self._plain.flows if flow.version.id == found.version.id), found)
        evidence = in_order(said | set(evidence_of(guided)))
        used = {choice.by for choice in choices if choice.into}
        weakest = [clue.name for clue in clues if clue.name in used][-1]
        against = dict.fromkeys(name for choice in choices for name, _ in choice.against)
        resolution = decided(self._lineage, self._request, self._start, stated, evidence, weakest)
        return replace(resolution, against=tuple(against))


def _reasons(clues: Sequence[Clue], division: Division, choice: Choice) -> Iterator[Evidence]:
    """Why a division was decided as it was, and what says otherwise."""
    by_name = {clue.name: clue for clue in clues}
    if choice.into:
        yield from by_name[choice.by].evidence(division, choice.into)
    for name, into in choice.against:
        for why in by_name[name].evidence(division, into):
            yield replace(why, change=f"{why.change.removesuffix(']')}, not-followed]")
