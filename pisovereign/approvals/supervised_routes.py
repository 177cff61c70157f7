"""The routes with which owners decide for people who may not."""

from __future__ import annotations

from typing import Any

import msgspec
from falcon.asgi import Request, Response

from pisovereign.approvals.in_words import in_words
from pisovereign.approvals.supervised import SupervisedApproval, SupervisedApprovals
from pisovereign.approvals.types import Denial, ListQuery, NoFields
from pisovereign.asgi.routes import Example, Page, Routes, parse_id, route

_WAITING: dict[str, Any] = {
    "person_id": "8a1f6c52-7b0c-4a0e-9f0e-2a6b8f3d1c44",
    "person": "Ben",
    "approval": {
        "id": "2d9e3c0a-52d5-4c8e-8f0e-6a5f2f3f7c11",
        "kind": "catalog_command",
        "title": "uptime",
        "details": {"name": "Uptime", "argv": ["uptime"]},
        "lines": [{"name": "argv", "label": "Command", "text": "uptime"}],
        "status": "pending",
        "requested_by": "Firefox on Android",
        "created_at": "2026-02-24T08:50:08.159707Z",
        "expires_at": "2026-02-24T09:20:08.159707Z",
        "decided_by": None,
        "decided_at": None,
        "finished_at": None,
        "result": None,
        "reason": None,
    },
}


class SupervisedApprovalRoutes(Routes, tag="Approvals"):
    """Decisions for others over HTTP; all rules are in the service."""

    def __init__(self, service: SupervisedApprovals) -> None:
        self._service = service

    @route(
        "GET",
        "/v1/supervised-approvals",
        operation_id="listSupervisedApprovals",
        summary="List what waits for owners",
        scope="admin",
        errors=(403,),
        example=Example(response=[_WAITING]),
    )
    async def list_waiting(
        self, req: Request, resp: Response, query: ListQuery
    ) -> Page[SupervisedApproval]:
        """List what people asked for who are `restricted`, and cannot decide by themselves.

        Each `approval` is as in [GET /v1/approvals](#get-v1approvals); only those that wait are
        listed, `status` is passed over. Owners are told of each by the event
        `supervised_approval_requested`, and as they chose for their own approvals. It needs the
        scopes `admin` and `approve`: 403.
        """
        found, total = await self._service.page(req.context.user, query)
        return Page([_in_words(req, each) for each in found], total)

    @route(
        "POST",
        "/v1/supervised-approvals/{person_id}/{id}/approve",
        operation_id="approveForSomebody",
        summary="Approve what somebody restricted asked for",
        scope="admin",
        optional_body=True,
        errors=(403, 409, 502),
    )
    async def approve(
        self, req: Request, resp: Response, person: str, approval: str, body: NoFields
    ) -> SupervisedApproval:
        """Approve it, carry it out for them, and answer with what came of it.

        Both audit logs, theirs and yours, say who decided. A program's key that somebody made
        cannot do this: 403. All else is as in [approve](#post-v1approvalsidapprove).
        """
        return await self._decided(req, person, approval, deny=False, reason=None)

    @route(
        "POST",
        "/v1/supervised-approvals/{person_id}/{id}/deny",
        operation_id="denyForSomebody",
        summary="Refuse what somebody restricted asked for",
        scope="admin",
        optional_body=True,
        errors=(403, 409),
        fields={"reason": "1 to 500 characters, not blank, no NUL"},
    )
    async def deny(
        self, req: Request, resp: Response, person: str, approval: str, body: Denial
    ) -> SupervisedApproval:
        """Refuse it; as [deny](#post-v1approvalsiddeny)."""
        return await self._decided(req, person, approval, deny=True, reason=body.reason)

    async def _decided(
        self, req: Request, person: str, approval: str, *, deny: bool, reason: str | None
    ) -> SupervisedApproval:
        req.context.caller.require_person()
        done = await self._service.decide(
            req.context.user,
            parse_id(person, "approval"),
            parse_id(approval, "approval"),
            deny=deny,
            reason=reason,
        )
        return _in_words(req, done)


def _in_words(req: Request, found: SupervisedApproval) -> SupervisedApproval:
    return msgspec.structs.replace(found, approval=in_words(req, found.approval))
