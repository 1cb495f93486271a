"""Keys on tokens: RSA keys with X.509 certificates behind PKCS#11 (OASIS PKCS#11 v2.40).

Only finding tokens and signing need the token, its library and the package python-pkcs11; verifying needs
none of them. The private key never leaves the token. A PIN is used for one session and kept nowhere.
"""

import base64
import getpass
import hashlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

from merger.approval.certificates import Certificate, certificate, own_flaw, public_of
from merger.approval.keys import first_line, secret
from merger.approval.models import written
from merger.approval.public import SALT, PublicKey, keyid_of
from merger.approval.token_uri import TokenUri
from merger.approval.trust import flawed
from merger.errors import MergerError, Refused
from merger.messages import text

MODULE_VARIABLE = "MERGER_PKCS11_MODULE"
PIN_VARIABLE = "MERGER_PIN"
PIN_FILE_VARIABLE = "MERGER_PIN_FILE"

_SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
"""What stands before a SHA-256 in a signature by RSASSA-PKCS1-v1_5 (RFC 8017, 9.2)."""

_one_at_a_time = Lock()


@dataclass(frozen=True, slots=True)
class OnToken:
    """A certificate on a token whose key may be there too. `der`: base64 of its DER form."""

    uri: TokenUri
    der: str
    certificate: Certificate


@dataclass(frozen=True, slots=True)
class TokenFound:
    """A token that is plugged in, with the certificates on it, and what it says of its PIN."""

    uri: TokenUri
    locked: bool
    last_try: bool
    certificates: tuple[OnToken, ...]

    def summary(self) -> dict[str, object]:
        """The token as plain data, for JSON."""
        return {
            "token": self.uri.token,
            "serial": self.uri.serial,
            "locked": self.locked,
            "last_try": self.last_try,
            "certificates": [
                {
                    "uri": str(one.uri),
                    "subject": one.certificate.subject,
                    "issuer": one.certificate.issuer,
                    "valid_from": written(one.certificate.first),
                    "valid_to": written(one.certificate.last),
                    "fingerprint": one.certificate.fingerprint,
                }
                for one in self.certificates
            ],
        }


class Token:
    """A key on a token, opened for signing with its PIN. A `Signer`.

    `between`: the other certificates of the token, which may lead from the person's to an authority.
    """

    def __init__(self, found: OnToken, between: tuple[str, ...], pin: str) -> None:
        self.uri = found.uri
        self.certificates = (found.der, *between)
        self._public = public_of(found.der)
        self._pin = pin

    @property
    def keyid(self) -> str:
        return keyid_of(self._public)

    @property
    def public(self) -> str:
        return self._public

    def sign(self, data: bytes) -> bytes:
        """By RSASSA-PSS where the token can, else by RSASSA-PKCS1-v1_5; both with SHA-256.

        Refused for a PIN that is wrong or locked, and for a token or key that is gone.
        """
        with _one_at_a_time, _told(self.uri), _session(self.uri, self._pin) as session:
            return _signature(session, self.uri, data)


def module_of(uri: TokenUri | None = None, environment: Mapping[str, str] | None = None) -> Path:
    """The library that speaks to the tokens: the URI's `module-path`, else what MERGER_PKCS11_MODULE names.

    Refused where neither says one.
    """
    if uri is not None and uri.module is not None:
        return uri.module
    environment = os.environ if environment is None else environment
    named = environment.get(MODULE_VARIABLE)
    if not named:
        raise Refused("approval.token.no_module", variable=MODULE_VARIABLE)
    return Path(named)


def list_tokens(module: Path | None = None) -> list[TokenFound]:
    """The tokens that are plugged in. Refused where the library or the package python-pkcs11 is missing."""
    library = module_of(TokenUri(module=module))
    with _one_at_a_time, _told(TokenUri(module=library)):
        return [_describe(token, library) for token in _tokens(library)]


def find_key(uri: TokenUri) -> tuple[OnToken, tuple[str, ...]]:
    """The certificate that a URI names, and the other certificates of its token.

    Refused where there is no such token or certificate, or more than one.
    """
    library = module_of(uri)
    with _one_at_a_time, _told(uri):
        found = _describe(_token(library, uri), library)
    fitting = [one for one in found.certificates if _fits(one.uri, uri)]
    if not fitting:
        raise Refused("approval.token.no_certificate", token=found.uri.token, uri=str(uri))
    if len(fitting) > 1:
        listed = ", ".join(str(one.uri) for one in fitting)
        raise Refused("approval.token.several", uri=str(uri), found=listed)
    others = tuple(one.der for one in found.certificates if one is not fitting[0])
    return fitting[0], others


