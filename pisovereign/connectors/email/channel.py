"""Mail as a way to tell the owner of the mailbox something: reminders that are due."""

from __future__ import annotations

from uuid import UUID

from pisovereign.connectors.email.outgoing import Sender
from pisovereign.connectors.email.types import OutgoingMail
from pisovereign.connectors.sending import MaybeSent, NotSent, Outgoing
from pisovereign.errors import MailNotSent, MailOutcomeUnknown
from pisovereign.text.cleaning import one_line

_LONGEST_SUBJECT = 100
_AGAIN_S = 30.0


class MailChannel:
    """Sends mails to the mailbox's own address, and to no other.

    Args:
        sender: Sends.
        address: The address of the mailbox.
        owner: Whose it is.

    Attributes:
        owner: Who can be reached by it.
    """

    name = "mail"
    longest: int | None = None

    def __init__(self, sender: Sender, address: str, owner: UUID | None) -> None:
        self._sender = sender
        self._address = address
        self.owner = owner
        self.limit_s = sender.limit_s

    async def send(self, user: UUID, message: Outgoing) -> None:
        """Send a message.

        Raises:
            NotSent: it certainly was not.
            MaybeSent: nobody knows.
        """
        if user != self.owner or message.to not in {"", self._address}:
            raise NotSent("The mailbox in [email] belongs to somebody else", again_s=None)
        outgoing = OutgoingMail(
            sender=self._address,
            to=[self._address],
            subject=one_line(message.text, _LONGEST_SUBJECT),
            text=message.text,
        )
        try:
            await self._sender.send(outgoing, message.id)
        except MailOutcomeUnknown as error:
            raise MaybeSent(error.message) from None
        except MailNotSent as error:
            raise NotSent(error.message, again_s=None if error.permanent else _AGAIN_S) from None
