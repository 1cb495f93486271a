"""Bounds of what a request may be: bytes and seconds of its body, length of its address."""

import asyncio

from starlette.types import Message, Receive

MAX_ADDRESS = 4_096
MAX_FIELDS = 5_000
MAX_FILES = 20
BODY_SECONDS = 60.0
PIECE_SECONDS = 10.0


class TooLarge(Exception):
    """The body is larger than the page takes."""


class TooSlow(Exception):
    """The body did not come in time."""


def bounded(
    receive: Receive, limit: int, seconds: float = BODY_SECONDS, piece: float = PIECE_SECONDS
) -> Receive:
    """A `receive` that raises TooLarge as soon as more than `limit` bytes of a body came, and TooSlow where
    the next piece of it takes longer than `piece` seconds or the whole longer than `seconds`."""
    left = limit
    end: float | None = None

    async def read() -> Message:
        nonlocal left, end
        now = asyncio.get_running_loop().time()
        if end is None:
            end = now + seconds
        try:
            message = await asyncio.wait_for(receive(), max(0.0, min(piece, end - now)))
        except TimeoutError:
            raise TooSlow from None
        if message["type"] == "http.request":
            left -= len(message.get("body", b""))
            if left < 0:
                raise TooLarge
        return message

    return read
