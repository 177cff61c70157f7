"""The cookie that carries the token of a session.

Over TLS its name begins with `__Host-`: browsers then take it from nowhere but this very host, over
TLS. Nothing that is said over plain HTTP, or by a neighbor, can put another one in its place; and a
cookie of plain HTTP is not looked at over TLS.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from falcon.asgi import Request, Response

PLAIN, SECURE = "pisovereign-session", "__Host-pisovereign-session"
LONGEST = 128


def read_token(req: Request) -> str | None:
    """Return the token that a request carries; None: none, or more than one."""
    found = req.get_cookie_values(_name(req)) or []
    # Of two, one was put there by somebody else: it is not known which.
    if len(found) != 1 or not 0 < len(found[0]) <= LONGEST:
        return None
    token: str = found[0]
    return token


def write_token(req: Request, resp: Response, token: str, keep_s: int) -> None:
    """Hand out a token for `keep_s` seconds."""
    resp.set_cookie(_name(req), token, max_age=keep_s, **_attributes(req))


def take_token_back(req: Request, resp: Response) -> None:
    """Let the browser forget its token."""
    past = dt.datetime.fromtimestamp(0, dt.UTC)
    resp.set_cookie(_name(req), "", expires=past, **_attributes(req))


def _name(req: Request) -> str:
    return SECURE if req.context.secure else PLAIN


def _attributes(req: Request) -> dict[str, Any]:
    return {
        "path": "/",
        "secure": bool(req.context.secure),
        "http_only": True,
        "same_site": "Strict",
    }
