"""The approval routes: thin, all rules are in the service."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

import falcon.asgi

from pisovereign.approvals.service import ApprovalService
from pisovereign.approvals.types import Denial, ListQuery, NoFields
from pisovereign.asgi.body import BodyReader
from pisovereign.asgi.media import respond
from pisovereign.asgi.query import read_query
from pisovereign.config import Scope
from pisovereign.errors import NotFound


class ApprovalsResource:
    """`GET /v1/approvals`."""

    def __init__(self, service: ApprovalService) -> None:
        self._service = service

    async def on_get(self, req: falcon.asgi.Request, resp: falcon.asgi.Response) -> None:
        """List the caller's approvals, the newest first."""
        query = read_query(req, ListQuery)
        listed, total = await self._service.page(
            req.context.user.user_id, query.status, query.limit, query.offset
        )
        resp.set_header("X-Total-Count", str(total))
        respond(resp, listed)


class ApprovalResource:
    """`GET /v1/approvals/{approval_id}`."""

    def __init__(self, service: ApprovalService) -> None:
        self._service = service

    async def on_get(
        self, req: falcon.asgi.Request, resp: falcon.asgi.Response, approval_id: str
    ) -> None:
        """Show one approval."""
        respond(resp, await self._service.get(req.context.user.user_id, _parse_id(approval_id)))


class ApproveResource:
    """`POST /v1/approvals/{approval_id}/approve`."""

    scope: ClassVar[Scope] = "approve"

    def __init__(self, service: ApprovalService, bodies: BodyReader) -> None:
        self._service = service
        self._bodies = bodies

    async def on_post(
        self, req: falcon.asgi.Request, resp: falcon.asgi.Response, approval_id: str
    ) -> None:
        """Approve, carry out, and show what came of it."""
        await self._bodies.read_optional(req, NoFields)
        respond(resp, await self._service.approve(req.context.user, _parse_id(approval_id)))


class DenyResource:
    """`POST /v1/approvals/{approval_id}/deny`."""

    scope: ClassVar[Scope] = "approve"

    def __init__(self, service: ApprovalService, bodies: BodyReader) -> None:
        self._service = service
        self._bodies = bodies

    async def on_post(
        self, req: falcon.asgi.Request, resp: falcon.asgi.Response, approval_id: str
    ) -> None:
        """Refuse what was asked for."""
        body = await self._bodies.read_optional(req, Denial)
        approval = _parse_id(approval_id)
        respond(resp, await self._service.deny(req.context.user, approval, body.reason))


class CancelResource:
    """`POST /v1/approvals/{approval_id}/cancel`; whoever may ask may also withdraw."""

    def __init__(self, service: ApprovalService, bodies: BodyReader) -> None:
        self._service = service
        self._bodies = bodies

    async def on_post(
        self, req: falcon.asgi.Request, resp: falcon.asgi.Response, approval_id: str
    ) -> None:
        """Withdraw what was asked for."""
        await self._bodies.read_optional(req, NoFields)
        respond(resp, await self._service.cancel(req.context.user, _parse_id(approval_id)))


def _parse_id(text: str) -> UUID:
    """The id; what cannot be one answers as an unknown one."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("No such approval") from None
