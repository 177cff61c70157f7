"""The one credential check, for every dialect."""

from __future__ import annotations

from typing import Any

import falcon.asgi

from pisovereign.api_keys import KeyRing
from pisovereign.config import Scope
from pisovereign.errors import Forbidden, Unauthorized

# Deny by default: what is not in here needs a key, also a path that does not exist.
PUBLIC_PATHS = frozenset(
    (
        "/",  # the page for people; what it shows, it asks for with their key
        "/web/chat.js",
        "/web/style.css",
        "/health",
        "/ready",
        "/ready/all",
        "/metrics",
        "/metrics/prometheus",
        "/api-docs/openapi.json",
        "/swagger-ui",
        "/swagger-ui/swagger-ui.css",
        "/swagger-ui/swagger-ui-bundle.js",
        "/swagger-ui/start.js",
        "/redoc",
        "/redoc/redoc.standalone.js",
        "/redoc/start.js",
        "/v1/webhooks/whatsapp",  # proves itself with a signature
    )
)
MAX_KEY_LENGTH = 512


class Authenticate:
    """Middleware that sets `req.context.user`, or refuses."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys

    async def process_request(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Identify the caller by the bearer key."""
        if req.path in PUBLIC_PATHS:
            return
        scheme, _, key = (req.get_header("Authorization") or "").partition(" ")
        key = key.strip()
        if scheme.lower() != "bearer" or not 0 < len(key) <= MAX_KEY_LENGTH:
            raise Unauthorized
        identity = self._keys.identify(key)
        if identity is None:
            raise Unauthorized
        req.context.user = identity

    async def process_resource(
        self,
        req: falcon.asgi.Request,
        resp: falcon.asgi.Response,
        resource: Any,
        params: dict[str, Any],
    ) -> None:
        """Check the key's scope against what the resource asks for (`user` unless it says)."""
        if req.path in PUBLIC_PATHS or resource is None:
            return
        needed: Scope = getattr(resource, "scope", "user")
        if needed not in req.context.user.scopes:
            raise Forbidden(f"This key does not have the scope {needed!r}")
