"""The pages that people open: files of ours, and nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

import falcon.asgi

from pisovereign.errors import NotFound

_FOLDER = resources.files("pisovereign") / "web"
_MEDIA = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class WebPageResource:
    """One page."""

    def __init__(self, name: str) -> None:
        self._page = (_FOLDER / name).read_bytes()

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """The page."""
        resp.content_type = "text/html; charset=utf-8"
        resp.set_header("Content-Security-Policy", _POLICY)
        resp.set_header("Referrer-Policy", "no-referrer")
        resp.set_header("X-Content-Type-Options", "nosniff")
        resp.set_header("Cache-Control", "no-store")
        resp.data = self._page


class WebFileResource:
    """Scripts and styles, of a closed list."""

    def __init__(self, names: Sequence[str]) -> None:
        self._files = {name: (_FOLDER / name).read_bytes() for name in names}

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response, name: str) -> None:
        """One file."""
        if name not in self._files:
            raise NotFound("No such resource")
        resp.content_type = _MEDIA[name[name.rindex(".") :]]
        resp.set_header("Cache-Control", "no-cache")
        resp.set_header("X-Content-Type-Options", "nosniff")
        resp.data = self._files[name]
