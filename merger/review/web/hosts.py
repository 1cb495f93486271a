"""Only requests for our own names are answered: a foreign name that was made to lead here (DNS rebinding)
is refused, and so are an address and a head of unusual length."""

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from merger.review.web.limits import MAX_ADDRESS, MAX_HEAD


class Hosts:
    """Lets requests pass that name one of `known` as their host, whatever the port."""

    def __init__(self, app: ASGIApp, known: Collection[str]) -> None:
        self._app = app
        self._known = known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            given = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
            if len(given) != 1 or name_of(given[0]) not in self._known:
                await PlainTextResponse("Misdirected Request", 421)(scope, receive, send)
                return
            if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MAX_ADDRESS:
                await PlainTextResponse("URI Too Long", 414)(scope, receive, send)
                return
            if sum(len(name) + len(value) for name, value in scope["headers"]) > MAX_HEAD:
                await PlainTextResponse("Request Header Fields Too Large", 431)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def name_of(host: str) -> str:
    """The name in a Host header, in small letters; "" where it is none."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port
    except ValueError:
        return ""
    if parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        return ""
    return parts.hostname or ""
