"""One question to `merger resolve`, from options or from a line of JSON."""

import codecs
import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, BinaryIO, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from merger.errors import Finding, InputError, Place, Severity
from merger.messages import text

BLOCK = 1 << 18
MAX_LINE = 1_000_000
"""Bytes read at a time at most, and of one line."""


class NoPoint(ValueError):
    """What is given is no place; `off_earth`: it is two numbers, but no latitude and longitude."""

    def __init__(self, *, off_earth: bool) -> None:
        super().__init__()
        self.off_earth = off_earth


def point_of(value: Any) -> tuple[float, float]:
    """Latitude and longitude in degrees, from `LAT,LON` or a list of both. Raises NoPoint."""
    parts = value.split(",") if isinstance(value, str) else value
    try:
        latitude, longitude = (float(part) for part in parts)
    except (TypeError, ValueError, OverflowError):
        raise NoPoint(off_earth=False) from None
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise NoPoint(off_earth=True)
    return latitude, longitude


def _checked_point(value: Any) -> Any:
    try:
        return None if value is None else point_of(value)
    except NoPoint as no:
        raise PydanticCustomError("point-off-earth" if no.off_earth else "bad-point", "no point") from None


_OF_POINTS = ("bad-point", "point-off-earth")


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
    point: Annotated[tuple[float, float] | None, BeforeValidator(_checked_point)] = None


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


def lines_at_hand(stream: BinaryIO, file: str) -> Iterator[list[bytes]]:
    """The lines of a stream without their ends, as many at a time as are there, so that whoever waits for an
    answer gets it. A byte-order mark before the first line is no part of it.

    Raises InputError for a line of more than 1 MB.
    """
    read = getattr(stream, "read1", stream.read)
    number, rest, mark = 0, b"", codecs.BOM_UTF8
    while block := read(BLOCK):
        *lines, rest = (rest + block).split(b"\n")
        if lines:
            lines[0] = lines[0].removeprefix(mark)
            mark = b""
            number += len(lines)
            yield lines
        if len(rest) > MAX_LINE:
            raise InputError([_finding("long-line", file, number + 1, 1)])
    if rest:
        yield [rest.removeprefix(mark)]


def from_line(line: bytes, file: str, number: int) -> Question:
    """A question asked by one line of JSON. Raises InputError with every problem of the line."""
    try:
        return Question.model_validate(json.loads(line.decode("utf-8").rstrip()))
    except UnicodeDecodeError as error:
        raise InputError([_finding("not-utf-8", file, number, error.start + 1)]) from error
    except json.JSONDecodeError as error:
        raise InputError([_finding("bad-json", file, number, error.colno)]) from error
    except ValidationError as error:
        raise InputError(
            _finding(one["type"], file, number, 1)
            if one["type"] in _OF_POINTS
            else _finding("bad-request", file, number, 1, field=_field(one), why=_why(one))
            for one in error.errors()
        ) from error
    except RecursionError as error:
        raise InputError([_finding("bad-json", file, number, 1)]) from error


def _field(error: ErrorDetails) -> str:
    return ".".join(map(str, error["loc"])) or "-"


def _why(error: ErrorDetails) -> str:
    """What is wrong with a field, in the reader's words."""
    kind = error["type"]
    if kind == "literal_error":
        allowed = re.findall(r"'([^']*)'", str(error["ctx"]["expected"]))
        return text("cli.request.not-one-of", allowed=", ".join(allowed))
    if kind == "model_type":
        return text("cli.request.no-object")
    word = {"missing": "missing", "extra_forbidden": "no-field", "string_type": "no-text"}.get(kind, "no-day")
    return text(f"cli.request.{word}")


def from_code(line: bytes, file: str, number: int) -> str:
    """A code that stands on a line alone. Raises InputError for what is not UTF-8."""
    try:
        return line.decode("utf-8").strip()
    except UnicodeDecodeError as error:
        raise InputError([_finding("not-utf-8", file, number, error.start + 1)]) from error


def _finding(code: str, file: str, line: int, column: int, **fields: object) -> Finding:
    return Finding("cli", code, Severity.ERROR, Place(file, line, column), fields)
