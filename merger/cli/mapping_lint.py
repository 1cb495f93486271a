"""`merger mapping lint`: every rule on files of definitions."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from merger.cli.base import command
from merger.cli.options import Day, json_option
from merger.cli.out import finding_json, number, say, show_findings, show_json
from merger.cli.run import NEEDS_A_PERSON, UNUSABLE_INPUT
from merger.errors import InputError, Severity
from merger.messages import text


@command("mapping.lint")
@click.argument("paths", metavar="PATH…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--suppressed", "show_suppressed", is_flag=True)
@click.option("--roster", "roster_path", type=click.Path(path_type=Path))
@click.option("--on", "on", type=Day())
@json_option()
def lint(
    paths: Sequence[Path], show_suppressed: bool, roster_path: Path | None, on: date | None, as_json: bool
) -> int | None:
    import sys

    from merger.mapping import read
    from merger.quality import lint, read_roster

    if (roster_path is None) != (on is None):
        raise click.UsageError(text("cli.mapping.lint.roster-needs-day"))
    found = read(paths)
    unusable = list(found.findings)
    roster = None
    try:
        roster = read_roster(roster_path, on) if roster_path and on else None
    except InputError as error:
        unusable += error.findings
    result = lint(found.loaded, roster)
    findings = [*unusable, *result.findings]
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    warnings = sum(finding.severity is Severity.WARNING for finding in findings)
    if as_json:
        shown: dict[str, object] = {
            "findings": [finding_json(finding) for finding in findings],
            "errors": errors,
            "warnings": warnings,
            "suppressed": len(result.suppressed),
        }
        if show_suppressed:
            shown["suppressions"] = [
                {**finding_json(one.finding), "reason": one.reason} for one in result.suppressed
            ]
        show_json(shown)
    else:
        show_findings(unusable, sys.stderr)
        show_findings(result.findings, sys.stdout)
        for one in result.suppressed if show_suppressed else ():
            say("suppressed", finding=one.finding, reason=one.reason)
        if not unusable:
            files = len(found.loaded.documents)
            say("lint", files=files, errors=number(errors), warnings=number(warnings))
        if result.suppressed:
            say("lint-suppressed", suppressed=number(len(result.suppressed)))
    return UNUSABLE_INPUT if unusable else NEEDS_A_PERSON if errors else None
