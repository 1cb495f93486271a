"""The web pages where administrators read, decide and sign.

`Settings` says what is served and how; `create_app` makes the application of it, `serve` runs it until it is
interrupted. What runs the web is loaded when one of them is called.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from merger.review.web.settings import Settings

if TYPE_CHECKING:
    from starlette.applications import Starlette

__all__ = ["Settings", "create_app", "serve"]


def create_app(settings: Settings) -> "Starlette":
    """The application over the folder of `settings`."""
    from merger.review.web.app import create

    return create(settings)


def serve(settings: Settings, ready: Callable[[Settings, str], None]) -> None:
    """Serves until interrupted; `ready` is told the settings and the address to open. Raises Refused for an
    address that must not be served so."""
    from merger.review.web.serving import serve as run

    run(settings, ready)
