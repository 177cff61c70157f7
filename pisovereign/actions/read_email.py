"""Reading one mail as text."""

from __future__ import annotations

import msgspec

from pisovereign.actions.action import DirectAction
from pisovereign.actions.backends import SOURCE_LIMIT_S, within
from pisovereign.actions.caller import Caller
from pisovereign.actions.spec import ActionSpec
from pisovereign.connectors.email.types import MailText
from pisovereign.languages.messages import Clock, Messages


class ReadEmail(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Read the mail with the id that a summary gave it."""

    mail_id: str


class ReadEmailAction(DirectAction[ReadEmail, MailText]):
    """Reads a mail for the person whose it is; no model is offered it."""

    spec = ActionSpec(
        name="read_email",
        type=ReadEmail,
        result=MailText,
        sources=("emails",),
        clients=frozenset(),
    )

    async def run(self, caller: Caller, command: ReadEmail) -> MailText:
        """Return the mail, which stays unread.

        Raises:
            NotFound: It is not there any more.
        """
        asked = self._backends.mail.read(caller.identity.user_id, command.mail_id)
        return await within(SOURCE_LIMIT_S, asked, "The mail server")

    def describe(self, result: MailText, messages: Messages, clock: Clock) -> str:
        """Return the text of the mail."""
        return result.text
