"""Options that several commands take alike, and the types of what is given to them."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import click

from merger.messages import text

Option = Callable[[Callable[..., Any]], Callable[..., Any]]
"""What `click.option` makes: a decorator of a command's function."""


class Day(click.ParamType[date]):
    """A day, `YYYY-MM-DD`."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(text("cli.usage.no-day", value=value), param, ctx)


def end_of(day: date) -> datetime:
    """The end of a day, in UTC."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)


class Whole(click.IntRange):
    """A whole number within bounds."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            int(value)
        except ValueError:
            self.fail(text("cli.usage.no-whole", value=value), param, ctx)
        return super().convert(value, param, ctx)


def follow_option() -> Option:
    """`--follow`: whether people or territory decide where a unit was divided."""
    return click.option("--follow", type=click.Choice(["people", "territory"]))


def mappings_option() -> Option:
    """`--mappings`, as often as wanted; the shipped ones where it is not given."""
    return click.option("--mappings", multiple=True, type=click.Path(path_type=Path))


def replace_option() -> Option:
    """`--replace`: whether a file that is there already is written over."""
    return click.option("--replace", is_flag=True)


def json_option() -> Option:
    """`--json`, as `as_json`."""
    return click.option("--json", "as_json", is_flag=True)
