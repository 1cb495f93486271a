"""`merger holds`: what a person must decide, out to a sheet and back in as decisions."""

from datetime import date
from hashlib import sha256
from pathlib import Path

import click

from merger.cli.base import command
from merger.cli.out import check_target, note, number, say, show_findings, write_whole
from merger.cli.run import NEEDS_A_PERSON
from merger.errors import Refused
from merger.messages import current


@command("holds")
@click.argument("plan", type=click.Path(path_type=Path))
@click.option("--read", "answers", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True)
def holds(plan: Path, answers: Path | None, out: Path) -> int | None:
    import sys

    from merger.migrate import api
    from merger.report.holds import read, write

    check_target(out)
    loaded = api.load_plan(plan)
    digest = sha256(plan.read_bytes()).hexdigest()
    if answers is None:
        if out.suffix.lower() != ".xlsx":
            raise Refused("cli.out.holds-suffix", file=out)
        write_whole(out, write(loaded, digest, current()))
        say("holds-written", file=out, holds=number(len(loaded.holds)))
        return None
    decided = read(answers, loaded, digest, date.today())
    show_findings(decided.warnings, sys.stderr)
    if not decided.text:
        note("no-answers", file=answers)
        return NEEDS_A_PERSON
    write_whole(out, decided.text.encode())
    say(
        "decisions-written",
        file=out,
        decided=number(decided.decided),
        excluded=number(decided.excluded),
        open=number(decided.open),
    )
    return NEEDS_A_PERSON if decided.open else None
