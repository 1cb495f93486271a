"""Public keys as they are listed, and what their signatures are.

A key's id is the SHA-256 of its public key in DER form, so that anyone can recompute it
(`openssl pkey -pubin -outform DER | sha256sum`). Two kinds: Ed25519 (RFC 8032), of key files, and RSA of 2048
to 4096 bits, of tokens. RSA signs by RSASSA-PSS with SHA-256 (RFC 8017), the scheme that Circular
15/2025/TT-BKHCN names for RSA; RSASSA-PKCS1-v1_5 with SHA-256 counts too, because older tokens know no other.
"""

import base64
import binascii
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol

from pydantic import Field

from merger.approval.digest import digest_bytes
from merger.approval.models import Closed, Digest

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

RSA_BITS = range(2048, 4097)
SALT = 32
"""Bytes of salt in an RSASSA-PSS signature: as many as SHA-256 has."""

_ED25519 = bytes.fromhex("302a300506032b6570032100")


class Signer(Protocol):
    """Something that signs: a key file or a token."""

    @property
    def keyid(self) -> str: ...

    @property
    def public(self) -> str:
        """The public key: base64 of its DER form."""
        ...

    def sign(self, data: bytes) -> bytes:
        """The signature over `data`: 64 bytes of Ed25519, or as many as the RSA modulus has."""
        ...


class PublicKey(Closed):
    """The public file of a key (`merger/key/1`): what an approver hands to the administrators.

    `certificates`: of a token's key, base64 of DER; the person's own first, then those between it and an
    authority.
    """

    left_out: ClassVar[frozenset[str]] = frozenset({"certificates"})
    schema_: Literal["merger/key/1"] = Field(default="merger/key/1", alias="schema")
    name: str
    keyid: Digest
    public: str
    certificates: tuple[str, ...] = ()


def keyid_of(public: str) -> str:
    """The id of a public key given as base64 of DER. Raises ValueError for any other
    spelling."""
    der = unbase64(public)
    if not _is_ed25519(der):
        _rsa(der)
    return digest_bytes(der)


def ed25519_public(raw: bytes) -> str:
    """The written form of the 32 bytes of an Ed25519 public key."""
    return base64.b64encode(_ED25519 + raw).decode("ascii")


def fits(public: str, signature: bytes, data: bytes) -> bool:
    """Whether the key made the signature over the data. False for what is no key."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        der = unbase64(public)
        if not _is_ed25519(der):
            return _rsa_fits(_rsa(der), signature, data)
        Ed25519PublicKey.from_public_bytes(der[len(_ED25519) :]).verify(signature, data)
    except (ValueError, InvalidSignature):
        return False
    return True


def unbase64(text: str) -> bytes:
    """The bytes of a base64 text. Raises ValueError unless it is their one spelling, to the padding bits."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if base64.b64encode(data) != text.encode("utf-8"):
        raise ValueError("not the canonical base64")
    return data


def _is_ed25519(der: bytes) -> bool:
    return len(der) == len(_ED25519) + 32 and der.startswith(_ED25519)


def _rsa(der: bytes) -> "RSAPublicKey":
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

    try:
        key = load_der_public_key(der)
    except UnsupportedAlgorithm as error:
        raise ValueError("neither Ed25519 nor RSA") from error
    if not isinstance(key, RSAPublicKey) or key.key_size not in RSA_BITS:
        raise ValueError("neither Ed25519 nor RSA of 2048 to 4096 bits")
    if key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != der:
        raise ValueError("not the canonical form of the key")
    return key


def _rsa_fits(key: "RSAPublicKey", signature: bytes, data: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, PKCS1v15
    from cryptography.hazmat.primitives.hashes import SHA256

    for scheme in (PSS(MGF1(SHA256()), SALT), PKCS1v15()):
        try:
            key.verify(signature, data, scheme, SHA256())
        except InvalidSignature:
            continue
        return True
    return False
