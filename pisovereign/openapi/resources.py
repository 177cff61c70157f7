"""The document, and the pages that show it: public, since they say nothing about anybody."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import falcon.asgi

from pisovereign.errors import NotFound
from pisovereign.openapi.packaged import MEDIA, asset

# Nothing may be loaded from elsewhere, and no other page may show ours in a frame. Both pages set
# styles from scripts.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; "
    "frame-ancestors 'none'"
)
_FILES = {
    "swagger-ui": ("swagger-ui.css", "swagger-ui-bundle.js", "start.js"),
    "redoc": ("redoc.standalone.js", "start.js"),
}


class DocumentResource:
    """`GET /api-docs/openapi.json`, made when it is first asked for: few starts need it.

    Args:
        render: makes the document; called in a thread, because others are being served.
    """

    def __init__(self, render: Callable[[], bytes]) -> None:
        self._render = render
        self._document: bytes | None = None

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """The document."""
        document = self._document
        if document is None:
            # Two who ask at once make it twice, and the same.
            document = self._document = await asyncio.to_thread(self._render)
        resp.content_type = "application/json; charset=utf-8"
        resp.data = document


class PageResource:
    """`GET /swagger-ui` and `GET /redoc`."""

    def __init__(self, folder: str) -> None:
        self._page = asset(folder, "index.html")

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """The page."""
        resp.content_type = "text/html; charset=utf-8"
        resp.set_header("Content-Security-Policy", _POLICY)
        resp.set_header("X-Content-Type-Options", "nosniff")
        resp.data = self._page


class AssetResource:
    """The scripts and styles of one page."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response, name: str) -> None:
        """One file of a closed list."""
        if name not in _FILES[self._folder]:
            raise NotFound("No such resource")
        resp.content_type = MEDIA[name[name.rindex(".") :]]
        resp.set_header("Cache-Control", "max-age=3600")
        resp.set_header("X-Content-Type-Options", "nosniff")
        resp.data = asset(self._folder, name)
