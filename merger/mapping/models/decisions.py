"""What people decided where nothing else does (`merger/decisions/1`)."""

from typing import Literal

from pydantic import Field, model_validator

from merger.mapping.models.base import Day, Definitions, Model, Ref
from merger.mapping.models.units import UnitKind


class Decided(Model):
    """Who decided, when and why, under which name."""

    decision: str
    author: str
    date: Day
    reason: str


class Decision(Decided):
    """What a person decided for combinations that nothing else decides.

    `when` names the codes of the combination as the source holds them (`system`, `dataset`, and any
    of the dataset's fields); what it leaves out may be anything. `then` gives the field's new code;
    `exclude` leaves the rows in the source under that name instead.
    """

    when: dict[str, str | None]
    then: dict[str, str] = Field(default_factory=dict)
    exclude: str = ""

    @model_validator(mode="after")
    def _one_of(self) -> "Decision":
        if bool(self.then) == bool(self.exclude):
            raise ValueError("decision-needs-then-or-exclude")
        return self


class UnitDecision(Decided):
    """Where a person decided that a divided unit's records go: all that the definitions do not decide.

    `on` is the day of the division, the first day of the unit `into`, which is one of those that took
    something of `unit` on that day.
    """

    kind: UnitKind = UnitKind.COMMUNE
    unit: Ref
    on: Day
    into: Ref


class DecisionsFile(Definitions):
    """Manual decisions (`merger/decisions/1`): on combinations of codes, and on divided units."""

    schema_: Literal["merger/decisions/1"] = Field(alias="schema")
    decisions: tuple[Decision, ...] = ()
    units: tuple[UnitDecision, ...] = ()
