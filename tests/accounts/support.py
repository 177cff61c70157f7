"""A browser, as far as signing in goes: a cookie jar that sends what browsers send."""

from __future__ import annotations

from typing import Any

import requests

from tests.support.server import ADMIN_KEY

COOKIE = "pisovereign-session"


class Browser:
    """Requests of a page of the server, or of another origin."""

    def __init__(
        self, url: str, *, origin: str | None = None, agent: str = "Firefox Android"
    ) -> None:
        self.url = url
        self.origin = origin or url
        self.session = requests.Session()
        self.session.headers["User-Agent"] = agent

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = dict(options.pop("headers", {}))
        if method != "GET":
            headers.setdefault("Origin", self.origin)
        options.setdefault("timeout", 60)
        given = {name: value for name, value in headers.items() if value is not None}
        return self.session.request(method, self.url + path, headers=given, **options)

    def sign_in(self, *, key: str = ADMIN_KEY, **body: str) -> dict[str, Any]:
        """Sign in, by a key unless a code is given."""
        answer = self.request(
            "POST", "/v1/sign-in", json=body if "code" in body else {"key": key, **body}
        )
        assert answer.status_code == 201, answer.text
        me: dict[str, Any] = answer.json()
        return me

    @property
    def token(self) -> str | None:
        return self.session.cookies.get(COOKIE)

    def me(self) -> requests.Response:
        return self.request("GET", "/v1/session")


def signed_in(url: str, *, key: str = ADMIN_KEY) -> Browser:
    browser = Browser(url)
    browser.sign_in(key=key)
    return browser
