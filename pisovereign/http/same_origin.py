"""Requests that a browser makes for a page of ours, told from those for somebody else's.

A cookie is sent whoever asks, so what is asked with one has to come from our own page. `SameSite`
keeps other sites away; this keeps away what browsers count to the same site, such as another port
of this device, and does not depend on it.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import falcon
from falcon.asgi import Request

from pisovereign.errors import Forbidden, UnsupportedMediaType
from pisovereign.http.allowed_hosts import AllowedHosts

SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
# A form of another page can send none of these.
_TYPES = frozenset(("application/json", "application/octet-stream"))


class SameOrigin:
    """Checks the headers that browsers set and pages cannot."""

    def __init__(self, hosts: AllowedHosts) -> None:
        self._hosts = hosts

    def check_cookie(self, req: Request) -> None:
        """Check a request that is made with a cookie.

        Raises:
            Forbidden: It is not for this host, or not from a page of ours.
            UnsupportedMediaType: Its body is of a kind that a form could send.
        """
        self._hosts.check_host(req)
        site = req.get_header("Sec-Fetch-Site")
        if req.method in SAFE:
            if site not in (None, "same-origin", "none"):
                raise Forbidden("This was asked for by another page")
            self._check_origin(req, required=False)
            return
        # Browsers send no Sec-Fetch-Site over plain HTTP, but each sends Origin with what changes
        # something.
        if site not in (None, "same-origin"):
            raise Forbidden("This was asked for by another page")
        self._check_origin(req, required=site is None)
        self._check_type(req)

    def check_public(self, req: Request) -> None:
        """Check a request that needs nobody; a program that is no browser passes.

        Nobody is to be signed in by another page as somebody else.

        Raises:
            Forbidden: A browser makes it for a page of somebody else.
        """
        if req.method in SAFE:
            return
        if req.get_header("Sec-Fetch-Site") not in (None, "same-origin", "none"):
            raise Forbidden("This was asked for by another page")
        self._check_origin(req, required=False)

    def _check_origin(self, req: Request, *, required: bool) -> None:
        origin = req.get_header("Origin")
        if origin is None:
            if required:
                raise Forbidden("The Origin header is missing")
            return
        try:
            parts = urlsplit(origin)
            host = parts.netloc.lower()
        except ValueError:
            parts, host = urlsplit(""), ""
        scheme = "https" if req.context.secure else "http"
        same = host == (req.get_header("Host") or "").lower() and parts.scheme == scheme
        # A proxy may ask for us by another name than the browser does.
        if not same and not (
            req.get_header("Sec-Fetch-Site") == "same-origin" and self._hosts.is_named(host)
        ):
            raise Forbidden("The Origin header names another site")

    def _check_type(self, req: Request) -> None:
        if not req.content_length and req.get_header("Transfer-Encoding") is None:
            return
        media_type, _ = falcon.parse_header(req.content_type or "")
        if media_type.lower() not in _TYPES:
            raise UnsupportedMediaType("With a session, bodies are application/json")