def open_token(
    uri: TokenUri,
    now: datetime,
    pin: str | None = None,
    warn: Callable[[str], None] | None = None,
) -> Token:
    """Opens the key that a URI names. `pin`: asked for where it is None, see `pin_of`. Before,
    `warn` is told where the next wrong PIN locks the token.

    Refused for a token that is not there or whose PIN is locked, for a certificate that is not in force or
    not for signing (before the PIN is asked for), and for a wrong PIN.
    """
    found, others = find_key(uri)
    unfit = own_flaw(found.der, now)
    if unfit is not None:
        raise flawed(unfit, found.der)
    library = module_of(uri)
    with _one_at_a_time, _told(uri):
        state = _describe(_token(library, uri), library)
    if state.locked:
        raise Refused("approval.token.pin_locked", token=state.uri.token)
    if state.last_try and warn is not None:
        warn(text("approval.token.last_try", token=state.uri.token))
    opened = Token(found, others, pin_of(uri) if pin is None else pin)
    with _one_at_a_time, _told(uri), _session(opened.uri, opened._pin):
        return opened


def pin_of(uri: TokenUri, environment: Mapping[str, str] | None = None) -> str:
    """A token's PIN: from the file of the URI's `pin-source`, from MERGER_PIN, from the first line of the
    file that MERGER_PIN_FILE names, or from a prompt.

    Refused where there is neither of them nor a terminal. Raises InputError for a file that cannot be read.
    """
    if uri.pin_source is not None:
        return first_line(uri.pin_source)
    given = secret(PIN_VARIABLE, PIN_FILE_VARIABLE, environment)
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise Refused("approval.token.no_terminal", variable=PIN_VARIABLE, file_variable=PIN_FILE_VARIABLE)
    return getpass.getpass(text("approval.token.prompt", token=uri.token or str(uri)))


def token_public(uri: TokenUri, name: str | None = None) -> PublicKey:
    """The public file of a token's key: the key, its certificate and the others of the token. `name`:
    instead of the one in the certificate. Needs no PIN.

    Refused as `find_key`, and for a key that is no RSA key of 2048 to 4096 bits.
    """
    found, others = find_key(uri)
    public = public_of(found.der)
    try:
        keyid = keyid_of(public)
    except ValueError as error:
        raise Refused("approval.token.not_rsa", uri=str(uri)) from error
    return PublicKey(
        name=found.certificate.subject if name is None else name,
        keyid=keyid,
        public=public,
        certificates=(found.der, *others),
    )


def _pkcs11() -> Any:
    try:
        import pkcs11
    except ImportError as error:
        raise Refused("approval.token.no_package") from error
    return pkcs11


def _library(path: Path) -> Any:
    pkcs11 = _pkcs11()
    if not path.is_file():
        raise Refused("approval.token.module_absent", file=path)
    try:
        return pkcs11.lib(str(path))
    except (pkcs11.PKCS11Error, RuntimeError, OSError) as error:
        raise Refused("approval.token.module_unusable", file=path) from error


def _tokens(library: Path) -> list[Any]:
    flag = _pkcs11().TokenFlag.TOKEN_INITIALIZED
    slots = _library(library).get_slots(token_present=True)
    return [token for token in (slot.get_token() for slot in slots) if flag in token.flags]


def _token(library: Path, uri: TokenUri) -> Any:
    present = _tokens(library)
    fitting = [one for one in present if _fits(_uri_of(one, library), replace(uri, object="", id=b""))]
    if not fitting:
        listed = ", ".join(str(one.label) for one in present) or "–"
        raise Refused("approval.token.no_token", uri=str(uri), found=listed)
    if len(fitting) > 1:
        listed = ", ".join(str(_uri_of(one, library)) for one in fitting)
        raise Refused("approval.token.several", uri=str(uri), found=listed)
    return fitting[0]


def _uri_of(token: Any, library: Path) -> TokenUri:
    serial = token.serial.decode("ascii", "replace") if isinstance(token.serial, bytes) else str(token.serial)
    return TokenUri(
        token=str(token.label),
        serial=serial.strip("\0 "),
        manufacturer=str(token.manufacturer_id),
        model=str(token.model),
        module=library,
    )


