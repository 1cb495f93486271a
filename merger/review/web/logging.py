"""The log of requests: method, page, status, time and a session's short name. No address as it was asked, no
query, no form, no name of a person: nothing that could hold a citizen's data."""

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOG = logging.getLogger("merger.review")

PAGE = "merger.page"
SESSION = "merger.session"
"""Keys of the scope under which the application says which page was visited in which session."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Requests:
    """Writes one line a request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start = time.perf_counter()
        status = 0

        async def watching(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watching)
        except Exception as error:
            failed(scope.get(PAGE, "-"), error)
            raise
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "?"
            milliseconds = (time.perf_counter() - start) * 1000
            page, session = scope.get(PAGE, "-"), scope.get(SESSION, "-")
            LOG.info("%s %s %d %.0fms %s", method, page, status, milliseconds, session)


def failed(page: str, error: BaseException) -> None:
    """A mistake of ours. Its text may quote rows, so only its kind and place are logged."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace else "?"
    LOG.error("%s failed: %s at %s", page, type(error).__name__, place)
