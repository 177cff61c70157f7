"""A key in the address, for programs that have a field for the address and none for a key.

`http://device:3000/ollama/<key>` is such an address: Home Assistant 2026.2 can be told nothing
else. What begins so is served as if the key had come in the `Authorization` header, for Ollama's
routes alone, and nothing behind this sees the key there: no log, error or redirect holds it.
"""

from __future__ import annotations

import re

from pisovereign.asgi.types import AsgiApp, Receive, Scope, Send
from pisovereign.dialects.ollama.errors import PATHS

PREFIX = "/ollama/"
# A slash too many, as it is easily typed, is no reason to write a key down.
_SOMEHOW = re.compile("/*ollama/", re.IGNORECASE)
ALIVE = "/ollama"
"""The path of the address itself, which some programs ask first."""
_HIDDEN = "/ollama/-/"


class KeyInPath:
    """An ASGI app around all others, the log of requests included."""

    def __init__(self, app: AsgiApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http" and _SOMEHOW.match(scope["path"]):
            scope = _without_key(scope)
        await self._app(scope, receive, send)


def _without_key(scope: Scope) -> Scope:
    """Return a request with its key in the header, if it is one of Ollama's, and else without."""
    path: str = scope["path"]
    if path.startswith(PREFIX):
        key, _, rest = path.removeprefix(PREFIX).partition("/")
        if f"/{rest}".startswith(PATHS):
            return _authorized(scope, key, f"/{rest}")
        if not rest:
            return _authorized(scope, key, ALIVE)
    # Where the key is in what is left, nobody knows.
    return {**scope, "path": _HIDDEN, "raw_path": _HIDDEN.encode()}


def _authorized(scope: Scope, key: str, path: str) -> Scope:
    headers = list(scope["headers"])
    if not any(name == b"authorization" for name, _ in headers):
        headers.append((b"authorization", b"Bearer " + key.encode("utf-8", "replace")))
    return {**scope, "path": path, "raw_path": path.encode(), "headers": headers}
