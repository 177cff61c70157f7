"""The secret in the address of a calendar, which nothing that writes addresses down gets to see.

Calendar programs can be told an address and nothing else: `https://device/calendar-feed/<secret>.ics`.
Nothing behind this sees the secret in the path: no log, error or redirect holds it.
"""

from __future__ import annotations

import re

from pisovereign.asgi.types import AsgiApp, Receive, Scope, Send

FEED = "/calendar-feed/-"
"""The path of all of them, as routes and logs have it."""
IN_SCOPE = "pisovereign.calendar_feed"
"""Where the scope of a request has the secret; empty: the address cannot be one."""
_SOMEHOW = re.compile("/*calendar-feed/", re.IGNORECASE)
_WELL_FORMED = re.compile(r"/calendar-feed/([A-Za-z0-9_-]{43})\.ics")


def feed_path(secret: str) -> str:
    """Return the path that a calendar program is told."""
    return f"/calendar-feed/{secret}.ics"


class FeedAddress:
    """An ASGI app around all others, the log of requests included."""

    def __init__(self, app: AsgiApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "http" and _SOMEHOW.match(scope["path"]):
            found = _WELL_FORMED.fullmatch(scope["path"])
            secret = found[1] if found else ""
            scope = {**scope, "path": FEED, "raw_path": FEED.encode(), IN_SCOPE: secret}
        await self._app(scope, receive, send)
