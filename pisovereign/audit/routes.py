"""The routes of the audit log."""

from __future__ import annotations

from falcon.asgi import Request, Response

from pisovereign.asgi.json_lines import send_json_lines
from pisovereign.asgi.routes import Example, Page, Routes, route
from pisovereign.audit.service import AuditLog
from pisovereign.audit.types import AuditEntry, ListQuery, Verification, VerifyQuery


class AuditRoutes(Routes, tag="Audit"):
    """The audit log over HTTP."""

    def __init__(self, log: AuditLog) -> None:
        self._log = log

    @route(
        "GET",
        "/v1/audit",
        summary="List what was asked for, decided and carried out",
        example=Example(
            response=[
                {
                    "seq": 42,
                    "at": "2026-02-24T08:51:08.159707Z",
                    "event": "approved",
                    "kind": "catalog_command",
                    "subject": "2d9e3c0a-52d5-4c8e-8f0e-6a5f2f3f7c11",
                    "actor": "the kitchen tablet",
                    "scopes": ["approve", "user"],
                    "what": "tail -n 100 /var/log/syslog",
                }
            ]
        ),
    )
    async def list_audit(self, req: Request, resp: Response, query: ListQuery) -> Page[AuditEntry]:
        """List your [audit log](approvals.md#the-audit-log), the newest entry first.

        `?limit=` is 1 to 500 (100 if not given), `?offset=` skips entries. `?event=`, `?kind=`,
        `?actor=` and `?subject=` show those with exactly this, `?since=` and `?until=` those of a
        time.

        `event` is `requested`, `approved`, `returned` (certainly not begun: it waits again),
        `denied`, `cancelled`, `expired`, `executed`, `failed`, or `ran` for a command that needed
        no approval; of sessions, keys, passkeys and people (`kind`) it is `signed_in`,
        `signed_out`, `created`, `changed` or `removed`. `subject` is the id of the approval, of
        that command, or of what else it is about, `actor` the name of the key or the browser, or
        `system`.
        """
        user = req.context.user.user_id
        return Page(*await self._log.page(user, query))

    @route(
        "GET",
        "/v1/audit/export",
        summary="Export the log as lines of JSON",
        media_type="application/x-ndjson",
        example=Example(
            response=(
                '{"seq":42,"at":"2026-02-24T08:51:08.159707Z","event":"approved",'
                '"kind":"catalog_command","subject":"2d9e3c0a-52d5-4c8e-8f0e-6a5f2f3f7c11",'
                '"actor":"the kitchen tablet","scopes":["approve","user"],'
                '"what":"tail -n 100 /var/log/syslog"}\n'
            )
        ),
    )
    async def export_audit(self, req: Request, resp: Response) -> None:
        """Export your whole log, the oldest entry first, one JSON object a line.

        Each line (`application/x-ndjson`) has the form of the list. Where the oldest entries were
        deleted because of their age, the first line stands for them: its `event` is `pruned`, its
        `what` says which they were, its `seq` and `at` are those of the last of them. The chain is
        computed meanwhile: an entry that is not what was written has an `error`.
        """
        send_json_lines(resp, self._log.export(req.context.user.user_id))

    @route(
        "GET",
        "/v1/audit/verify",
        summary="Whether the log is as it was written",
        example=Example(
            response={
                "intact": True,
                "entries": 42,
                "head": "42:f77c2d7ed9bb1f3e8bd33de1e2cb1f7f9f0f2a6a2f5d3bd0f4b4dd9c7f6f0a11",
                "broken": None,
                "problem": None,
                "pruned": None,
                "noted": None,
            }
        ),
    )
    async def verify_audit(self, req: Request, resp: Response, query: VerifyQuery) -> Verification:
        """Compute the whole chain of the log again.

        `?head=` is a `head` of an earlier answer, which must still be part of it: `noted` is
        `found`, or `pruned` for one of the entries that were deleted because of their age.

        `pruned` tells of those, in the form `{"entries": 20, "first_at": "2024-01-12T07:12:09Z",
        "last_at": "2024-02-24T08:51:08Z"}`; they are counted in `entries`. The chain
        begins with a checkpoint that stands for them, under a keyed hash of its own.

        If it is not intact, `problem` says what is wrong, `broken` is the number of the first entry
        that is, and null if it is the end of the log or the checkpoint.
        """
        return await self._log.verify(req.context.user.user_id, query.head)
