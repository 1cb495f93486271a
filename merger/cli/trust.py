"""`merger trust`: the signed list of people and their public keys."""

from datetime import UTC, datetime
from pathlib import Path

import click

from merger.cli.base import Group, command
from merger.cli.options import json_option
from merger.cli.out import as_data, say, show_json, show_table
from merger.messages import text

trust = Group(
    "trust",
    {
        "add": "merger.cli.trust:add",
        "revoke": "merger.cli.trust:revoke",
        "list": "merger.cli.trust:list_people",
    },
    key="trust",
)

_file = click.option(
    "--trust", "file", type=click.Path(path_type=Path), default=Path("trust.json"), show_default=True
)
_key = click.option("--key", type=click.Path(path_type=Path), required=True)


@command("trust.add")
@click.argument("public", type=click.Path(path_type=Path))
@click.option(
    "--role", type=click.Choice(["administrator", "approver"]), default="approver", show_default=True
)
@_key
@_file
def add(public: Path, role: str, key: Path, file: Path) -> int | None:
    from merger.approval import Role, add_person, load_key, load_public, passphrase

    person = load_public(public)
    signer = load_key(key, passphrase(key.name))
    version = add_person(file, person, Role(role), signer, datetime.now(UTC)).head.version
    say("trust-added", name=person.name, role=text(f"cli.role.{role}"), file=file, version=version)
    return None


@command("trust.revoke")
@click.argument("name")
@click.option("--reason", required=True)
@_key
@_file
def revoke(name: str, reason: str, key: Path, file: Path) -> int | None:
    from merger.approval import load_key, passphrase, revoke_person

    signer = load_key(key, passphrase(key.name))
    version = revoke_person(file, name, reason, signer, datetime.now(UTC)).head.version
    say("trust-revoked", name=name, file=file, version=version)
    return None


@command("trust.list")
@_file
@json_option()
def list_people(file: Path, as_json: bool) -> int | None:
    from merger.approval import load_trust

    found = load_trust(file)
    now = datetime.now(UTC)
    if as_json:
        show_json(
            {
                "root": found.root,
                "version": found.head.version,
                "people": [as_data(person) for person in found.people],
            }
        )
        return None
    names = ("name", "role", "key", "state")
    rows = [
        (
            person.name,
            text(f"cli.role.{person.role}"),
            key.keyid[:16],
            text(f"cli.key.{_state(key.usable(now))}"),
        )
        for person in found.people
        for key in person.keys
    ]
    show_table([text(f"cli.head.{name}") for name in names], rows)
    return None


def _state(usable: bool) -> str:
    return "usable" if usable else "unusable"
