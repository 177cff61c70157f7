"""A key in the address, for programs that have a field for the address and none for a key.

`http://device:3000/ollama/<key>` is such an address: Home Assistant 2026.2 can be told nothing
else. What begins so is served as if the key had come in the `Authorization` header, for Ollama's
routes alone, and nothing behind this sees the key there: no log, error or redirect holds it.
"""

from __future__ import annotations

from pisovereign.asgi.types import AsgiApp, Receive, Scope, Send
from pisovereign.ollama.errors import PATHS

PREFIX = "/ollama/"
ALIVE = "/ollama"
"""The path of the address itself, which some programs ask first."""
_HIDDEN = b"/ollama/-/"


class KeyInPath:
    """An ASGI app around all others, the log of requests included."""

    def __init__(self, app: AsgiApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            scope = _without_key(scope)
        await self._app(scope, receive, send)


def _without_key(scope: Scope) -> Scope:
    """Return a request with its key in the header, if it is one of Ollama's, and else without."""
    key, _, rest = scope["path"].removeprefix(PREFIX).partition("/")
    path = f"/{rest}"
    if path.startswith(PATHS):
        return _authorized(scope, key, path)
    if path == "/":
        return _authorized(scope, key, ALIVE)
    return {**scope, "path": _HIDDEN.decode() + rest, "raw_path": _HIDDEN}


def _authorized(scope: Scope, key: str, path: str) -> Scope:
    headers = list(scope["headers"])
    if not any(name == b"authorization" for name, _ in headers):
        headers.append((b"authorization", b"Bearer " + key.encode("utf-8", "replace")))
    return {**scope, "path": path, "raw_path": path.encode(), "headers": headers}