def _fits(there: TokenUri, asked: TokenUri) -> bool:
    """Whether what is there is what was asked for; what was not said fits."""
    names = ("token", "serial", "manufacturer", "model", "object", "id")
    return all(getattr(asked, name) in (type(getattr(asked, name))(), getattr(there, name)) for name in names)


def _describe(token: Any, library: Path) -> TokenFound:
    pkcs11 = _pkcs11()
    uri = _uri_of(token, library)
    found: list[OnToken] = []
    with token.open() as session:
        for one in session.get_objects({pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE}):
            der = base64.b64encode(one[pkcs11.Attribute.VALUE]).decode("ascii")
            label, key = str(one[pkcs11.Attribute.LABEL]), bytes(one[pkcs11.Attribute.ID])
            try:
                found.append(OnToken(replace(uri, object=label, id=key), der, certificate(der)))
            except ValueError:
                continue
    return TokenFound(
        uri,
        pkcs11.TokenFlag.USER_PIN_LOCKED in token.flags,
        pkcs11.TokenFlag.USER_PIN_FINAL_TRY in token.flags,
        tuple(sorted(found, key=lambda one: str(one.uri))),
    )


@contextmanager
def _session(uri: TokenUri, pin: str) -> Iterator[Any]:
    library = module_of(uri)
    pkcs11 = _pkcs11()
    try:
        with _token(library, uri).open(user_pin=pin) as session:
            yield session
    except (
        pkcs11.exceptions.PinIncorrect,
        pkcs11.exceptions.PinLenRange,
        pkcs11.exceptions.PinInvalid,
    ) as error:
        flags = _token(library, uri).flags
        if pkcs11.TokenFlag.USER_PIN_LOCKED in flags:
            raise Refused("approval.token.pin_locked", token=uri.token) from error
        which = "wrong_pin"
        if pkcs11.TokenFlag.USER_PIN_FINAL_TRY in flags:
            which = "wrong_pin_last"
        elif pkcs11.TokenFlag.USER_PIN_COUNT_LOW in flags:
            which = "wrong_pin_low"
        raise Refused(f"approval.token.{which}", token=uri.token) from error


@contextmanager
def _told(uri: TokenUri) -> Iterator[None]:
    """What a token's library says, in words."""
    pkcs11 = _pkcs11()
    try:
        yield
    except MergerError:
        raise
    except pkcs11.exceptions.PinLocked as error:
        raise Refused("approval.token.pin_locked", token=uri.token) from error
    except pkcs11.exceptions.PinExpired as error:
        raise Refused("approval.token.pin_expired", token=uri.token) from error
    except (
        pkcs11.exceptions.TokenNotPresent,
        pkcs11.exceptions.TokenNotRecognised,
        pkcs11.exceptions.DeviceRemoved,
    ) as error:
        raise Refused("approval.token.no_token", uri=str(uri), found="–") from error
    except pkcs11.exceptions.NoSuchKey as error:
        raise Refused("approval.token.no_key", uri=str(uri)) from error
    except pkcs11.PKCS11Error as error:
        raise Refused("approval.token.failed", uri=str(uri), code=type(error).__name__) from error


def _signature(session: Any, uri: TokenUri, data: bytes) -> bytes:
    pkcs11 = _pkcs11()
    wanted = {pkcs11.Attribute.CLASS: pkcs11.ObjectClass.PRIVATE_KEY}
    wanted |= {pkcs11.Attribute.ID: uri.id} if uri.id else {pkcs11.Attribute.LABEL: uri.object}
    keys = list(session.get_objects(wanted))
    if len(keys) != 1:
        raise Refused("approval.token.no_key", uri=str(uri))
    can = session.token.slot.get_mechanisms()
    one = pkcs11.Mechanism
    if one.SHA256_RSA_PKCS_PSS in can:
        salted = (one.SHA256, pkcs11.MGF.SHA256, SALT)
        return bytes(keys[0].sign(data, mechanism=one.SHA256_RSA_PKCS_PSS, mechanism_param=salted))
    if one.SHA256_RSA_PKCS in can:
        return bytes(keys[0].sign(data, mechanism=one.SHA256_RSA_PKCS))
    return bytes(keys[0].sign(_SHA256_INFO + hashlib.sha256(data).digest(), mechanism=one.RSA_PKCS))
