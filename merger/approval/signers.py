"""Whoever signs names a key: a file, or a PKCS#11 URI for one on a token."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from merger.approval.keys import load_key, passphrase
from merger.approval.public import Signer
from merger.approval.token_uri import is_uri, read_uri
from merger.approval.tokens import open_token


def open_signer(key: str, now: datetime, warn: Callable[[str], None] | None = None) -> Signer:
    """Opens the key, asking for its passphrase or PIN as `passphrase` and `pin_of` do.

    Refused and raises InputError as `load_key` and `open_token` do.
    """
    if is_uri(key):
        return open_token(read_uri(key), now, warn=warn)
    path = Path(key)
    return load_key(path, passphrase(path.name))
