"""What the made-up systems are made from, as `data/settings.yaml` says it."""

from datetime import date
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Literal

import yaml
from pydantic import Field

from merger.mapping.models import Follows, Model

DATA: Traversable = resources.files("merger.demo") / "data"


class Province(Model):
    """One old province: its level-1 agency code, its two systems and their shapes, its departments in the
    order of their numbers, and how its systems write the code of a service."""

    code: str
    eid: str
    onestop: str
    onestop_shape: Literal["guid", "json", "plain"]
    documents: str
    documents_shape: Literal["eoffice", "slash", "compact"]
    service_form: Literal["long", "short", "bare"]
    departments: tuple[str, ...]


class ServiceArea(Model):
    """A field of services, what it follows and the department that does its provincial work."""

    field: str
    function: str
    follows: Follows | None = None


class Days(Model):
    """The first and last day of any row, the first of most rows, the change, the doubtful days."""

    first: date
    work: date
    change: date
    last: date
    doubtful: tuple[date, date]


class Names(Model):
    """What made-up people are put together from."""

    family: tuple[str, ...]
    middle: tuple[str, ...]
    given: tuple[str, ...]
    roads: tuple[str, ...]
    hamlets: tuple[str, ...]
    identity_prefix: str
    phone_prefix: str
    mail_domain: str


class Allowance(Model):
    """How many rows may be held: a share of the rows of all sources, and at least so many."""

    share: float
    least: int


class Settings(Model):
    """The whole file."""

    units: str
    provinces: tuple[Province, ...]
    renumbered: dict[str, int]
    functions: dict[str, str]
    fields_: tuple[ServiceArea, ...] = Field(alias="fields")
    services_a_level: int
    services_always: tuple[str, ...]
    stale_communes: dict[str, tuple[str, ...]]
    days: Days
    rates: dict[str, float]
    holds_allowed: Allowance
    people: Names
    placeholders: tuple[str, ...]
    malformed_agencies: tuple[str, ...]
    unknown_communes: tuple[str, ...]
    senders: tuple[tuple[str, str], ...]


@cache
def settings() -> Settings:
    """The settings that come with the package."""
    return Settings.model_validate(yaml.safe_load((DATA / "settings.yaml").read_text("utf-8")))
