"""The one credential check, for every dialect.

A request has a key or the cookie of a session. Where there is an `Authorization` header it alone
counts, also if it is wrong: the cookie is not looked at then.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection
from typing import Any
from uuid import UUID

import falcon.asgi

from pisovereign.accounts.callers import Caller, Callers
from pisovereign.accounts.cookies import read_token, write_token
from pisovereign.accounts.devices import network_name
from pisovereign.accounts.streams import LiveStreams
from pisovereign.asgi.routes import PathResource
from pisovereign.config import Scope
from pisovereign.errors import Forbidden, Unauthorized
from pisovereign.http.same_origin import SameOrigin
from pisovereign.languages import Language
from pisovereign.languages.detection import named_language

MAX_KEY_LENGTH = 512


class Authenticate:
    """Middleware that sets `user`, `caller` and `language` of `req.context`, or refuses.

    Deny by default: what is not public needs a key or a session, also a path that does not exist.
    The language is what the request prefers, else what its caller reads.

    Args:
        callers: Finds whose key or session it is.
        origins: Tells our own pages from others.
        streams: Ends streams with the right to read them.
        public: The paths that need none.
        key_knowing: Those of them where one that is sent counts.
        languages: Returns what somebody reads.
    """

    def __init__(
        self,
        callers: Callers,
        origins: SameOrigin,
        streams: LiveStreams,
        *,
        public: Collection[str],
        key_knowing: Collection[str],
        languages: Callable[[UUID], Language],
    ) -> None:
        self._callers = callers
        self._origins = origins
        self._streams = streams
        self._public = public
        self._key_knowing = key_knowing
        self._languages = languages

    async def process_request(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Identify the caller by the bearer key, or by the cookie."""
        public = req.path in self._public
        if public:
            self._origins.check_public(req)
            if req.path not in self._key_knowing:
                return
        authorization = req.get_header("Authorization")
        try:
            if authorization is None:
                caller = await self._by_cookie(req, resp)
            else:
                caller = await self._by_key(authorization)
        except (Unauthorized, Forbidden):
            if public:
                return
            raise
        req.context.caller = caller
        req.context.user = user = caller.identity
        named = named_language(req.get_header("Accept-Language"))
        req.context.language = named or self._languages(user.user_id)

    async def process_resource(
        self,
        req: falcon.asgi.Request,
        resp: falcon.asgi.Response,
        resource: PathResource | None,
        params: dict[str, Any],
    ) -> None:
        """Check the caller's scopes against what the route's entry asks for."""
        if req.path in self._public or resource is None:
            return
        entry = resource.entry(req.method)
        needed: Scope = entry.scope if entry else "user"
        if needed not in req.context.user.scopes:
            raise Forbidden(f"This key does not have the scope {needed!r}")

    async def process_response(
        self,
        req: falcon.asgi.Request,
        resp: falcon.asgi.Response,
        resource: object,
        succeeded: bool,
    ) -> None:
        """Let a stream end when its reader may not read it any more."""
        caller: Caller | None = getattr(req.context, "caller", None)
        if isinstance(resp.stream, AsyncIterator) and caller is not None and caller.secret:
            resp.stream = self._streams.guard(resp.stream, caller)

    async def _by_key(self, authorization: str) -> Caller:
        scheme, _, key = authorization.partition(" ")
        key = key.strip()
        if scheme.lower() != "bearer" or not 0 < len(key) <= MAX_KEY_LENGTH:
            raise Unauthorized
        caller = await self._callers.of_key(key)
        if caller is None:
            raise Unauthorized
        return caller

    async def _by_cookie(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> Caller:
        token = read_token(req)
        if token is None:
            raise Unauthorized
        self._origins.check_cookie(req)
        caller = await self._callers.of_session(token, network_name(req.context.address))
        if caller is None:
            raise Unauthorized
        if caller.renew:
            write_token(req, resp, token, int(self._callers.idle.total_seconds()))
        # What is read with a cookie is for this origin alone.
        resp.set_header("Cross-Origin-Resource-Policy", "same-origin")
        return caller
