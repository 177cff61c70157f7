"""People and what belongs to them, and browsers: cookie jars that send what browsers send."""

from __future__ import annotations

from typing import Any

import psycopg
import requests

from tests.support.server import ADMIN_KEY, Server

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


def invite(owner: Browser, name: str = "Ben", role: str = "member") -> dict[str, Any]:
    answer = owner.request("POST", "/v1/people", json={"name": name, "role": role})
    assert answer.status_code == 201, answer.text
    invited: dict[str, Any] = answer.json()
    return invited


def join(owner: Browser, role: str = "member", **body: str) -> tuple[Browser, str]:
    """A browser of somebody who was invited, and their id."""
    invited = invite(owner, role=role)
    browser = Browser(owner.url)
    me = browser.sign_in(code=invited["invitation"]["code"], **body)
    assert (me["joined"], me["user_id"]) == (True, invited["person"]["id"])
    return browser, str(me["user_id"])


def owned_tables(server: Server) -> set[str]:
    """The tables whose rows belong to somebody."""
    with psycopg.connect(server.owner_dsn()) as connection:
        rows = connection.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
            " WHERE a.attname = 'user_id' AND c.relkind = 'r' AND NOT a.attisdropped"
        ).fetchall()
    return {str(row[0]) for row in rows}
