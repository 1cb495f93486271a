"""`merger profile`: a first profile from a live schema."""

from pathlib import Path

import click

from merger.cli.base import Group, command
from merger.cli.out import check_target, number, say

profile = Group("profile", {"draft": "merger.cli.profile:draft"}, key="profile")


@command("profile.draft")
@click.argument("url_env", metavar="URL-ENV")
@click.option("--out", type=click.Path(path_type=Path), required=True)
def draft(url_env: str, out: Path) -> int | None:
    from merger.systems.draft import draft as begin

    check_target(out)
    tables = begin(url_env, out)
    say("profile-written", file=out, tables=number(tables))
    return None
