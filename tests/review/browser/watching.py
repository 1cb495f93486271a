"""What went wrong in a browser window while it was used."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError


ABANDONED = ("htmx:sendAbort", "htmx:afterRequest")
"""What htmx says when a page is left while it asks for a part of itself."""


class Watch:
    """Notes errors of scripts, what the Content-Security-Policy forbade, and requests that leave the server.
    `missing`: the window is sent to a page that there is not."""

    def __init__(self, context: "BrowserContext", address: str, missing: bool = False) -> None:
        self.wrong: list[str] = []
        self._missing = missing
        self._address = address
        context.on("console", self._said)
        context.on("weberror", self._failed)
        context.on("request", self._asked)

    def nothing_went_wrong(self) -> None:
        assert not self.wrong, self.wrong

    def _said(self, message: "ConsoleMessage") -> None:
        if message.text.startswith(ABANDONED):
            return
        if self._missing and "404 (Not Found)" in message.text:
            return
        if message.type == "error":
            self.wrong.append(message.text)

    def _failed(self, error: "WebError") -> None:
        self.wrong.append(str(error.error))

    def _asked(self, request: "Request") -> None:
        if not request.url.startswith((f"{self._address}/", "data:", "blob:")):
            self.wrong.append(f"left the server: {request.url}")
