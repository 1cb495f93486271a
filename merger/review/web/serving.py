"""Runs the application by uvicorn."""

import uvicorn

from merger.review.web.app import create
from merger.review.web.settings import Settings


def serve(settings: Settings) -> None:
    """Serves until interrupted."""
    uvicorn.run(
        create(settings),
        host=settings.host,
        port=settings.port,
        access_log=False,
        server_header=False,
        date_header=True,
        log_level="warning",
    )
