"""`merger trust`: the signed list of people and their public keys."""

from datetime import UTC, date, datetime
from pathlib import Path

import click

from merger.cli.base import Group, command
from merger.cli.options import Day, end_of, json_option
from merger.cli.out import as_data, say, show_json, show_table, signer_of
from merger.messages import text

trust = Group(
    "trust",
    {
        "add": "merger.cli.trust:add",
        "revoke": "merger.cli.trust:revoke",
        "describe": "merger.cli.trust:describe",
        "authority": "merger.cli.trust:authority",
        "list": "merger.cli.trust:list_people",
    },
    key="trust",
)

_file = click.option(
    "--trust", "file", type=click.Path(path_type=Path), default=Path("trust.json"), show_default=True
)
_key = click.option("--key", required=True)


@command("trust.add")
@click.argument("public", type=click.Path(path_type=Path))
@click.option(
    "--role", type=click.Choice(["administrator", "approver"]), default="approver", show_default=True
)
@click.option("--office", default="")
@click.option("--account", default="")
@click.option("--until", type=Day())
@click.option("--authority", "authorities", multiple=True, type=click.Path(path_type=Path))
@_key
@_file
def add(
    public: Path,
    role: str,
    office: str,
    account: str,
    until: date | None,
    authorities: tuple[Path, ...],
    key: str,
    file: Path,
) -> int | None:
    from merger.approval import Role, add_person, load_certificate, load_public

    person = load_public(public)
    believed = [load_certificate(one) for one in authorities]
    now = datetime.now(UTC)
    signer = signer_of(key, now)
    version = add_person(
        file,
        person,
        Role(role),
        signer,
        now,
        office=office,
        account=account,
        valid_to=None if until is None else end_of(until),
        authorities=believed,
    ).head.version
    say("trust-added", name=person.name, role=text(f"cli.role.{role}"), file=file, version=version)
    return None


@command("trust.revoke")
@click.argument("name")
@click.option("--reason", required=True)
@_key
@_file
def revoke(name: str, reason: str, key: str, file: Path) -> int | None:
    from merger.approval import revoke_person

    now = datetime.now(UTC)
    version = revoke_person(file, name, reason, signer_of(key, now), now).head.version
    say("trust-revoked", name=name, file=file, version=version)
    return None


@command("trust.describe")
@click.argument("name")
@click.option("--office")
@click.option("--account")
@_key
@_file
def describe(name: str, office: str | None, account: str | None, key: str, file: Path) -> int | None:
    from merger.approval import describe_person

    now = datetime.now(UTC)
    trust = describe_person(file, name, signer_of(key, now), now, office=office, account=account)
    say("trust-described", name=name, file=file, version=trust.head.version)
    return None


@command("trust.authority")
@click.argument("certificate", nargs=-1, type=click.Path(path_type=Path))
@click.option("--remove", default="", metavar="FINGERPRINT")
@_key
@_file
def authority(certificate: tuple[Path, ...], remove: str, key: str, file: Path) -> int | None:
    from merger.approval import certificate as said_of
    from merger.approval import change_authorities, load_certificate

    added = [load_certificate(one) for one in certificate]
    now = datetime.now(UTC)
    found = change_authorities(file, signer_of(key, now), now, add=added, remove=remove)
    rows = [
        (said.subject, f"{said.last:%Y-%m-%d}", said.fingerprint) for said in map(said_of, found.authorities)
    ]
    show_table([text(f"cli.head.{name}") for name in ("name", "expires", "fingerprint")], rows)
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
            text(f"cli.key.{_state(found.usable(key, now))}"),
        )
        for person in found.people
        for key in person.keys
    ]
    show_table([text(f"cli.head.{name}") for name in names], rows)
    return None


def _state(usable: bool) -> str:
    return "usable" if usable else "unusable"
