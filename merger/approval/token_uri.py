"""Names of tokens and of what is on them: PKCS#11 URIs (RFC 7512).

`pkcs11:token=ABC;object=ký;id=%01?module-path=/usr/lib/opensc-pkcs11.so&pin-source=/run/pin`
"""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, unquote_to_bytes

from merger.errors import Refused

SCHEME = "pkcs11:"
_PATH = ("token", "serial", "manufacturer", "model", "object", "id", "type")
_QUERY = ("module-path", "pin-source")


@dataclass(frozen=True, slots=True)
class TokenUri:
    """Which token, and which certificate and key on it. What is empty may be anything.

    `id` is the bytes of CKA_ID, `object` the label. `module`: the library that speaks to the token;
    `pin_source`: the file with its PIN.
    """

    token: str = ""
    serial: str = ""
    manufacturer: str = ""
    model: str = ""
    object: str = ""
    id: bytes = b""
    module: Path | None = None
    pin_source: Path | None = None

    def __str__(self) -> str:
        """The URI without its query: what names the key wherever the token is."""
        parts = {
            "token": self.token,
            "serial": self.serial,
            "manufacturer": self.manufacturer,
            "model": self.model,
            "object": self.object,
        }
        said = [f"{name}={quote(value, safe='')}" for name, value in parts.items() if value]
        said += ["id=" + "".join(f"%{byte:02X}" for byte in self.id)] if self.id else []
        return SCHEME + ";".join(said)


def is_uri(key: str) -> bool:
    """Whether a key is named by a PKCS#11 URI, not by a file."""
    return key.startswith(SCHEME)


def read_uri(text: str) -> TokenUri:
    """Reads a PKCS#11 URI.

    Refused for what is none, for a part that this program does not know (RFC 7512 forbids passing over it),
    and for a PIN in it: whatever is an argument can be read by others on the machine.
    """
    if not is_uri(text):
        raise Refused("approval.token.bad_uri", part=text[:40])
    path, _, query = text.removeprefix(SCHEME).partition("?")
    if "pin-value" in query:
        raise Refused("approval.token.pin_in_uri")
    said = _parts(path, ";", _PATH)
    asked = _parts(query, "&", _QUERY)
    if said.get("type", "private") not in ("private", "cert", "public"):
        raise Refused("approval.token.bad_uri", part=f"type={said['type']}")
    source = unquote(asked.get("pin-source", "")).removeprefix("file:")
    module = unquote(asked.get("module-path", ""))
    return TokenUri(
        token=unquote(said.get("token", "")),
        serial=unquote(said.get("serial", "")),
        manufacturer=unquote(said.get("manufacturer", "")),
        model=unquote(said.get("model", "")),
        object=unquote(said.get("object", "")),
        id=unquote_to_bytes(said.get("id", "")),
        module=Path(module) if module else None,
        pin_source=Path(source) if source else None,
    )


def _parts(text: str, between: str, known: tuple[str, ...]) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in filter(None, text.split(between)):
        name, equals, value = part.partition("=")
        if not equals or name not in known or name in parts:
            raise Refused("approval.token.bad_uri", part=part[:40])
        parts[name] = value
    return parts
