"""While an update is tried: everybody but its own check waits until it is kept or gone."""

from __future__ import annotations

import hmac
from collections.abc import Collection

import falcon.asgi

from pisovereign.errors import ServiceUnavailable

_RETRY_S = 30


class UpdateTrialGuard:
    """Middleware that serves one key alone.

    What somebody stored now would be lost if the update does not work, so nothing may be stored.

    Args:
        key: Of the check.
        open_paths: What is answered all the same, to everybody.
    """

    def __init__(self, key: str, open_paths: Collection[str]) -> None:
        self._wanted = f"Bearer {key}".encode()
        self._open = frozenset(open_paths)

    async def process_request(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Refuse what is not of the check.

        Raises:
            ServiceUnavailable: An update is being tried.
        """
        given = (req.get_header("Authorization") or "").encode()
        if req.path in self._open or hmac.compare_digest(given, self._wanted):
            return
        raise ServiceUnavailable(
            "An update is being tried; this takes a few minutes", retry_after=_RETRY_S
        )
