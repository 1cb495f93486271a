"""Services and their fields (`merger/services/1`)."""

from typing import Literal

from pydantic import Field, model_validator

from merger.mapping.models.base import Day, Definitions, Follows, LegalAct, Level, Model, Ref


class ServiceField(Model):
    """A field of services (lĩnh vực) and whether its services follow people or land."""

    field: str
    follows: Follows | None = None


class Service(Model):
    """An administrative procedure: `1.013228 Cấp lại giấy phép xây dựng …`, by its national root or by
    its code in the list of the province that goes on.

    `levels` are the levels of government that do it before the file's `effective` day, `levels_after` those
    that do it from that day on; `source` is the act that says so.
    """

    service: Ref
    field: str
    levels: tuple[Level, ...] = ()
    levels_after: tuple[Level, ...] = ()
    follows: Follows | None = None
    source: str = ""


class ServiceBefore(Model):
    """A code of an old province's list, and the code that it has in the list of the file.

    `province` is the code of the unit whose list it was. `into` names one service of the file; several where
    nobody has decided yet which; none where nobody knows. `ended`: the service was given up. `decided` names
    the decision of the file that settled it.
    """

    service: Ref
    province: str = Field(min_length=1)
    into: tuple[str, ...] = ()
    ended: bool = False
    decided: str = ""

    @model_validator(mode="after")
    def _ended_or_into(self) -> "ServiceBefore":
        if self.ended and self.into:
            raise ValueError("service-ended-and-into")
        return self


class ServiceDecision(Model):
    """What a person answered when lists of services were merged, and why.

    `about` are the codes that it settles, `answer` is what was written in the review.
    """

    decision: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    author: str = Field(min_length=1)
    date: Day
    reason: str = Field(min_length=1)
    about: tuple[str, ...] = ()
    answer: str


class ServicesFile(Definitions):
    """Services and their fields (`merger/services/1`).

    With `before`, the file is the list of the province that goes on, in force from `effective` on.
    """

    schema_: Literal["merger/services/1"] = Field(alias="schema")
    effective: Day | None = None
    legal_basis: tuple[LegalAct, ...] = ()
    fields: tuple[ServiceField, ...] = ()
    services: tuple[Service, ...] = ()
    before: tuple[ServiceBefore, ...] = ()
    decisions: tuple[ServiceDecision, ...] = ()

    @model_validator(mode="after")
    def _dated(self) -> "ServicesFile":
        if self.before and self.effective is None:
            raise ValueError("services-before-undated")
        return self
