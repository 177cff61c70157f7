"""The one credential check, for every dialect."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import falcon.asgi

from pisovereign.api_keys import KeyRing
from pisovereign.asgi.routes import PathResource
from pisovereign.config import Scope
from pisovereign.errors import Forbidden, Unauthorized

MAX_KEY_LENGTH = 512


class Authenticate:
    """Middleware that sets `req.context.user`, or refuses.

    Deny by default: what is not public needs a key, also a path that does not exist.

    Args:
        keys: All keys there are.
        public: The paths that need none.
        key_knowing: Those of them where one that is sent counts.
    """

    def __init__(
        self, keys: KeyRing, public: Collection[str], key_knowing: Collection[str] = ()
    ) -> None:
        self._keys = keys
        self._public = public
        self._key_knowing = key_knowing

    async def process_request(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Identify the caller by the bearer key."""
        public = req.path in self._public
        if public and req.path not in self._key_knowing:
            return
        scheme, _, key = (req.get_header("Authorization") or "").partition(" ")
        key = key.strip()
        right_form = scheme.lower() == "bearer" and 0 < len(key) <= MAX_KEY_LENGTH
        identity = self._keys.identify(key) if right_form else None
        if identity is None:
            if public:
                return
            raise Unauthorized
        req.context.user = identity

    async def process_resource(
        self,
        req: falcon.asgi.Request,
        resp: falcon.asgi.Response,
        resource: PathResource | None,
        params: dict[str, Any],
    ) -> None:
        """Check the key's scope against what the route's entry asks for."""
        if req.path in self._public or resource is None:
            return
        entry = resource.entry(req.method)
        needed: Scope = entry.scope if entry else "user"
        if needed not in req.context.user.scopes:
            raise Forbidden(f"This key does not have the scope {needed!r}")
