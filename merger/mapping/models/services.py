"""Services and their fields (`merger/services/1`)."""

from typing import Literal

from pydantic import Field

from merger.mapping.models.base import Definitions, Follows, Level, Model, Ref


class ServiceField(Model):
    """A field of services (lĩnh vực) and whether its services follow people or land."""

    field: str
    follows: Follows | None = None


class Service(Model):
    """An administrative procedure: `1.013228 Cấp lại giấy phép xây dựng …`, by its national root."""

    service: Ref
    field: str
    levels: tuple[Level, ...] = ()
    follows: Follows | None = None


class ServicesFile(Definitions):
    """Services and their fields (`merger/services/1`)."""

    schema_: Literal["merger/services/1"] = Field(alias="schema")
    fields: tuple[ServiceField, ...] = ()
    services: tuple[Service, ...] = ()
