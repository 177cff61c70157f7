"""The routes of mails: reading them as text, and asking for one to be written."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from falcon.asgi import Request, Response
from msgspec import Meta

from pisovereign.actions.draft_email import DraftEmail
from pisovereign.actions.read_email import ReadEmail
from pisovereign.actions.routes import caller_of
from pisovereign.actions.send_email import SendEmail
from pisovereign.actions.service import ActionService
from pisovereign.actions.summarize_mail import EmailSummary
from pisovereign.actions.types import Pending
from pisovereign.asgi.routes import Example, Routes, route
from pisovereign.connectors.email.composer import MailFields
from pisovereign.connectors.email.types import MailSummary, MailText

_FIELDS = {
    "to": "1 to 10 addresses with commas between them; may be left out with `reply_to`",
    "subject": "1 to 200 characters in one line; may be left out with `reply_to`",
    "body": "1 to 20,000 characters of text",
    "reply_to": "the `id` of a mail that this one answers",
}
_REQUEST = {"to": "bob@example.org", "subject": "Friday", "body": "I will be there."}
_PENDING: dict[str, Any] = {
    "command": "DraftEmail",
    "approval_id": "2d9e3c0a-52d5-4c8e-8f0e-6a5f2f3f7c11",
    "expires_at": "2026-03-05T08:30:00Z",
    "title": "...",
    "text": "...",
    "status": "pending_approval",
}


class MailQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of `GET /v1/mails`."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 20


class MailRoutes(Routes, tag="Mail"):
    """Mails over HTTP; all rules are in the actions."""

    def __init__(self, actions: ActionService) -> None:
        self._actions = actions

    @route(
        "GET",
        "/v1/mails",
        summary="Show the newest mails",
        errors=(502,),
        example=Example(
            response={
                "unread": 1,
                "important": 0,
                "mails": [
                    {
                        "id": "1723000000-42",
                        "sender": "Bob <bob@example.org>",
                        "subject": "Friday",
                        "headline": "Bob: Friday",
                        "received_at": "2026-03-05T08:00:00Z",
                        "unread": True,
                        "important": False,
                        "preview": "Will you be there?",
                    }
                ],
            }
        ),
    )
    async def list_mails(self, req: Request, resp: Response, query: MailQuery) -> MailSummary:
        """Show how many mails are unread, and the newest ones with how they begin.

        `?limit=` is 1 to 100 (20 if not given). Nothing in the mailbox changes. What a mail says
        was written by others: show it as text. When no mailbox is set up, that is a 503 that names
        the setting.
        """
        found = await self._actions.carry_out(caller_of(req), EmailSummary(count=query.limit))
        assert isinstance(found, MailSummary)
        return found

    @route(
        "GET",
        "/v1/mails/{id}",
        summary="Read a mail as text",
        errors=(502,),
        example=Example(
            response={
                "id": "1723000000-42",
                "sender": "Bob <bob@example.org>",
                "subject": "Friday",
                "text": "Will you be there?",
                "attachments": [],
                "received_at": "2026-03-05T08:00:00Z",
                "unread": True,
                "is_cut": False,
            }
        ),
    )
    async def get_mail(self, req: Request, resp: Response, mail: str) -> MailText:
        """Read a mail as text: no pictures, no links that hide where they lead.

        It stays unread, and at most 20,000 characters of it are given; `is_cut` says that the mail
        is so large that only its beginning was read. `attachments` are only named.
        """
        found = await self._actions.carry_out(caller_of(req), ReadEmail(mail_id=mail))
        assert isinstance(found, MailText)
        return found

    @route(
        "POST",
        "/v1/mails/drafts",
        summary="Ask for a mail to be put into the drafts",
        errors=(409, 502),
        fields=_FIELDS,
        example=Example(request=_REQUEST, response=_PENDING),
    )
    async def draft_mail(self, req: Request, resp: Response, body: MailFields) -> Pending:
        """Ask for a mail to be put into the drafts, unsent.

        The answer names the approval that [waits](approvals.md), which shows the whole mail. With
        `reply_to` recipient and subject follow from the mail that is answered.
        """
        return await self._ask(req, DraftEmail(**msgspec.structs.asdict(body)))

    @route(
        "POST",
        "/v1/mails",
        summary="Ask for a mail to be sent",
        errors=(409, 502),
        fields=_FIELDS,
        example=Example(request=_REQUEST, response={**_PENDING, "command": "SendEmail"}),
    )
    async def send_mail(self, req: Request, resp: Response, body: MailFields) -> Pending:
        """Ask for a mail to be sent, as one is asked to be put into the drafts."""
        return await self._ask(req, SendEmail(**msgspec.structs.asdict(body)))

    async def _ask(self, req: Request, command: MailFields) -> Pending:
        asked = await self._actions.run(caller_of(req), command)
        assert isinstance(asked, Pending)
        return asked
