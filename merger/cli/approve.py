"""`merger sign` and `merger approvals`."""

from datetime import UTC, datetime
from pathlib import Path

import click

from merger.cli.base import command
from merger.cli.options import json_option
from merger.cli.out import number, say, show_json, show_table
from merger.cli.run import NEEDS_A_PERSON
from merger.messages import text


@command("sign")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--key", type=click.Path(path_type=Path), required=True)
def sign(file: Path, key: Path) -> int | None:
    from merger.approval import passphrase
    from merger.migrate import api

    envelope = api.sign(file, key, passphrase(key.name), datetime.now(UTC))
    say("signed-file", file=file, envelope=envelope)
    return None


@command("approvals")
@click.argument("file", type=click.Path(path_type=Path))
@json_option()
def approvals(file: Path, as_json: bool) -> int | None:
    from merger.migrate import api

    state = api.approvals(file)
    if as_json:
        show_json(state.summary())
    else:
        if state.approvals:
            names = ("name", "role", "at", "expires")
            rows = [
                (one.person, text(f"cli.role.{one.role}"), one.at, one.expires) for one in state.approvals
            ]
            show_table([text(f"cli.head.{name}") for name in names], rows)
        for refusal in state.refused:
            print(refusal.message)
        signed = number(len(state.approvals))
        say("approvals", name=state.name, signed=signed, needed=state.needed, missing=state.missing)
    return NEEDS_A_PERSON if state.missing else None
