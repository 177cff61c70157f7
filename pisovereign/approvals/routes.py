"""The routes of approvals."""

from __future__ import annotations

from falcon.asgi import Request, Response

from pisovereign.approvals.in_words import in_words
from pisovereign.approvals.service import ApprovalService
from pisovereign.approvals.types import Approval, Denial, ListQuery, NoFields
from pisovereign.asgi.routes import Example, Page, Routes, parse_id, route

_APPROVAL = {
    "id": "2d9e3c0a-52d5-4c8e-8f0e-6a5f2f3f7c11",
    "kind": "catalog_command",
    "title": "tail -n 100 /var/log/syslog",
    "details": {
        "catalog_id": "4b3b0a52-3d5c-4c8e-8f0e-6a5f2f3f7c11",
        "name": "Check Logs",
        "argv": ["tail", "-n", "100", "/var/log/syslog"],
        "network": False,
        "privileged": False,
    },
    "lines": [
        {"name": "name", "label": "Name", "text": "Check Logs"},
        {"name": "argv", "label": "Command", "text": "tail -n 100 /var/log/syslog"},
    ],
    "status": "pending",
    "requested_by": "agent",
    "created_at": "2026-02-24T08:50:08.159707Z",
    "expires_at": "2026-02-24T09:20:08.159707Z",
    "decided_by": None,
    "decided_at": None,
    "finished_at": None,
    "result": None,
    "reason": None,
}


class ApprovalRoutes(Routes, tag="Approvals"):
    """Approvals over HTTP; all rules are in the service."""

    def __init__(self, service: ApprovalService) -> None:
        self._service = service

    @route(
        "GET",
        "/v1/approvals",
        summary="List approvals",
        example=Example(response=[_APPROVAL]),
    )
    async def list_approvals(
        self, req: Request, resp: Response, query: ListQuery
    ) -> Page[Approval]:
        """List what waits for your decision, and what was decided, the newest first.

        [approvals.md](approvals.md) says more. `?status=` shows one status only,
        `decided` all but what is pending, `?limit=` is 1 to
        500 (100 if not given), `?offset=` skips entries.

        `details` is exactly what is carried out, `title` says it in one line, and `lines` holds
        each argument with a label in the language that `Accept-Language` prefers; what hides in a
        text is written out there, as `⟨U+202E⟩`. `requested_by` and `decided_by` are
        the names of keys. `status` is `pending`, `approved` (being carried out), `executed`,
        `denied`, `cancelled`, `expired` or `failed`. A further field, `error`, is there if the
        stored text cannot be opened; it can only be denied or cancelled then.
        """
        user = req.context.user.user_id
        found, total = await self._service.page(user, query)
        return Page([in_words(req, approval) for approval in found], total)

    @route(
        "GET",
        "/v1/approvals/{id}",
        summary="Show what waits for an approval",
        example=Example(response=_APPROVAL),
    )
    async def get_approval(self, req: Request, resp: Response, approval: str) -> Approval:
        """Show one approval, in the form of the list."""
        user = req.context.user.user_id
        return in_words(req, await self._service.get(user, parse_id(approval, "approval")))

    @route(
        "POST",
        "/v1/approvals/{id}/approve",
        summary="Approve, carry out, and get the result",
        optional_body=True,
        errors=(409, 502),
        scope="approve",
        example=Example(
            response={
                **_APPROVAL,
                "status": "executed",
                "decided_by": "the kitchen tablet",
                "decided_at": "2026-02-24T08:51:08.159707Z",
                "finished_at": "2026-02-24T08:51:08.179707Z",
                "result": {
                    "id": "4b3b0a52-3d5c-4c8e-8f0e-6a5f2f3f7c11",
                    "status": "completed",
                    "exit_code": 0,
                    "stdout": ("Feb 24 08:50:01 raspberrypi systemd[1]: Started session.\n"),
                    "stderr": "",
                    "truncated": False,
                    "duration_ms": 4,
                    "executed_at": "2026-02-24T08:51:08.169707Z",
                    "argv": ["tail", "-n", "100", "/var/log/syslog"],
                },
            }
        ),
    )
    async def approve(
        self, req: Request, resp: Response, approval: str, body: NoFields
    ) -> Approval:
        """Approve, carry out, and answer with what came of it.

        It is carried out to the end also if you leave.

        `executed` means that it was carried out to its end; `result` is that of
        [execute](#post-v1commandscatalogidexecute), which may itself have failed. `failed`
        means that it could not be carried out, or that its end is not known; `reason` says which.
        One that is not pending any more is a 409. Where certainly nothing was done, because what
        carries it out is away or busy, the answer is a 503, and the approval waits again.
        """
        done = await self._service.approve(req.context.user, parse_id(approval, "approval"))
        return in_words(req, done)

    @route(
        "POST",
        "/v1/approvals/{id}/deny",
        summary="Refuse what was asked for",
        optional_body=True,
        errors=(409,),
        scope="approve",
        fields={
            "reason": "1 to 500 characters, not blank, no NUL",
        },
        example=Example(
            request={"reason": "Not while the backup runs"},
            response={
                **_APPROVAL,
                "status": "denied",
                "decided_by": "the kitchen tablet",
                "decided_at": "2026-02-24T08:51:08.159707Z",
                "finished_at": "2026-02-24T08:51:08.159707Z",
                "reason": "Not while the backup runs",
            },
        ),
    )
    async def deny(self, req: Request, resp: Response, approval: str, body: Denial) -> Approval:
        """Refuse what was asked for.

        The body may be left out. What is not pending any more is a 409.
        """
        denied = await self._service.deny(
            req.context.user, parse_id(approval, "approval"), body.reason
        )
        return in_words(req, denied)

    @route(
        "POST",
        "/v1/approvals/{id}/cancel",
        operation_id="cancelApproval",
        summary="Withdraw what was asked for",
        optional_body=True,
        errors=(409,),
        example=Example(
            response={
                **_APPROVAL,
                "status": "cancelled",
                "decided_by": "agent",
                "decided_at": "2026-02-24T08:51:08.159707Z",
                "finished_at": "2026-02-24T08:51:08.159707Z",
            }
        ),
    )
    async def cancel(self, req: Request, resp: Response, approval: str, body: NoFields) -> Approval:
        """Withdraw what was asked for, which needs no more than asking did.

        What is not pending any more is a 409.
        """
        done = await self._service.cancel(req.context.user, parse_id(approval, "approval"))
        return in_words(req, done)
