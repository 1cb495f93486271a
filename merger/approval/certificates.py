"""X.509 certificates of tokens' keys, and whether they hold: time, use, and the chain to an authority.

Checked as RFC 5280 asks of a path: each certificate is issued by the next, in force, and allowed to issue.
The authorities are those that the trust file names. Whether an authority took a certificate back meanwhile
(CRL, OCSP) is not asked, since nothing here calls outside: an administrator revokes the key instead.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from merger.approval.digest import digest_bytes, unusable
from merger.approval.keys import read_small
from merger.approval.public import unbase64

if TYPE_CHECKING:
    from cryptography import x509

LARGEST = 64 * 1024
LONGEST = 6
"""How many certificates a chain has at most."""

_KNOWN = (
    "2.5.29.14",  # subject key identifier
    "2.5.29.15",  # key usage
    "2.5.29.17",  # subject alternative name
    "2.5.29.19",  # basic constraints
    "2.5.29.31",  # CRL distribution points
    "2.5.29.32",  # certificate policies
    "2.5.29.35",  # authority key identifier
    "2.5.29.37",  # extended key usage
    "1.3.6.1.5.5.7.1.1",  # authority information access
)
"""Extensions that may be critical; one that is not among them cannot be passed over."""


class Flaw(StrEnum):
    """Why a certificate does not hold. The text is the message `approval.certificate.<flaw>`."""

    WRONG = "wrong"
    ENDED = "ended"
    EARLY = "early"
    USAGE = "usage"
    CHAIN = "chain"


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate says. `fingerprint`: the SHA-256 of its DER form."""

    subject: str
    issuer: str
    serial: str
    first: datetime
    last: datetime
    fingerprint: str


def certificate(text: str) -> Certificate:
    """Reads a certificate given as base64 of DER. Raises ValueError for what is none."""
    read = _read(text)
    return Certificate(
        _name(read.subject),
        _name(read.issuer),
        f"{read.serial_number:x}",
        read.not_valid_before_utc,
        read.not_valid_after_utc,
        digest_bytes(unbase64(text)),
    )


def public_of(text: str) -> str:
    """The public key of a certificate, as base64 of DER. Raises ValueError for what is no certificate."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    der = _read(text).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode("ascii")


def load_certificate(path: Path) -> str:
    """A certificate's file, PEM or DER, as base64 of DER. Raises InputError for a file that is none."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    data = read_small(path, LARGEST)
    try:
        pem = data.lstrip().startswith(b"-----BEGIN")
        read = x509.load_pem_x509_certificate(data) if pem else x509.load_der_x509_certificate(data)
        return base64.b64encode(read.public_bytes(Encoding.DER)).decode("ascii")
    except ValueError as error:
        raise unusable("not_a_certificate", path) from error


def may_issue(text: str) -> bool:
    """Whether a certificate is an authority's: a CA that may sign certificates."""
    try:
        return _may_issue(_read(text), 0)
    except ValueError:
        return False


def flaw(public: str, certificates: Sequence[str], authorities: Sequence[str], when: datetime) -> Flaw | None:
    """Why the first certificate does not hold at that moment for the key `public`, or None.

    `certificates`: the person's own, then those between it and an authority, in any order.
    """
    try:
        own, *between = [_read(one) for one in certificates]
        anchors = [_read(one) for one in authorities]
        if public_of(certificates[0]) != public or not all(_understood(one) for one in (own, *between)):
            return Flaw.WRONG
        unfit = own_flaw(certificates[0], when)
        return unfit or (None if _chained(own, between, anchors, when) else Flaw.CHAIN)
    except ValueError:
        return Flaw.WRONG


def own_flaw(text: str, when: datetime) -> Flaw | None:
    """What is wrong with a person's certificate by itself, whoever issued it. Raises ValueError for none."""
    read = _read(text)
    if when < read.not_valid_before_utc:
        return Flaw.EARLY
    if when > read.not_valid_after_utc:
        return Flaw.ENDED
    return None if _may_sign(read) else Flaw.USAGE


def _read(text: str) -> "x509.Certificate":
    from cryptography import x509

    return x509.load_der_x509_certificate(unbase64(text))


def _name(name: "x509.Name") -> str:
    from cryptography.x509 import NameOID

    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(common[0].value) if common else name.rfc4514_string()


def _understood(read: "x509.Certificate") -> bool:
    return all(not one.critical or one.oid.dotted_string in _KNOWN for one in read.extensions)


def _may_sign(read: "x509.Certificate") -> bool:
    """Whether the certificate is a person's and its key is for signatures (key usage, RFC 5280 4.2.1.3)."""
    from cryptography import x509

    try:
        usage = read.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return (usage.digital_signature or usage.content_commitment) and not _is_authority(read)


def _is_authority(read: "x509.Certificate") -> bool:
    from cryptography import x509

    try:
        return read.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _may_issue(read: "x509.Certificate", below: int) -> bool:
    """Whether the certificate may issue others, with `below` authorities between it and the person's."""
    from cryptography import x509

    try:
        limits = read.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = read.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return False
    deep_enough = limits.path_length is None or limits.path_length >= below
    return limits.ca and deep_enough and usage.key_cert_sign and _understood(read)


def _chained(
    own: "x509.Certificate",
    between: list["x509.Certificate"],
    anchors: list["x509.Certificate"],
    when: datetime,
) -> bool:
    current = own
    for below in range(LONGEST):
        if any(_issued(current, one, below, when) for one in anchors):
            return True
        found = next((one for one in between if _issued(current, one, below, when)), None)
        if found is None:
            return False
        current = found
    return False


def _issued(read: "x509.Certificate", issuer: "x509.Certificate", below: int, when: datetime) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

    if not (issuer.not_valid_before_utc <= when <= issuer.not_valid_after_utc and _may_issue(issuer, below)):
        return False
    try:
        weak = read.signature_hash_algorithm
        if weak is not None and weak.name in ("md5", "sha1"):
            return False
        read.verify_directly_issued_by(issuer)
    except (InvalidSignature, TypeError, ValueError, UnsupportedAlgorithm):
        return False
    return True
