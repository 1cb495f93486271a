"""Bounds of what a request may be: bytes and seconds of its body, length of its address."""

import asyncio

from starlette.types import Message, Receive

from merger.review.web.bounds import Limits

MAX_ADDRESS = 4_096
MAX_HEAD = 16_384
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
