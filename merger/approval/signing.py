"""Signing: one envelope file for each signature, beside what was signed."""

import re
import secrets
from datetime import datetime
from pathlib import Path

from merger.approval.digest import unusable
from merger.approval.envelope import LARGEST, NotCanonical, replace_file, seal, unseal
from merger.approval.keys import read_small
from merger.approval.models import moment
from merger.approval.public import Signer
from merger.approval.statement import PAYLOAD_TYPE, Statement, Subject, default_expiry, full
from merger.errors import InputError, Refused


def envelope_path(path: Path, keyid: str) -> Path:
    """Where a key's signature over a file or folder lies: `<path>.<first 8 of keyid>.sig.json`."""
    path = full(path)
    return path.with_name(f"{path.name}.{keyid[:8]}.sig.json")


def envelope_paths(path: Path) -> list[Path]:
    """The signatures beside a file or folder, by name. Raises InputError for a folder that cannot be read."""
    path = full(path)
    pattern = re.compile(re.escape(path.name) + r"\.[0-9a-f]{8}\.sig\.json")
    try:
        return sorted(entry for entry in path.parent.iterdir() if pattern.fullmatch(entry.name))
    except OSError as error:
        raise unusable("unreadable", path.parent, reason=error.strerror or type(error).__name__) from error


def sign(
    path: Path,
    subject: Subject,
    signer: Signer,
    now: datetime,
    *,
    expires: datetime | None = None,
    out: Path | None = None,
) -> Path:
    """Signs the subject read from `path`; answers where the signature lies (`out`, or beside `path`).

    An earlier signature of the same key is replaced. `expires`: as long as `statement.LASTS` says, unless
    given. Refused for an expiry that is not in the future, and where another key's signature has the place.
    Raises InputError for a place that cannot be written.
    """
    issued = moment(now)
    ends = default_expiry(subject, now) if expires is None else moment(expires)
    if ends <= issued:
        raise Refused("approval.expiry_past")
    place = envelope_path(path, signer.keyid) if out is None else out
    if _other_key(place, signer.keyid):
        raise Refused("approval.file_exists", file=place)
    statement = Statement(id=secrets.token_hex(16), subject=subject, issued_at=issued, expires_at=ends)
    replace_file(place, seal(PAYLOAD_TYPE, statement, signer))
    return place


def place(path: Path, data: bytes) -> Path:
    """Puts the bytes of a signature made elsewhere beside `path`; answers where.

    An earlier signature of the same key is replaced. Refused where another key's has the place. Raises
    NotCanonical for what is no signature, InputError for a place that cannot be written.
    """
    keyid = unseal(data, PAYLOAD_TYPE).keyid
    where = envelope_path(path, keyid)
    if _other_key(where, keyid):
        raise Refused("approval.file_exists", file=where)
    replace_file(where, data)
    return where


def _other_key(place: Path, keyid: str) -> bool:
    if not place.exists():
        return False
    try:
        return unseal(read_small(place, LARGEST), PAYLOAD_TYPE).keyid != keyid
    except (InputError, NotCanonical):
        return False
