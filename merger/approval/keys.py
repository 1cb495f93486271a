"""Approvers' keys: Ed25519, the private one in a PEM file under a passphrase, the public one beside it.

A key's id is the SHA-256 of its public key in DER form, so that anyone can recompute it
(`openssl pkey -pubin -outform DER | sha256sum`).
"""

import base64
import binascii
import getpass
import os
import sys
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from pydantic import Field, ValidationError

from merger.approval.digest import canonical_json, digest_bytes, unusable
from merger.approval.models import Closed, Digest
from merger.errors import Refused
from merger.messages import text

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

VARIABLE = "MERGER_PASSPHRASE"
FILE_VARIABLE = "MERGER_PASSPHRASE_FILE"
SHORTEST = 12
"""Characters that a passphrase needs at least: the key file can be tried offline by whoever copies it."""

_DER_PREFIX = bytes.fromhex("302a300506032b6570032100")
_LARGEST = 64 * 1024


class Signer(Protocol):
    """Something that signs: a key file today, a token tomorrow."""

    @property
    def keyid(self) -> str: ...

    @property
    def public(self) -> str:
        """The public key: base64 of its DER form."""
        ...

    def sign(self, data: bytes) -> bytes:
        """The 64 bytes of the Ed25519 signature over `data`."""
        ...


class PublicKey(Closed):
    """The public file of a key (`merger/key/1`): what an approver hands to the administrators."""

    schema_: Literal["merger/key/1"] = Field(default="merger/key/1", alias="schema")
    name: str
    keyid: Digest
    public: str


class Key:
    """An opened key. A `Signer`."""

    def __init__(self, private: "Ed25519PrivateKey") -> None:
        self._private = private
        raw = private.public_key().public_bytes_raw()
        self._public = base64.b64encode(_DER_PREFIX + raw).decode("ascii")

    @property
    def keyid(self) -> str:
        return keyid_of(self._public)

    @property
    def public(self) -> str:
        return self._public

    def sign(self, data: bytes) -> bytes:
        return self._private.sign(data)


def raw_public(public: str) -> bytes:
    """The 32 bytes of a public key given as base64 of DER. Raises ValueError for any other spelling."""
    der = unbase64(public)
    if len(der) != len(_DER_PREFIX) + 32 or not der.startswith(_DER_PREFIX):
        raise ValueError("not an Ed25519 public key")
    return der[len(_DER_PREFIX) :]


def keyid_of(public: str) -> str:
    """The id of a public key. Raises ValueError as `raw_public` does."""
    raw_public(public)
    return digest_bytes(unbase64(public))


def unbase64(text: str) -> bytes:
    """The bytes of a base64 text. Raises ValueError unless it is their one spelling, to the padding bits."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if base64.b64encode(data) != text.encode("utf-8"):
        raise ValueError("not the canonical base64")
    return data


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
    environment = os.environ if environment is None else environment
    if environment.get(VARIABLE):
        return environment[VARIABLE]
    if environment.get(FILE_VARIABLE):
        path = Path(environment[FILE_VARIABLE])
        try:
            lines = read_small(path, _LARGEST).decode("utf-8").splitlines()
        except UnicodeDecodeError as error:
            raise unusable("not_utf8", path) from error
        return lines[0] if lines else ""
    if not sys.stdin.isatty():
        raise Refused("approval.no_terminal", variable=VARIABLE, file_variable=FILE_VARIABLE)
    entered = getpass.getpass(text("approval.prompt", key=key))
    if confirm and getpass.getpass(text("approval.prompt_again")) != entered:
        raise Refused("approval.passphrases_differ")
    return entered


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
