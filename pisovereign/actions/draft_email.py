"""Putting a mail into the drafts, unsent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from pisovereign.actions.action import ApprovedAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.command import Command
from pisovereign.actions.intent import ChosenBy, CommandSlots
from pisovereign.actions.messages import messages_in
from pisovereign.actions.outcome import Outcome
from pisovereign.actions.recipients import (
    RecipientSelection,
    describe_recipients,
    find_recipients,
    marked_mail,
)
from pisovereign.actions.spec import ActionSpec
from pisovereign.approvals.types import Approved, NewApproval
from pisovereign.connectors.email.composer import MailFields, mail_line
from pisovereign.connectors.email.types import OutgoingMail
from pisovereign.errors import NotConfigured
from pisovereign.languages.messages import Messages

if TYPE_CHECKING:
    from pisovereign.connectors.email.outgoing import Drafted


class DraftEmail(Command, MailFields, frozen=True, kw_only=True, omit_defaults=True):
    """Put a mail into the drafts; a side effect. Its fields are those of `SendEmail`."""


class DraftEmailAction(ApprovedAction[DraftEmail]):
    """Puts mails into the drafts once they were approved."""

    spec = ActionSpec(
        name="draft_email",
        type=DraftEmail,
        result=None,
        sources=("emails",),
        needs="emails",
        side_effects=True,
        approval="always",
        slots=CommandSlots(text="body"),
        chosen_by=ChosenBy("to"),
    )
    kind = "draft_email"

    def describe_undecided(self, result: Outcome, messages: Messages) -> str:
        """Return who may be meant."""
        assert isinstance(result, RecipientSelection)
        return describe_recipients(result, messages)

    @property
    def is_available(self) -> bool:
        """Whether there is a mailbox."""
        return self._backends.drafter is not None

    @property
    def limit_s(self) -> float:
        """The mailbox's own limit."""
        return 0.0 if self._backends.drafter is None else self._backends.drafter.limit_s

    async def ask(self, caller: Caller, command: DraftEmail) -> NewApproval:
        """Return the mail, exactly as it will be put into the drafts."""
        if command.to is not None:
            to = await find_recipients(self._backends, caller, command.to)
            command = msgspec.structs.replace(command, to=to)
        mail = await self._backends.composer.compose(caller.identity.user_id, command, draft=True)
        mail = await marked_mail(self._backends, caller, mail)
        title = messages_in(caller.language).say("draft_email", mail=mail_line(mail))
        return NewApproval(self.kind, title, mail)

    async def carry_out(self, approved: Approved) -> Drafted:
        """Put the mail that was approved into the drafts.

        Raises:
            UpstreamError: That failed, or nobody can tell.
        """
        if self._backends.drafter is None:
            raise NotConfigured("Mail", "email.imap_host")
        mail = msgspec.json.decode(approved.payload, type=OutgoingMail)
        return await self._backends.drafter.draft(approved.user, mail, approved.id)
