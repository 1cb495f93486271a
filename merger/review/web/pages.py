"""A page, and one visit to it: what a handler is given and how it answers."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.responses import FileResponse, RedirectResponse, Response

from merger.review.web import assets, csrf
from merger.review.web.desk import Desk
from merger.review.web.frame import Frame
from merger.review.web.rights import NOBODY, Right, SignedIn
from merger.review.web.templates import render
from merger.review.web.words import Words

Handler = Callable[["Visit"], Response]


@dataclass(frozen=True)
class Page:
    """One page: where it is, its name `<part>.<page>`, the right it asks for, and who answers.

    `needs` None is for the pages that people see before they sign in. `body_limit` counts bytes of a form
    with its files. The frame checks right and CSRF token before the handler, which runs in a thread.
    """

    path: str
    name: str
    needs: Right | None
    handler: Handler
    methods: tuple[str, ...] = ("GET",)
    body_limit: int = 1 << 20


@dataclass
class Visit:
    """One request, already allowed.

    `path` and `query` hold the fields of its address, `form` the texts and uploads of a POST; `htmx` says
    that a part of a page is asked for. `session` is the id of the session, "" before signing in; `visitor`
    is what CSRF tokens are made for: that id, or the one of somebody not signed in. `here` is the address to
    come back to, `client` the address of the other side. `effects` is what is done to the answer: cookies.
    """

    frame: Frame
    person: SignedIn = NOBODY
    lang: str = "vi"
    name: str = ""
    method: str = "GET"
    here: str = "/"
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    form: FormData = field(default_factory=FormData)
    htmx: bool = False
    session: str = ""
    visitor: str = ""
    client: str = ""
    effects: list[Callable[[Response], None]] = field(default_factory=list)

    @property
    def desk(self) -> Desk:
        """The folder that people work on."""
        return self.frame.desk

    def word(self, key: str, /, **fields: object) -> str:
        """The message `key` of the catalogue, as in `review_plans.title`, in the visit's language."""
        return self.words.text(key, **fields)

    @property
    def words(self) -> Words:
        return Words(self.lang)

    @property
    def alone(self) -> bool:
        """Whether this is the local mode: one person on this machine, without accounts."""
        return not self.frame.settings.accounts

    def may(self, right: Right | str) -> bool:
        """Whether the person has this right."""
        return self.person.may(right)

    def url(self, name: str, /, **path: str) -> str:
        """The address of the page of this name."""
        return self.frame.url(name, **path)

    def page(self, template: str, /, status: int = 200, **context: Any) -> Response:
        """The template as a whole page. In it: `t(key, …)`, `n(number)`, `day`, `moment`, `url(name, …)`,
        `static(name)`, `csrf()` (the hidden field of every form), `visit`, and the macros as `m`."""
        return self._rendered(template, None, status, context)

    def part(self, template: str, /, block: str | None = None, status: int = 200, **context: Any) -> Response:
        """A part of a page for htmx: a template without a layout, or one block of a page's template."""
        return self._rendered(template, block, status, context)

    def go(self, name: str, /, **path: str) -> Response:
        """To another page after a form: 303 See Other."""
        return self.to(self.url(name, **path))

    def to(self, address: str) -> Response:
        """To an address of our own, which begins with `/`."""
        if not is_local(address):
            raise ValueError(address)
        if self.htmx:
            return Response(status_code=204, headers={"hx-redirect": address})
        return RedirectResponse(address, status_code=303)

    def file(self, content: bytes | Path, name: str, media: str) -> Response:
        """A file to be saved as `name`."""
        headers = {"content-disposition": disposition(name)}
        if isinstance(content, Path):
            return FileResponse(content, media_type=media, headers=headers)
        return Response(content, media_type=media, headers=headers)

    def noted(self, what: str, subject: str = "", digest: str = "") -> None:
        """Enters the review trail: who did what to which content. All three are codes: printable ASCII
        without spaces, at most 200 long."""
        self.desk.trail.note(self.person.name, what, subject, digest)

    def _rendered(
        self, template: str, block: str | None, status: int, context: Mapping[str, Any]
    ) -> Response:
        words = self.words
        given = {
            "visit": self,
            "lang": self.lang,
            "navigation": self._navigation(),
            "t": words.text,
            "t_or": words.text_or,
            "n": words.number,
            "day": words.day,
            "moment": words.moment,
            "title_of": words.title,
            "url": self.url,
            "static": assets.url_of,
            "vendored": assets.vendored,
            "csrf": self._csrf_field,
            "csrf_token": csrf.token_of(self.frame.secret, self.visitor),
            **context,
        }
        text = render(template, given, block)
        return Response(text, status_code=status, media_type="text/html")

    def _navigation(self) -> list[tuple[str, str, bool]]:
        """Part, address, and whether it is the part that the visit is to, of those the person may see."""
        return [
            (part, address, self.here.split("?")[0].startswith(address))
            for part, address, right in self.frame.navigation
            if self.person.may(right)
        ]

    def _csrf_field(self) -> Any:
        from markupsafe import Markup

        token = csrf.token_of(self.frame.secret, self.visitor)
        return Markup('<input type="hidden" name="{}" value="{}">').format(csrf.FIELD, token)


def is_local(address: str) -> bool:
    """Whether an address is a path of this server and of no other."""
    return re.fullmatch(r"/(?![/\\])[^\x00-\x20\\\x7f]*", address) is not None


def disposition(name: str) -> str:
    """The header that has a file saved as `name`; whatever the name holds, it stays one header."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", name) or "file"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
