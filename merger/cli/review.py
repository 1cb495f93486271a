"""`merger review`: the pages where administrators read, decide and sign; `merger accounts`: who may enter."""

import getpass
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from merger.cli.base import Group, command
from merger.cli.options import Whole, json_option
from merger.cli.out import say, show_json, show_table
from merger.errors import Refused
from merger.messages import text
from merger.review.web.rights import ROLES

if TYPE_CHECKING:
    from merger.review.web.accounts import Accounts

VARIABLE, FILE_VARIABLE = "MERGER_PASSWORD", "MERGER_PASSWORD_FILE"

accounts = Group(
    "accounts",
    {
        "add": "merger.cli.review:add",
        "list": "merger.cli.review:list_accounts",
        "roles": "merger.cli.review:roles",
        "password": "merger.cli.review:password",
        "disable": "merger.cli.review:disable",
        "enable": "merger.cli.review:enable",
    },
    key="accounts",
)

_dir = click.option("--dir", "folder", type=click.Path(path_type=Path), default=Path(), show_default=True)
_roles = click.option("--role", "given", type=click.Choice(list(ROLES)), multiple=True, required=True)


@command("review")
@click.argument("path", type=click.Path(path_type=Path), default=Path())
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=Whole(min=0, max=65_535), default=8765, show_default=True)
@click.option("--tls-cert", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--tls-key", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--name", "names", multiple=True)
@click.option("--behind-tls", is_flag=True)
@click.option("--read-only", is_flag=True)
def review(
    path: Path,
    host: str,
    port: int,
    tls_cert: Path | None,
    tls_key: Path | None,
    names: tuple[str, ...],
    behind_tls: bool,
    read_only: bool,
) -> int | None:
    from merger.review import Settings, serve

    if (tls_cert is None) != (tls_key is None):
        raise click.UsageError(text("cli.usage.tls-both"))
    settings = Settings(
        path,
        host=host,
        port=port,
        tls_cert=tls_cert,
        tls_key=tls_key,
        hosts=names,
        behind_tls=behind_tls,
        read_only=read_only,
    )
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(message)s")

    def ready(served: Settings, address: str) -> None:
        say("review-accounts" if served.accounts else "review-local", address=address)
        sys.stdout.flush()

    serve(settings, ready)
    return None


@command("accounts.add")
@click.argument("name")
@_roles
@_dir
def add(name: str, given: tuple[str, ...], folder: Path) -> int | None:
    _accounts(folder).add(name, given, _password())
    _noted(folder, "account-added", name)
    say("account-added", name=name)
    return None


@command("accounts.list")
@_dir
@json_option()
def list_accounts(folder: Path, as_json: bool) -> int | None:
    found = _accounts(folder).all()
    if as_json:
        listed = [{"name": one.name, "roles": one.roles, "disabled": one.disabled} for one in found]
        show_json({"accounts": listed})
        return None
    state = {True: text("review_accounts.disabled"), False: text("review_accounts.enabled")}
    show_table(
        [text(f"review_accounts.{head}") for head in ("name", "roles", "state")],
        [
            (one.name, ", ".join(text(f"review_web.role.{role}") for role in one.roles), state[one.disabled])
            for one in found
        ],
    )
    return None


@command("accounts.roles")
@click.argument("name")
@_roles
@_dir
def roles(name: str, given: tuple[str, ...], folder: Path) -> int | None:
    from merger.review.web.trail import ROLES_GIVEN

    _accounts(folder).change_roles(name, given)
    _noted(folder, ROLES_GIVEN + ".".join(role for role in ROLES if role in given), name)
    say("account-changed", name=name)
    return None


@command("accounts.password")
@click.argument("name")
@_dir
def password(name: str, folder: Path) -> int | None:
    _accounts(folder).set_password(name, _password())
    _noted(folder, "password-reset", name)
    say("account-changed", name=name)
    return None


@command("accounts.disable")
@click.argument("name")
@_dir
def disable(name: str, folder: Path) -> int | None:
    _accounts(folder).disable(name)
    _noted(folder, "account-disabled", name)
    say("account-changed", name=name)
    return None


@command("accounts.enable")
@click.argument("name")
@_dir
def enable(name: str, folder: Path) -> int | None:
    _accounts(folder).enable(name)
    _noted(folder, "account-enabled", name)
    say("account-changed", name=name)
    return None


def _accounts(folder: Path) -> "Accounts":
    from merger.review import Settings
    from merger.review.web.accounts import Accounts

    if not folder.is_dir():
        raise Refused("review_web.no-folder", folder=folder)
    return Accounts(Settings(folder).accounts_file)


def _noted(folder: Path, what: str, name: str) -> None:
    from merger.migrate.writing import operator
    from merger.review import Settings
    from merger.review.web.trail import ReviewTrail

    ReviewTrail(Settings(folder).trail_file).note(f"{operator()}@command-line", what, name)


def _password() -> str:
    """A new password: from MERGER_PASSWORD, from the first line of the file that MERGER_PASSWORD_FILE names,
    or typed twice. Refused where there is neither a variable nor a terminal."""
    if os.environ.get(VARIABLE):
        return os.environ[VARIABLE]
    if os.environ.get(FILE_VARIABLE):
        lines = Path(os.environ[FILE_VARIABLE]).read_text("utf-8").splitlines()
        return lines[0] if lines else ""
    if not sys.stdin.isatty():
        raise Refused("review_accounts.no-terminal", variable=VARIABLE, file_variable=FILE_VARIABLE)
    entered = getpass.getpass(text("review_accounts.prompt"))
    if getpass.getpass(text("review_accounts.prompt-again")) != entered:
        raise Refused("review_accounts.not-the-same")
    return entered
