"""`merger keys`: an approver's own key."""

from pathlib import Path

import click

from merger.cli.base import Group, command
from merger.cli.out import check_target, say

keys = Group("keys", {"new": "merger.cli.keys:new"}, key="keys")


@command("keys.new")
@click.option("--name", required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True)
def new(name: str, out: Path) -> int | None:
    from merger.approval import new_key, passphrase, public_file

    check_target(out)
    public = new_key(name, out, passphrase(name, confirm=True))
    say("key-written", file=out, public=public_file(out), keyid=public.keyid)
    return None
