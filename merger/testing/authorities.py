"""Made-up certification authorities and the RSA keys of made-up people, as they stand on tokens."""

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from merger.approval import PublicKey
from merger.approval.public import keyid_of

FIRST = datetime(2025, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)


def _usage(*, signs: bool, issues: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs,
        content_commitment=signs,
        key_encipherment=not signs and not issues,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=issues,
        crl_sign=issues,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def der64(certificate: x509.Certificate) -> str:
    """A certificate as it is listed: base64 of its DER form."""
    return base64.b64encode(certificate.public_bytes(Encoding.DER)).decode("ascii")


@dataclass
class RsaKey:
    """A person's RSA key in memory: a `Signer`, as a token is. `old`: signs by RSASSA-PKCS1-v1_5, as older
    tokens do."""

    private: rsa.RSAPrivateKey
    old: bool = False

    @classmethod
    def made(cls, bits: int = 2048, old: bool = False) -> "RsaKey":
        return cls(rsa.generate_private_key(65537, bits), old)

    @cached_property
    def public(self) -> str:
        der = self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(der).decode("ascii")

    @property
    def keyid(self) -> str:
        return keyid_of(self.public)

    def sign(self, data: bytes) -> bytes:
        if self.old:
            return self.private.sign(data, padding.PKCS1v15(), SHA256())
        return self.private.sign(data, padding.PSS(padding.MGF1(SHA256()), 32), SHA256())

    def listed(self, name: str, *certificates: x509.Certificate) -> PublicKey:
        """Its public file."""
        chain = tuple(der64(one) for one in certificates)
        return PublicKey(name=name, keyid=self.keyid, public=self.public, certificates=chain)


@dataclass
class Authority:
    """A made-up authority. `above`: the one that issued it; None for one that issued itself."""

    name: str
    above: "Authority | None" = None
    first: datetime = FIRST
    last: datetime = FIRST + 20 * YEAR
    path_length: int | None = None
    private: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    @cached_property
    def certificate(self) -> x509.Certificate:
        limits = x509.BasicConstraints(ca=True, path_length=self.path_length)
        builder = self._builder(self.name, self.private.public_key(), self.first, self.last)
        builder = builder.add_extension(limits, critical=True)
        builder = builder.add_extension(_usage(signs=False, issues=True), critical=True)
        issuer = self.above or self
        return builder.issuer_name(_name(issuer.name)).sign(issuer.private, SHA256())

    @property
    def listed(self) -> str:
        """Its certificate as a trust file lists it."""
        return der64(self.certificate)

    def issue(
        self,
        name: str,
        key: rsa.RSAPublicKey,
        *,
        first: datetime = FIRST,
        last: datetime = FIRST + 3 * YEAR,
        signs: bool = True,
        ca: bool = False,
        critical: bool = False,
        digest: HashAlgorithm | None = None,
    ) -> x509.Certificate:
        """A person's certificate. `signs`: its key is for signatures; `ca`: it claims to be an authority;
        `critical`: it says something critical that nobody knows."""
        builder = self._builder(name, key, first, last).issuer_name(_name(self.name))
        builder = builder.add_extension(_usage(signs=signs, issues=ca), critical=True)
        if ca:
            builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        if critical:
            unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
            builder = builder.add_extension(unknown, critical=True)
        return builder.sign(self.private, digest or SHA256())  # type: ignore[arg-type]  # any hash, also weak

    @staticmethod
    def _builder(
        name: str, key: rsa.RSAPublicKey, first: datetime, last: datetime
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(_name(name))
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(first)
            .not_valid_after(last)
        )
