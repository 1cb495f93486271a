"""`merger check` and `merger plan`: before anything is moved."""

from pathlib import Path

import click

from merger.cli.base import command
from merger.cli.options import json_option
from merger.cli.out import as_data, check_target, note, say, show_json, show_table
from merger.cli.progress import Progress
from merger.cli.run import NEEDS_A_PERSON
from merger.cli.shapes import plan_json, plan_lines
from merger.messages import text


@command("check")
@click.argument("job", type=click.Path(path_type=Path))
@json_option()
def check(job: Path, as_json: bool) -> int | None:
    from merger.migrate import api

    checks = api.check(job)
    if as_json:
        show_json({"checks": [as_data(one) for one in checks]})
    else:
        from merger.messages import current
        from merger.report.words import Words

        words = Words(current())
        heads = [text(f"cli.head.{name}") for name in ("check", "state", "detail")]
        show_table(heads, [(words.check(one.code), words.state(one.state), one.detail) for one in checks])
    return NEEDS_A_PERSON if any(one.state == "failed" for one in checks) else None


@command("plan")
@click.argument("job", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--scope", multiple=True)
@click.option("--final", is_flag=True)
@json_option()
def plan(job: Path, out: Path, scope: tuple[str, ...], final: bool, as_json: bool) -> int | None:
    from merger.migrate import api

    check_target(out)
    with Progress() as progress:
        made = api.make_plan(job, out, scope, final, progress)
    if as_json:
        show_json(plan_json(made))
    else:
        plan_lines(made, api.rule_titles(out))
        say("plan-written", file=out, needed=made.approvals_needed)
    held = sum(dataset.held for dataset in made.datasets)
    allowed = api.holds_allowed(out)
    if held > allowed:
        note("holds-beyond", held=held, allowed=allowed)
        return NEEDS_A_PERSON
    return None
