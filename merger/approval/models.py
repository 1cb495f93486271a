"""The base of everything that is signed: closed models whose written form is canonical."""

from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    model_serializer,
)


class Closed(BaseModel):
    """Frozen, and without room for a key that nobody knows.

    `left_out`: fields that are not written while they are empty, so that what was signed before they were
    there keeps its one spelling.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)
    left_out: ClassVar[frozenset[str]] = frozenset()

    @model_serializer(mode="wrap")
    def _written(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        said: dict[str, Any] = handler(self)
        return {name: value for name, value in said.items() if value or name not in self.left_out}


def moment(when: datetime) -> datetime:
    """`when` in UTC, to the second. Raises ValueError for a time without a zone."""
    if when.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return when.astimezone(UTC).replace(microsecond=0)


def written(when: datetime) -> str:
    """A moment as it is signed: `2026-03-01T08:00:00Z`."""
    return moment(when).strftime("%Y-%m-%dT%H:%M:%SZ")


Moment = Annotated[datetime, AfterValidator(moment), PlainSerializer(written, return_type=str)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 in lower-case hexadecimal."""
