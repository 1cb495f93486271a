"""Tokens in software for trials: SoftHSM with a token folder of its own."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from merger.approval import TokenUri
from merger.testing.servers.programs import needed, softhsm_library

PIN = "135790"
_SECONDS = 60


@dataclass
class SoftTokens:
    """Tokens in `folder`, which the library sees in this process as soon as they are made.

    Raises Refused where SoftHSM is not there.
    """

    folder: Path

    def __post_init__(self) -> None:
        self._util = needed("softhsm")
        (self.folder / "tokens").mkdir(parents=True)
        settings = (f"directories.tokendir = {self.folder / 'tokens'}", "objectstore.backend = file")
        (self.folder / "softhsm2.conf").write_text("\n".join((*settings, "log.level = ERROR", "")), "utf-8")
        os.environ["SOFTHSM2_CONF"] = str(self.folder / "softhsm2.conf")

    @property
    def library(self) -> Path:
        found = softhsm_library()
        assert found is not None
        return found

    def make(self, label: str) -> None:
        """A new token with PIN."""
        import pkcs11

        self._run("--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", "24680246")
        pkcs11.lib(str(self.library)).reinitialize()

    def put_key(self, token: str, label: str, number: int, private: rsa.RSAPrivateKey) -> None:
        """Puts a private key on a token, under the id `number`."""
        file = self.folder / "key.pem"
        file.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        said = ("--import", str(file), "--token", token, "--label", label, "--id", f"{number:02x}")
        self._run(*said, "--pin", PIN)
        file.unlink()

    def put_certificate(self, token: str, label: str, number: int, certificate: x509.Certificate) -> None:
        """Puts a certificate on a token, under the id `number`."""
        import pkcs11

        library = pkcs11.lib(str(self.library))
        with library.get_token(token_label=token).open(user_pin=PIN, rw=True) as session:
            session.create_object(
                {
                    pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE,
                    pkcs11.Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                    pkcs11.Attribute.TOKEN: True,
                    pkcs11.Attribute.PRIVATE: False,
                    pkcs11.Attribute.LABEL: label,
                    pkcs11.Attribute.ID: bytes([number]),
                    pkcs11.Attribute.SUBJECT: certificate.subject.public_bytes(),
                    pkcs11.Attribute.VALUE: certificate.public_bytes(Encoding.DER),
                }
            )

    def uri(self, token: str, label: str = "") -> TokenUri:
        """How a key on a token is named."""
        return TokenUri(token=token, object=label, module=self.library)

    def _run(self, *arguments: str) -> None:
        command = [str(self._util), *arguments]
        subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)
