"""`merger keys`: an approver's own key, in a file or on a token."""

from pathlib import Path

import click

from merger.cli.base import Group, command
from merger.cli.options import json_option
from merger.cli.out import check_target, note, say, show_json, show_table, write_new
from merger.messages import text

keys = Group(
    "keys",
    {
        "new": "merger.cli.keys:new",
        "list-tokens": "merger.cli.keys:list_tokens",
        "public": "merger.cli.keys:public",
    },
    key="keys",
)


@command("keys.new")
@click.option("--name", required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True)
def new(name: str, out: Path) -> int | None:
    from merger.approval import new_key, passphrase, public_file

    check_target(out)
    public = new_key(name, out, passphrase(name, confirm=True))
    say("key-written", file=out, public=public_file(out), keyid=public.keyid)
    return None


@command("keys.list-tokens")
@click.option("--module", type=click.Path(path_type=Path))
@json_option()
def list_tokens(module: Path | None, as_json: bool) -> int | None:
    from merger import approval

    found = approval.list_tokens(module)
    if as_json:
        show_json({"tokens": [one.summary() for one in found]})
        return None
    if not found:
        note("no-tokens")
    for token in found:
        if token.locked:
            print(text("approval.token.pin_locked", token=token.uri.token))
        elif token.last_try:
            print(text("approval.token.last_try", token=token.uri.token))
    rows = [
        (one.certificate.subject, one.certificate.issuer, f"{one.certificate.last:%Y-%m-%d}", str(one.uri))
        for token in found
        for one in token.certificates
    ]
    show_table([text(f"cli.head.{name}") for name in ("name", "issuer", "expires", "key")], rows)
    return None


@command("keys.public")
@click.option("--key", required=True)
@click.option("--name")
@click.option("--out", type=click.Path(path_type=Path), required=True)
def public(key: str, name: str | None, out: Path) -> int | None:
    from merger.approval import canonical_json, certificate, read_uri, token_public

    found = token_public(read_uri(key), name)
    write_new(out, canonical_json(found) + b"\n", replace=False)
    say(
        "public-written",
        file=out,
        name=found.name,
        keyid=found.keyid,
        fingerprint=certificate(found.certificates[0]).fingerprint,
    )
    return None
