"""The base of everything that is signed: closed models whose written form is canonical."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer


class Closed(BaseModel):
    """Frozen, and without room for a key that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


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
