"""`merger sign` and `merger approvals`."""

from datetime import UTC, date, datetime
from pathlib import Path

import click

from merger.cli.base import command
from merger.cli.options import Day, end_of, json_option
from merger.cli.out import number, say, show_json, show_table, signer_of
from merger.cli.run import NEEDS_A_PERSON
from merger.errors import Refused
from merger.messages import text


@command("sign")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--key", required=True)
@click.option("--expires", type=Day())
@click.option("--out", type=click.Path(path_type=Path))
@click.option("--withdraw", is_flag=True)
@click.option("--reason", default="")
def sign(
    file: Path, key: str, expires: date | None, out: Path | None, withdraw: bool, reason: str
) -> int | None:
    from merger.migrate import api

    now = datetime.now(UTC)
    if withdraw:
        if not reason.strip():
            raise Refused("cli.out.withdraw-reason")
        say("withdrawn-file", file=file, withdrawal=api.withdraw(file, signer_of(key, now), reason, now))
        return None
    ends = None if expires is None else end_of(expires)
    envelope = api.sign_with(file, signer_of(key, now), now, ends, out)
    say("signed-file", file=file, envelope=envelope)
    return None


@command("approvals")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--trust", type=click.Path(path_type=Path))
@json_option()
def approvals(file: Path, trust: Path | None, as_json: bool) -> int | None:
    from merger.migrate import api

    state = api.approvals(file, trust)
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
        if state.missing_roles:
            roles = ", ".join(text(f"approval.role.{role}") for role in state.missing_roles)
            print(text("approval.role_missing", name=state.name, roles=roles))
        signed = number(len(state.approvals))
        say("approvals", name=state.name, signed=signed, needed=state.needed, missing=state.missing)
    return NEEDS_A_PERSON if state.missing else None
