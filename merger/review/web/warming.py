"""What the first visits would wait for, made beside the serving from its beginning."""

import gc
from collections.abc import Iterator
from threading import Event

from merger.messages import LANGUAGES, catalogue, parts
from merger.review.mapping.sources import packaged
from merger.review.web.logging import failed
from merger.review.web.templates import environment


def warm(ended: Event) -> None:
    """Makes ready what all pages share, then the mappings of the package, which stay in memory.

    Stops after the step at work when `ended` is set. What cannot be made is only logged: the page that needs
    it says so.
    """
    try:
        for _ in _steps():
            if ended.is_set():
                return
            gc.freeze()  # it stays: looking through it again stopped an answer for 0.2 to 0.3 s
    except Exception as error:
        failed("warming", error)


def _steps() -> Iterator[None]:
    templates = environment()
    for name in templates.list_templates():
        yield
        templates.get_template(name)
    for language in LANGUAGES:
        for part in parts():
            yield
            catalogue(language, part)
    for source in packaged():
        yield
        book = source.book()
        book.lasting = True
        yield from book.prepared()
