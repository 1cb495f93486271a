"""One payload and one signature over it, as a DSSE envelope (secure-systems-lab/dsse, v1).

An envelope has one spelling: the RFC 8785 form of its JSON and a line feed. Whatever is spelt otherwise
is not read, down to the padding bits of base64, so that no byte of it can change unseen.
"""

import base64
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import Field, ValidationError

from merger.approval.digest import canonical_json, unusable
from merger.approval.models import Closed, Digest
from merger.approval.public import Signer, fits, unbase64

LARGEST = 1024 * 1024
"""Bytes that an envelope may have."""

Payload = TypeVar("Payload", bound=Closed)


class NotCanonical(ValueError):
    """Bytes that are no envelope, or one in another spelling than its own."""


class _Signature(Closed):
    keyid: Digest
    sig: str


class _Envelope(Closed):
    payload: str
    payload_type: str = Field(alias="payloadType")
    signatures: tuple[_Signature]


@dataclass(frozen=True, slots=True)
class Envelope:
    """What an envelope says. Nothing in it is to be believed before `signed_by` is true."""

    payload_type: str
    payload: bytes
    keyid: str
    signature: bytes

    def signed_by(self, public: str) -> bool:
        """Whether the key (base64 of DER) made the signature. False for what is no key."""
        return fits(public, self.signature, _signed_bytes(self.payload_type, self.payload))

    def read(self, model: type[Payload]) -> Payload:
        """The payload as a model. Raises NotCanonical unless it is its canonical JSON."""
        try:
            content = model.model_validate_json(self.payload, strict=True)
            canonical = canonical_json(content) == self.payload
        except ValueError as error:
            raise NotCanonical from error
        if not canonical:
            raise NotCanonical
        return content


def seal(payload_type: str, payload: Closed, signer: Signer) -> bytes:
    """The bytes of the envelope that `signer` makes over the canonical JSON of `payload`."""
    data = canonical_json(payload)
    signature = signer.sign(_signed_bytes(payload_type, data))
    return (
        canonical_json(
            _Envelope(
                payload=base64.b64encode(data).decode("ascii"),
                payload_type=payload_type,
                signatures=(_Signature(keyid=signer.keyid, sig=base64.b64encode(signature).decode("ascii")),),
            )
        )
        + b"\n"
    )


def unseal(data: bytes, payload_type: str) -> Envelope:
    """Reads the bytes of an envelope. Raises NotCanonical for everything but its one spelling."""
    if len(data) > LARGEST:
        raise NotCanonical
    try:
        envelope = _Envelope.model_validate_json(data, strict=True)
        canonical = canonical_json(envelope) + b"\n" == data and envelope.payload_type == payload_type
        payload, signature = unbase64(envelope.payload), unbase64(envelope.signatures[0].sig)
    except (ValidationError, ValueError) as error:
        raise NotCanonical from error
    if not canonical:
        raise NotCanonical
    return Envelope(payload_type, payload, envelope.signatures[0].keyid, signature)


def replace_file(path: Path, data: bytes) -> None:
    """Writes a file so that a reader sees the old bytes or the new ones, never a part.

    Raises InputError for a place that cannot be written.
    """
    try:
        _replace(path, data)
    except OSError as error:
        raise unusable("not_writable", path, reason=error.strerror or type(error).__name__) from error


def _replace(path: Path, data: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _signed_bytes(payload_type: str, payload: bytes) -> bytes:
    """What is signed: the pre-authentication encoding of DSSE v1 (its protocol.md, "Signature Definition"),
    which binds the type to the payload."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
