"""The decisions on one dataset's combinations: many combinations, few different outcomes."""

from collections.abc import Iterable, Mapping

from merger.migrate.model import DatasetPlan, Decision, Outcome

Codes = Mapping[str, str | None]


class Decisions:
    """Numbered decisions. `parts` names the codes of a combination, in order."""

    def __init__(self, parts: Iterable[str] = ()) -> None:
        self.parts = tuple(parts)
        self.outcomes: list[Outcome] = []
        self.decisions: list[Decision] = []
        self._known: dict[str, int] = {}

    @classmethod
    def of(cls, part: DatasetPlan) -> "Decisions":
        """The decisions that a plan holds for a dataset."""
        found = cls(part.parts)
        found.outcomes = list(part.outcomes)
        found.decisions = list(part.decisions)
        return found

    def add(self, codes: Codes, outcome: Outcome, rows: int) -> int:
        """Adds a decision and answers its number."""
        said = outcome.model_dump_json()
        if said not in self._known:
            self._known[said] = len(self.outcomes)
            self.outcomes.append(outcome)
        self.decisions.append(Decision(tuple(codes.values()), self._known[said], rows))
        return len(self.decisions) - 1

    def outcome(self, number: int) -> Outcome:
        """What was decided."""
        return self.outcomes[self.decisions[number].outcome]

    def codes(self, number: int) -> dict[str, str | None]:
        """The combination that was decided on."""
        return dict(zip(self.parts, self.decisions[number].codes, strict=True))

    def numbers(self) -> dict[tuple[str | None, ...], int]:
        """The number of each combination's decision."""
        return {one.codes: number for number, one in enumerate(self.decisions)}
