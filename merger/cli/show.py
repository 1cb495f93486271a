"""`merger show`, `report` and `handover`: a mapping, a plan or a run, on the screen and as a file."""

import sys
from pathlib import Path

import click

from merger.cli.base import command
from merger.cli.options import json_option
from merger.cli.out import check_target, number, say, write_whole
from merger.cli.shapes import plan_lines, verification_lines
from merger.messages import current, text


@command("show")
@click.argument("target", metavar="PLAN|RUN|MAPPING")
@click.option("--details", is_flag=True)
@json_option()
def show(target: str, details: bool, as_json: bool) -> int | None:
    path = Path(target)
    if path.is_dir() or path.suffix in (".yaml", ".yml"):
        from merger.cli.mapping import show_stats

        return show_stats((path,), as_json)
    from merger import report as forms
    from merger.migrate import api
    from merger.report.words import Words

    summary = api.summary(target)
    if as_json:
        sys.stdout.write(forms.json(summary).decode())
        return None
    words = Words(current())
    print(f"{words.text(f'{summary.what}_name')} {summary.id}: {words.state(summary.state)}")
    print(words.title(summary.title, summary.job))
    plan_lines(summary)
    say("signed", signed=number(len(summary.approvals)), needed=number(summary.approvals_needed))
    if summary.verification is not None:
        say(f"last-verified-{summary.verification.state}")
    if not details:
        say("more-details")
        return None
    for hold in summary.holds:
        place = f"{hold.system}/{hold.dataset}"
        reason, codes = words.reason(hold.reason, hold.column), words.codes(hold.codes.items())
        print(f"{hold.id}  {place}  {number(hold.rows)}  {reason}  {codes}")
        for candidate in hold.candidates:
            print(f"    {candidate.field}: {candidate.code} {candidate.name}".rstrip())
    if summary.verification is not None:
        verification_lines(summary.verification, show_values=False, details=True)
    for name, digest in summary.digests.items():
        print(f"{name}  {digest}")
    return None


@command("report")
@click.argument("target", metavar="PLAN|RUN")
@click.option("--out", type=click.Path(path_type=Path), required=True)
def report(target: str, out: Path) -> int | None:
    from merger import report as forms
    from merger.errors import Refused
    from merger.migrate import api

    if out.suffix.lower() not in forms.FORMATS:
        raise Refused("report.unknown-format", suffix=out.suffix or "?", formats=", ".join(forms.FORMATS))
    check_target(out)
    write_whole(out, forms.render(api.summary(target), out.suffix, current()))
    print(text("cli.out.written", file=out))
    return None


@command("handover")
@click.argument("target", metavar="PLAN|RUN")
@click.option("--agency", metavar="CODE", required=True)
@click.option("--gets", is_flag=True)
@click.option("--out", type=click.Path(path_type=Path), required=True)
def handover(target: str, agency: str, gets: bool, out: Path) -> int | None:
    from merger import report as forms
    from merger.errors import Refused
    from merger.migrate import api

    if out.suffix.lower() not in (".html", ".pdf"):
        raise Refused("report.unknown-format", suffix=out.suffix or "?", formats=".html, .pdf")
    check_target(out)
    page = forms.record(api.summary(target), agency, current(), gives=not gets)
    write_whole(out, forms.pdf(page) if out.suffix.lower() == ".pdf" else page)
    print(text("cli.out.written", file=out))
    return None
