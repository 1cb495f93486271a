"""Bounds of what a request may be: bytes and seconds of its body, length of its address."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from merger.review.web.bounds import Limits

MAX_ADDRESS = 4_096
MAX_FIELDS = 5_000
MAX_FILES = 20


class TooLarge(Exception):
    """The body is larger than the page takes."""


class TooSlow(Exception):
    """The body did not come in time."""


def bounded(receive: Receive, size: int, limits: Limits) -> Receive:
    """A `receive` that raises TooLarge as soon as more than `size` bytes of a body came, and TooSlow where it
    takes longer than the limits let it."""
    left = size
    end: float | None = None

    async def read() -> Message:
        nonlocal left, end
        now = asyncio.get_running_loop().time()
        if end is None:
            end = now + limits.body
        try:
            message = await asyncio.wait_for(receive(), max(0.0, min(limits.piece, end - now)))
        except TimeoutError:
            raise TooSlow from None
        if message["type"] == "http.request":
            left -= len(message.get("body", b""))
            if left < 0:
                raise TooLarge
        return message

    return read


class Pace:
    """Ends answers to clients that do not take them: each piece has to go within `seconds`."""

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self._app = app
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def timed(message: Message) -> None:
            await asyncio.wait_for(send(message), self._seconds)

        await self._app(scope, receive, timed if scope["type"] == "http" else send)
