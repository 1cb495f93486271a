"""Forms of other sites are refused: every form carries a token that only this session's pages hold."""

import hmac
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import urlsplit

FIELD = "csrf"
HEADER = "x-csrf-token"


def token_of(secret: bytes, visitor: str) -> str:
    """The token of a visitor: a session's id, or the id of somebody who has not signed in yet."""
    return hmac.new(secret, b"csrf:" + visitor.encode(), sha256).hexdigest()


def matches(secret: bytes, visitor: str, given: str) -> bool:
    """Whether the token that came with a form is the visitor's. Nobody's token never matches."""
    expected = token_of(secret, visitor)
    return bool(visitor) and hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))


def from_here(headers: Mapping[str, str], host: str, secure: bool) -> bool:
    """Whether a browser says that the form was sent from our own pages. One that says nothing is believed;
    the token decides."""
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    if origin is None:
        return True
    parts = urlsplit(origin)
    return (parts.scheme, parts.netloc.lower()) == ("https" if secure else "http", host.lower())
