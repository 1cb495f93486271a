"""What definitions of every kind are made of."""

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError


def _written_as_day(value: Any) -> Any:
    """Refuses text that is no `2025-07-01`: a bare number would be read as seconds since 1970."""
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise PydanticCustomError("date_parsing", "not written as year-month-day")
    return value


Day = Annotated[date, BeforeValidator(_written_as_day)]


class Model(BaseModel):
    """Closed and frozen: an unknown key is a mistake to be named, not ignored.

    What validates and writes a model is made when it is first used: a command uses a few of them only.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False, defer_build=True
    )


class Follows(StrEnum):
    """What a service goes by where land and people went different ways."""

    PEOPLE = "people"
    LAND = "land"


class Ref(Model):
    """A code and the name that stands beside it: `90001 Xã Một`."""

    code: str = Field(min_length=1)
    name: str = ""

    @model_validator(mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            code, _, name = value.strip().partition(" ")
            return {"code": code, "name": name.strip()}
        return value

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()


class Title(Model):
    """A text in both languages."""

    vi: str
    en: str


class LegalAct(Model):
    """A law or resolution: its number, its date and what it decides."""

    number: str
    date: Day
    on: str = ""


class Suppression(Model):
    """A finding that somebody has looked at and lets stand.

    `rule` is the finding's code, `of` the code or name that it is about (left out: every finding of the
    rule in this file), `reason` says why it may stand.
    """

    rule: str = Field(pattern=r"^[A-Z]{3}[0-9]{3}$")
    of: str = ""
    reason: str = Field(min_length=1)


class OpenPoint(Model):
    """What a draft leaves to a person: nobody signs the file before it is settled or taken out.

    `code` is that of what was found, `of` the clause or unit that it is about, `at` where it stands in what
    the draft was read from, `settle` what there is to settle, `weight` how much it weighs. It is settled
    where `by` says who looked at it and `reason` with what result.
    """

    code: str = Field(pattern=r"^[A-Z]{3}[0-9]{3}$")
    of: str = ""
    at: str = ""
    settle: str = Field(min_length=1)
    weight: Literal["error", "warning"] = "error"
    by: str = ""
    reason: str = ""

    @model_validator(mode="after")
    def _both_or_none(self) -> "OpenPoint":
        if bool(self.by.strip()) != bool(self.reason.strip()):
            raise ValueError("open-needs-by-and-reason")
        return self

    @property
    def settled(self) -> bool:
        return bool(self.by.strip())


class Definitions(Model):
    """What the files of every kind have in common."""

    schema_: str = Field(alias="schema")
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: Title | None = None
    example: bool = False
    note: str = ""
    suppress: tuple[Suppression, ...] = ()
    open_: tuple[OpenPoint, ...] = Field(default=(), alias="open")


class Level(StrEnum):
    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"
