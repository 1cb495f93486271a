"""A browser without scripts: it keeps cookies and sends forms with their hidden fields."""

import re
from collections.abc import Mapping
from typing import Any

from httpx2 import Response
from starlette.testclient import TestClient

_TOKEN = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


class Browser:
    """`get` and `post` answer as the server does; redirections are not followed unless `follow` is asked."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def get(self, address: str, follow: bool = False, **more: Any) -> Response:
        return self.client.get(address, follow_redirects=follow, **more)

    def post(
        self,
        address: str,
        form: Mapping[str, Any] | None = None,
        follow: bool = False,
        csrf: str | None = None,
        **more: Any,
    ) -> Response:
        """Sends a form with the CSRF token of this session, or the one given; "" sends none."""
        token = self.token() if csrf is None else csrf
        fields = {**(form or {}), **({"csrf": token} if token else {})}
        return self.client.post(address, data=fields, follow_redirects=follow, **more)

    def token(self) -> str:
        """The CSRF token that this session's pages carry."""
        page = self.client.get("/", follow_redirects=True)
        found = _TOKEN.search(page.text)
        assert found is not None, page.status_code
        return found[1]

    def enter(self, token: str) -> Response:
        """Opens the local session by the one-time token."""
        return self.post("/enter", {"token": token})
