"""`merger resolve`: what became of a code, and who goes on with an agency's work."""

import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import click

from merger.cli.base import command
from merger.cli.out import say, show_json_line
from merger.cli.questions import Question, from_lines, from_options, read_codes
from merger.cli.run import NEEDS_A_PERSON
from merger.cli.wording import change_in_words
from merger.messages import catalogue, current, text


class Day(click.ParamType[date]):
    """A day, `YYYY-MM-DD`."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(text("cli.usage.no-day", value=value), param, ctx)


class Point(click.ParamType[tuple[float, float]]):
    """A place, `LAT,LON` in degrees."""

    name = "lat,lon"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, float]:
        try:
            latitude, longitude = (float(part) for part in value.split(","))
        except ValueError:
            self.fail(text("cli.usage.no-point", value=value), param, ctx)
        if not (abs(latitude) <= 90 and abs(longitude) <= 180):
            self.fail(text("cli.usage.no-point-of-earth", value=value), param, ctx)
        return latitude, longitude


KINDS = ("commune", "province", "district", "agency", "service")


@command("resolve")
@click.argument("codes", metavar="[CODE…]", nargs=-1)
@click.option("--kind", type=click.Choice(KINDS), default="commune", show_default=True)
@click.option("--at", type=Day())
@click.option("--to", type=Day())
@click.option("--mappings", multiple=True, type=click.Path(path_type=Path))
@click.option("--follow", type=click.Choice(["people", "territory"]))
@click.option("--locality")
@click.option("--service")
@click.option("--point", type=Point())
@click.option("--requests", type=click.File("rb"))
@click.option("--json", "as_json", is_flag=True)
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
    requests: Iterable[bytes] | None,
    as_json: bool,
) -> int | None:
    from merger.cli.answers import Answers

    if requests is None and (at is None or to is None):
        raise click.UsageError(text("cli.usage.days"))
    answers = Answers(mappings)
    undecided = 0
    questions: Iterator[Question]
    if requests is not None:
        name = getattr(requests, "name", "-")
        questions = from_lines(requests, "-" if name == "<stdin>" else name)
    else:
        given = codes or read_codes(sys.stdin.buffer)
        questions = (from_options(code, kind, at, to, follow, locality, service, point) for code in given)
    for question in questions:
        answer = answers.to(question)
        undecided += answer["outcome"] not in ("unchanged", "unique")
        if as_json or requests is not None:
            show_json_line(answer)
        else:
            _show(answer)
    return NEEDS_A_PERSON if undecided else None


def _show(answer: dict[str, Any]) -> None:
    known = catalogue(current(), "lineage")
    reason = known.get(f"reason.{answer['reason']}", answer["reason"])
    say("resolved", code=answer["code"], outcome=text(f"cli.outcome.{answer['outcome']}"), reason=reason)
    for successor in answer["successors"]:
        print(f"    {successor['code']} {successor['name']}".rstrip())
    for evidence in answer["evidence"]:
        parts = (evidence["date"], change_in_words(evidence["change"]), evidence["source"])
        print("    " + " – ".join(part for part in parts if part))
