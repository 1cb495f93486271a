"""`merger apply` and `merger rollback`: the only commands that change the target."""

from pathlib import Path

import click

from merger.cli.base import command
from merger.cli.options import Whole, json_option
from merger.cli.out import as_data, number, say, show_json
from merger.cli.progress import Progress
from merger.cli.run import INTERRUPTED, NEEDS_A_PERSON
from merger.cli.shapes import apply_json, note_lines, run_lines

EXIT = {"done": 0, "already": 0, "interrupted": INTERRUPTED, "failed": NEEDS_A_PERSON}


@command("apply")
@click.argument("plan", type=click.Path(path_type=Path))
@click.option("--workers", type=Whole(min=1))
@json_option()
def apply(plan: Path, workers: int | None, as_json: bool) -> int | None:
    from merger.migrate import api

    with Progress() as progress:
        result = api.apply(plan, workers, progress)
    if as_json:
        show_json(apply_json(result))
    else:
        run_lines(result)
    if EXIT[result.state]:
        return EXIT[result.state]
    held = sum(one.held for one in result.datasets) + sum(one.held for one in result.files)
    return NEEDS_A_PERSON if held > api.holds_allowed(plan) else None


@command("rollback")
@click.argument("run")
@json_option()
def rollback(run: str, as_json: bool) -> int | None:
    from merger.migrate import api

    with Progress() as progress:
        result = api.rollback(run, progress)
    if as_json:
        show_json(as_data(result))
    else:
        note_lines(result.file_notes)
        if result.files:
            removed = sum(one.removed for one in result.files)
            say("files-removed", removed=number(removed), kept=number(result.kept_files))
        say("rolled-back", run=result.run, removed=number(result.removed), kept=number(result.kept_rows))
    return NEEDS_A_PERSON if result.kept_rows or result.kept_files else None
