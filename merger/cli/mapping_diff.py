"""`merger mapping diff`: what an edit of a mapping changes, for people and as git's diff driver."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from merger.cli.base import command
from merger.cli.options import json_option
from merger.cli.out import show_json
from merger.cli.run import NEEDS_A_PERSON
from merger.errors import Finding, InputError
from merger.mapping import LoadedMapping, load
from merger.messages import text
from merger.quality.diff import NOTHING, Diff, Difference, diff, heading

NO_FILE = "/dev/null"
"""What git names where a side has no file."""


@command("mapping.diff")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW", nargs=-1)
@click.option("--git", is_flag=True)
@json_option()
@click.pass_context
def diff_command(ctx: click.Context, old: str, new: Sequence[str], git: bool, as_json: bool) -> int | None:
    if git:
        _for_git([old, *new], as_json)
        return None
    if not new:
        parameter = next(one for one in ctx.command.params if one.name == "new")
        raise click.MissingParameter(ctx=ctx, param=parameter)
    if len(new) > 1:
        raise click.UsageError(text("compare.two-sides"), ctx)
    before, after = _both(Path(old), Path(new[0]))
    found = diff(before, after)
    _show(found, old, new[0], as_json)
    return NEEDS_A_PERSON if found.differences else None


def _both(old: Path, new: Path) -> list[LoadedMapping]:
    """Both sides. Raises InputError with the findings of both."""
    loaded: list[LoadedMapping] = []
    findings: list[Finding] = []
    for path in (old, new):
        try:
            loaded.append(NOTHING if str(path) == NO_FILE else load([path]))
        except InputError as error:
            findings += error.findings
    if findings:
        raise InputError(findings)
    return loaded


def _for_git(arguments: Sequence[str], as_json: bool) -> None:
    """One file, as git hands it to a diff driver: `path old-file old-hex old-mode new-file new-hex new-mode`,
    and for a renamed file its new path and what git says of it. A path alone is an unmerged file.

    Git takes any exit code but 0 for a failure of its own, so a version that cannot be read is said, not
    raised.
    """
    path, *rest = arguments
    if len(rest) not in (0, 6, 8):
        raise click.UsageError(text("compare.git-arguments"))
    if not rest:
        print(text("compare.unmerged", file=path))
        return
    old, new = rest[0], rest[3]
    renamed = rest[6] if len(rest) == 8 else path
    try:
        before, after = _both(Path(old), Path(new))
    except InputError as error:
        names = {old: path, new: renamed}
        for finding in error.findings:
            place = str(finding.place)
            for given, name in names.items():
                place = name + place.removeprefix(given) if place.startswith(given) else place
            print(f"{place}: {finding.code} {finding.message}")
        return
    found = diff(before, after).named({old: path, new: renamed})
    if not as_json:
        print(path if renamed == path else f"{path} → {renamed}")
    _show(found, path, renamed, as_json)


def _show(found: Diff, old: str, new: str, as_json: bool) -> None:
    if as_json:
        show_json(_as_json(found, old, new))
        return
    for group, own in found.groups():
        print(heading(group, own))
        shown = [one for one in own if not found.with_whole_file(one)]
        for one in shown:
            place = text("compare.old-place", place=one.place) if one.in_old else str(one.place)
            print(f"  {place}: {one.message}" if place else f"  {one.message}")
        if len(shown) < len(own):
            print("  " + text("compare.whole-files", count=len(own) - len(shown)))
    if not found.differences:
        print(text("compare.no-difference"))


def _as_json(found: Diff, old: str, new: str) -> dict[str, object]:
    groups = [
        {"group": group.value, "count": len(own), "differences": [_difference(one) for one in own]}
        for group, own in found.groups()
    ]
    return {"old": old, "new": new, "differences": len(found.differences), "groups": groups}


def _difference(one: Difference) -> Mapping[str, Any]:
    return {
        "change": one.how,
        "subject": one.subject,
        "kind": one.kind,
        "code": one.code,
        "aspect": one.aspect,
        "until": _said(one.until),
        "now": _said(one.now),
        "side": "old" if one.in_old else "new",
        "file": one.place.file,
        "line": one.place.line,
        "column": one.place.column,
        "message": one.message,
    }


def _said(said: Any) -> Any:
    return said if isinstance(said, str) else [asdict(one) for one in said]
