"""What people decided where nothing else does (`merger/decisions/1`)."""

from typing import Literal

from pydantic import Field, model_validator

from merger.mapping.models.base import Day, Definitions, Model


class Decision(Model):
    """What a person decided for combinations that nothing else decides.

    `when` names the codes of the combination as the source holds them (`system`, `dataset`, and any
    of the dataset's fields); what it leaves out may be anything. `then` gives the field's new code;
    `exclude` leaves the rows in the source under that name instead.
    """

    decision: str
    author: str
    date: Day
    reason: str
    when: dict[str, str | None]
    then: dict[str, str] = Field(default_factory=dict)
    exclude: str = ""

    @model_validator(mode="after")
    def _one_of(self) -> "Decision":
        if bool(self.then) == bool(self.exclude):
            raise ValueError("decision-needs-then-or-exclude")
        return self


class DecisionsFile(Definitions):
    """Manual decisions (`merger/decisions/1`)."""

    schema_: Literal["merger/decisions/1"] = Field(alias="schema")
    decisions: tuple[Decision, ...]
