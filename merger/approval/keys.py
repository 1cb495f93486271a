"""Approvers' key files: an Ed25519 key in a PEM file under a passphrase, its public file beside it."""

import getpass
import os
import sys
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from merger.approval.digest import canonical_json, unusable
from merger.approval.public import PublicKey, ed25519_public, keyid_of
from merger.errors import Refused
from merger.messages import text

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

VARIABLE = "MERGER_PASSPHRASE"
FILE_VARIABLE = "MERGER_PASSPHRASE_FILE"
SHORTEST = 12
"""Characters that a passphrase needs at least: the key file can be tried offline by whoever copies it."""

_LARGEST = 64 * 1024


class Key:
    """An opened key. A `Signer`."""

    def __init__(self, private: "Ed25519PrivateKey") -> None:
        self._private = private
        self._public = ed25519_public(private.public_key().public_bytes_raw())

    @property
    def keyid(self) -> str:
        return keyid_of(self._public)

    @property
    def public(self) -> str:
        return self._public

    def sign(self, data: bytes) -> bytes:
        return self._private.sign(data)


def clean_name(name: str) -> str:
    """A name as it is kept: NFC, single spaces. Refused when empty, overlong or with hidden signs."""
    clean = " ".join(unicodedata.normalize("NFC", name).split())
    hidden = any(unicodedata.category(sign) in ("Cc", "Cf", "Co", "Cn", "Cs") for sign in clean)
    if not clean or len(clean) > 200 or hidden:
        raise Refused("approval.bad_name")
    return clean


def folded_name(name: str) -> str:
    """A name as names are compared: NFC, case folded, single spaces."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
    return " ".join(folded.split())


def public_file(out: Path) -> Path:
    """Where the public file of the key file `out` lies."""
    return out.with_name(out.name + ".pub")


def new_key(name: str, out: Path, passphrase: str) -> PublicKey:
    """Makes a key for the person `name`: `out` (mode 0600) and `out`.pub.

    Refused when one of the files is there, for a passphrase shorter than SHORTEST, for an unusable name.
    Raises InputError for a folder that cannot be written.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

    name = clean_name(name)
    if len(passphrase) < SHORTEST:
        raise Refused("approval.short_passphrase", shortest=SHORTEST)
    for path in (out, public_file(out)):
        if path.exists() or path.is_symlink():
            raise Refused("approval.file_exists", file=path)
    private = Ed25519PrivateKey.generate()
    key = Key(private)
    public = PublicKey(name=name, keyid=key.keyid, public=key.public)
    encryption = BestAvailableEncryption(_passphrase_bytes(passphrase))
    _write_new(out, private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption), 0o600)
    _write_new(public_file(out), canonical_json(public) + b"\n", 0o644)
    return public


def load_key(path: Path, passphrase: str) -> Key:
    """Opens a key file. Refused for a wrong passphrase or a damaged file; InputError for what is no key."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    data = read_small(path, _LARGEST)
    if b"-----BEGIN PRIVATE KEY-----" in data:
        raise unusable("key_without_passphrase", path)
    if b"-----BEGIN ENCRYPTED PRIVATE KEY-----" not in data:
        raise unusable("not_a_key", path)
    try:
        private = load_pem_private_key(data, _passphrase_bytes(passphrase))
    except (TypeError, ValueError) as error:
        raise Refused("approval.wrong_passphrase", file=path) from error
    except UnsupportedAlgorithm as error:
        raise unusable("not_a_key", path) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise unusable("not_a_key", path)
    return Key(private)


def load_public(path: Path) -> PublicKey:
    """Reads a public file. Raises InputError for a file that is none, or whose id is not that of its key."""
    try:
        key = PublicKey.model_validate_json(read_small(path, _LARGEST), strict=True)
        if keyid_of(key.public) == key.keyid:
            return key
    except (ValidationError, ValueError) as error:
        raise unusable("not_a_public_key", path) from error
    raise unusable("not_a_public_key", path)


def passphrase(key: str, *, confirm: bool = False, environment: Mapping[str, str] | None = None) -> str:
    """The passphrase of the key named `key`: from MERGER_PASSPHRASE, from the first line of the file that
    MERGER_PASSPHRASE_FILE names, or from a prompt (twice with `confirm`).

    Refused when there is neither a variable nor a terminal, and when the two entries differ.
    Raises InputError for a passphrase file that cannot be read.
    """
    given = secret(VARIABLE, FILE_VARIABLE, environment)
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise Refused("approval.no_terminal", variable=VARIABLE, file_variable=FILE_VARIABLE)
    entered = getpass.getpass(text("approval.prompt", key=key))
    if confirm and getpass.getpass(text("approval.prompt_again")) != entered:
        raise Refused("approval.passphrases_differ")
    return entered


def secret(variable: str, file_variable: str, environment: Mapping[str, str] | None = None) -> str | None:
    """A secret from an environment variable, or the first line of the file that another variable names.

    Raises InputError for a file that cannot be read.
    """
    environment = os.environ if environment is None else environment
    if environment.get(variable):
        return environment[variable]
    return first_line(Path(environment[file_variable])) if environment.get(file_variable) else None


def first_line(path: Path) -> str:
    """The first line of a small file. Raises InputError where it cannot be read."""
    try:
        lines = read_small(path, _LARGEST).decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise unusable("not_utf8", path) from error
    return lines[0] if lines else ""


def read_small(path: Path, largest: int) -> bytes:
    """A file's bytes. Raises InputError when it cannot be read or is larger than `largest` bytes."""
    try:
        with path.open("rb") as file:
            data = file.read(largest + 1)
    except OSError as error:
        raise unusable("unreadable", path, reason=error.strerror or type(error).__name__) from error
    if len(data) > largest:
        raise unusable("too_large", path, largest=largest)
    return data


def _passphrase_bytes(passphrase: str) -> bytes:
    return unicodedata.normalize("NFC", passphrase).encode("utf-8")


def _write_new(path: Path, data: bytes, mode: int) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError as error:
        raise Refused("approval.file_exists", file=path) from error
    except OSError as error:
        raise unusable("not_writable", path, reason=error.strerror or type(error).__name__) from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
