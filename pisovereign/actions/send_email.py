"""Sending a mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from pisovereign.actions.action import ApprovedAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.command import Command
from pisovereign.actions.intent import ChosenBy, CommandSlots, Intent, ModelTool
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
from pisovereign.reading.partial_commands import PartialCommand, Wording

if TYPE_CHECKING:
    from pisovereign.connectors.email.outgoing import Sent


class SendEmail(Command, MailFields, frozen=True, kw_only=True, omit_defaults=True):
    """Send a mail; a side effect.

    `to` holds one or several addresses, or names of contacts, with commas between them. `reply_to`
    is the id of a mail in a summary: then `to` and `subject` may be left out.
    """


def _read(wording: Wording) -> PartialCommand:
    arguments = {
        "to": wording.found("address") or wording.found("mail_to", "recipient"),
        "subject": wording.found("mail_subject", "subject"),
        "body": wording.found("mail_body", "body"),
    }
    return PartialCommand(SendEmail, arguments, ("to", "subject", "body"))


class SendEmailAction(ApprovedAction[SendEmail]):
    """Sends mails once they were approved."""

    spec = ActionSpec(
        name="send_email",
        type=SendEmail,
        result=None,
        sources=("emails",),
        needs="sending",
        side_effects=True,
        approval="always",
        intents=(Intent("send_email", _read, quotes=True),),
        slots=CommandSlots(text="body"),
        chosen_by=ChosenBy("to"),
        model=ModelTool(
            "Ask to send an email, only to whom the user named. The user has to approve it.",
            {
                "to": "Name or email address of the recipient",
                "subject": "Subject",
                "body": "The whole text",
            },
            quoted=frozenset(("to",)),
            finds=True,
            everybodys=True,
        ),
    )
    kind = "send_email"

    def describe_undecided(self, result: Outcome, messages: Messages) -> str:
        """Return who may be meant."""
        assert isinstance(result, RecipientSelection)
        return describe_recipients(result, messages)

    @property
    def is_available(self) -> bool:
        """Whether a server is configured that sends."""
        return self._backends.sender is not None

    @property
    def limit_s(self) -> float:
        """The sender's own limit."""
        return 0.0 if self._backends.sender is None else self._backends.sender.limit_s

    async def ask(self, caller: Caller, command: SendEmail) -> NewApproval:
        """Return the mail, exactly as it will be sent."""
        if command.to is not None:
            to = await find_recipients(self._backends, caller, command.to)
            command = msgspec.structs.replace(command, to=to)
        mail = await self._backends.composer.compose(caller.identity.user_id, command, draft=False)
        mail = await marked_mail(self._backends, caller, mail)
        title = messages_in(caller.language).say("send_email", mail=mail_line(mail))
        return NewApproval(self.kind, title, mail)

    async def carry_out(self, approved: Approved) -> Sent:
        """Send the mail that was approved.

        Raises:
            NotSent: It was not sent.
            OutcomeUnknown: Nobody can tell.
        """
        if self._backends.sender is None:
            raise NotConfigured("Sending mail", "email.smtp_host")
        mail = msgspec.json.decode(approved.payload, type=OutgoingMail)
        return await self._backends.sender.send(approved.user, mail, approved.id)
