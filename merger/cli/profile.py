"""`merger profile`: a first profile from a live schema."""

from importlib import import_module
from pathlib import Path

import click

from merger.cli.base import Group, command
from merger.cli.out import say

profile = Group("profile", {"draft": "merger.cli.profile:draft"}, key="profile")


@command("profile.draft")
@click.argument("url_env", metavar="URL-ENV")
@click.option("--out", type=click.Path(path_type=Path), required=True)
def draft(url_env: str, out: Path) -> int | None:
    import_module("merger.systems.draft").draft(url_env, out)
    say("profile-written", file=out)
    return None
