"""The audit routes: an owner's log, and whether it is as it was written."""

from __future__ import annotations

import falcon.asgi

from pisovereign.asgi.media import respond
from pisovereign.asgi.query import read_query
from pisovereign.audit.log import AuditLog
from pisovereign.audit.types import ListQuery, VerifyQuery


class AuditResource:
    """`GET /v1/audit`."""

    def __init__(self, log: AuditLog) -> None:
        self._log = log

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """List the caller's entries, the newest first."""
        query = read_query(req, ListQuery)
        listed, total = await self._log.page(req.context.user.user_id, query.limit, query.offset)
        resp.set_header("X-Total-Count", str(total))
        respond(resp, listed)


class AuditVerifyResource:
    """`GET /v1/audit/verify`."""

    def __init__(self, log: AuditLog) -> None:
        self._log = log

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """Compute the chain again."""
        query = read_query(req, VerifyQuery)
        respond(resp, await self._log.verify(req.context.user.user_id, query.head))
