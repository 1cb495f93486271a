"""`merger verify`: source against target, to the row and column."""

import click

from merger.cli.base import command
from merger.cli.options import json_option
from merger.cli.out import show_json
from merger.cli.progress import Progress
from merger.cli.run import NEEDS_A_PERSON
from merger.cli.shapes import verification_lines, verify_json


@command("verify")
@click.argument("target", metavar="PLAN|RUN")
@click.option("--quick", is_flag=True)
@click.option("--show-values", is_flag=True)
@json_option()
def verify(target: str, quick: bool, show_values: bool, as_json: bool) -> int | None:
    from merger.migrate import api

    with Progress() as progress:
        found = api.verify(target, quick, show_values, progress)
    if as_json:
        show_json(verify_json(found, show_values))
    else:
        verification_lines(found, show_values=show_values)
    return NEEDS_A_PERSON if found.state == "different" else None
