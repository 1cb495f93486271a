"""One question to `merger resolve`, from options or from a line of JSON."""

import json
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from merger.errors import Finding, InputError, Place, Severity


class Question(BaseModel):
    """What became of `code` of `kind`, as it was on `at`, by the day `to`?"""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    kind: Literal["commune", "province", "district", "agency", "service"] = "commune"
    at: date
    to: date
    follow: Literal["people", "territory"] | None = None
    locality: str | None = None
    service: str | None = None
    point: tuple[float, float] | None = None


def from_options(
    code: str,
    kind: str,
    at: date | None,
    to: date | None,
    follow: str | None,
    locality: str | None,
    service: str | None,
    point: tuple[float, float] | None,
) -> Question:
    """A question asked by the options of the command line, which were checked there."""
    return Question.model_validate(
        {
            "code": code,
            "kind": kind,
            "at": at,
            "to": to,
            "follow": follow,
            "locality": locality,
            "service": service,
            "point": point,
        }
    )


def from_line(line: str, file: str, number: int) -> Question:
    """A question asked by one line of JSON. Raises InputError with every problem of the line."""
    try:
        return Question.model_validate(json.loads(line.rstrip()))
    except json.JSONDecodeError as error:
        raise InputError([_finding("bad-json", file, number, error.colno)]) from error
    except ValidationError as error:
        raise InputError(
            _finding(
                "bad-request", file, number, 1, field=".".join(map(str, one["loc"])) or "-", why=one["type"]
            )
            for one in error.errors()
        ) from error
    except RecursionError as error:
        raise InputError([_finding("bad-json", file, number, 1)]) from error


def _finding(code: str, file: str, line: int, column: int, **fields: object) -> Finding:
    return Finding("cli", code, Severity.ERROR, Place(file, line, column), fields)
