"""How much mail there is, and the newest mails."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from pisovereign.actions.action import DirectAction
from pisovereign.actions.backends import SOURCE_LIMIT_S, Backends, within
from pisovereign.actions.caller import Caller
from pisovereign.actions.command import Command
from pisovereign.actions.intent import Intent, ModelTool
from pisovereign.actions.messages import bullets, quote
from pisovereign.actions.spec import ActionSpec
from pisovereign.connectors.email.types import MailSummary
from pisovereign.languages.messages import Clock, Messages
from pisovereign.reading.partial_commands import PartialCommand, Wording


class EmailSummary(Command, frozen=True, kw_only=True):
    """The newest `count` mails."""

    count: Annotated[int, Meta(ge=1, le=100)] = 10


_MOST_MAILS = 100


def _read(wording: Wording) -> PartialCommand:
    digits = [int(w) for w in wording.request.cut.split() if w.isascii() and w.isdigit()]
    count = digits[0] if len(digits) == 1 and 1 <= digits[0] <= _MOST_MAILS else None
    return PartialCommand(EmailSummary, {"count": count})


class SummarizeMailAction(DirectAction[EmailSummary, MailSummary]):
    """Looks into the inbox."""

    spec = ActionSpec(
        name="emails",
        module="summarize_mail",
        type=EmailSummary,
        result=MailSummary,
        sources=("emails",),
        needs="emails",
        intents=(Intent("emails", _read),),
        model=ModelTool(
            "List the newest emails in the user's inbox with sender and subject.",
            {"count": "How many, 10 if not given"},
            everybodys=True,
        ),
    )

    async def run(self, caller: Caller, command: EmailSummary) -> MailSummary:
        """Return the inbox, with its newest mails."""
        return await read_mail(self._backends, caller, command.count, SOURCE_LIMIT_S)

    def describe(self, result: MailSummary, messages: Messages, clock: Clock) -> str:
        """Return an inbox, with one line for each of its newest mails."""
        key = "mail.one_unread" if result.unread == 1 else "mail.unread"
        unread = messages.say(key, count=result.unread)
        counts = messages.say("mail", unread=unread, important=result.important)
        if not result.mails:
            return counts
        lines = [
            messages.say("mail.important", headline=quote(mail.headline))
            if mail.important
            else quote(mail.headline)
            for mail in result.mails
        ]
        return messages.say("mail.newest", counts=counts, list=bullets(lines, messages))


async def read_mail(backends: Backends, caller: Caller, count: int, limit_s: float) -> MailSummary:
    """Return the inbox, with its newest mails."""
    asked = backends.mail.summary(caller.identity.user_id, count)
    return await within(limit_s, asked, "The mail server")
