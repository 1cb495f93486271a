"""`merger resolve`: what became of a code, and who goes on with an agency's work."""

import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from merger.cli.base import command
from merger.cli.options import Day, follow_option, json_option, mappings_option
from merger.cli.questions import NoPoint, Question, from_code, from_line, from_options, point_of
from merger.cli.run import NEEDS_A_PERSON
from merger.messages import text
from merger.recode.model import KINDS

if TYPE_CHECKING:
    from merger.cli.answers import Shown


class Point(click.ParamType[tuple[float, float]]):
    """A place, `LAT,LON` in degrees."""

    name = "lat,lon"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, float]:
        try:
            return point_of(value)
        except NoPoint as no:
            key = "no-point-of-earth" if no.off_earth else "no-point"
            self.fail(text(f"cli.usage.{key}", value=value), param, ctx)


OF_CODES = ("codes", "kind", "at", "to", "follow", "locality", "service", "point")
"""What says something of codes, and in questions (`--requests`) stands in every line."""


@command("resolve")
@click.argument("codes", metavar="[CODE…]", nargs=-1)
@click.option("--kind", type=click.Choice(KINDS), default="commune", show_default=True)
@click.option("--at", type=Day())
@click.option("--to", type=Day())
@mappings_option()
@follow_option()
@click.option("--locality")
@click.option("--service")
@click.option("--point", type=Point())
@click.option("--requests", type=click.File("rb"))
@json_option()
def resolve(
    codes: tuple[str, ...],
    kind: str,
    at: date | None,
    to: date | None,
    mappings: tuple[Path, ...],
    follow: str | None,
    locality: str | None,
    service: str | None,
    point: tuple[float, float] | None,
    requests: BinaryIO | None,
    as_json: bool,
) -> int | None:
    from merger.cli.answers import Answers

    _check_options(at, to, with_requests=requests is not None)
    answers = Answers(mappings, as_json=as_json or requests is not None)

    def question(code: str) -> Question:
        return from_options(code, kind, at, to, follow, locality, service, point)

    found: Iterable[list[Shown]]
    if requests is not None:
        name = getattr(requests, "name", "-")
        file = "-" if name == "<stdin>" else name
        found = answers.to_lines(requests, file, lambda line, number: from_line(line, file, number))
    elif codes:
        found = ([answers.to(question(code))] for code in codes)
    else:
        stream = sys.stdin.buffer
        found = answers.to_lines(stream, "-", lambda line, number: question(from_code(line, "-", number)))
    undecided = 0
    for shown in found:
        sys.stdout.write("".join(line for line, _ in shown))
        sys.stdout.flush()
        undecided += sum(open_ for _, open_ in shown)
    return NEEDS_A_PERSON if undecided else None


def _check_options(at: date | None, to: date | None, *, with_requests: bool) -> None:
    """Raises UsageError for missing days and, with `--requests`, for what every line says itself."""
    if with_requests:
        asked = click.get_current_context().get_parameter_source
        given = [name for name in OF_CODES if asked(name) is click.core.ParameterSource.COMMANDLINE]
        if given:
            names = ", ".join("CODE" if name == "codes" else f"--{name}" for name in given)
            raise click.UsageError(text("cli.usage.in-requests", names=names))
        return
    if at is None and to is None:
        raise click.UsageError(text("cli.usage.days"))
    if at is None or to is None:
        raise click.UsageError(text("cli.usage.missing", name="--at" if at is None else "--to"))
