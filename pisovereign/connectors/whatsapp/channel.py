"""WhatsApp as a way of sending what is in the outbox."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from pisovereign.connectors.sending import MaybeSent, NotSent, Outgoing
from pisovereign.connectors.splitting import LONGEST, size, split
from pisovereign.connectors.whatsapp.graph import GraphClient, Template, explain, graph_error
from pisovereign.connectors.whatsapp.people import People
from pisovereign.errors import (
    AnswerRefused,
    HostPaused,
    HostUnreached,
    Refused,
    ServiceUnavailable,
)
from pisovereign.outbound.reply import Reply

# Codes with which Meta asks for another try, and those that its owner can repair meanwhile.
_BUSY = frozenset((1, 2, 4, 80007, 130429, 131000, 131016, 131056, 133004))
_REPAIRABLE = frozenset((3, 10, 190))
_CLOSED = 131047  # more than 24 hours since the person wrote
_REPAIR_S = 300.0
LONGEST_PARAMETER = 1000  # characters that are put into a template

NO_WINDOW = (
    "WhatsApp allows free text only within 24 hours after your last message to it: write to it "
    "again, or set whatsapp.template"
)


class Window(Protocol):
    """Knows when somebody last wrote."""

    async def is_open(self, user: UUID, phone: str) -> bool:
        """Return whether that was less than 24 hours ago."""
        ...


class WhatsAppChannel:
    """Sends texts to people of the allow list, and to nobody else."""

    name = "whatsapp"
    longest: int | None = LONGEST

    def __init__(
        self, client: GraphClient, people: People, window: Window, template: Template | None
    ) -> None:
        self._client = client
        self._people = people
        self._window = window
        self._template = template
        self.limit_s = client.timeout_s + 5.0

    async def send(self, user: UUID, message: Outgoing) -> None:
        """Send a message.

        Raises:
            NotSent: it certainly was not.
            MaybeSent: nobody knows.
        """
        phone = message.to or self._people.phone(user)
        if phone is None or self._people.user(phone) != user:
            raise NotSent("No number in whatsapp.senders belongs to this user", again_s=None)
        try:
            reply = await self._post(user, phone, message)
        except AnswerRefused as error:
            raise MaybeSent(error.message) from None
        except HostPaused as error:
            raise NotSent(error.message, again_s=error.retry_after) from None
        except (HostUnreached, Refused) as error:
            raise NotSent(error.message, again_s=0.0) from None
        if reply.status >= 300:
            raise _failure(reply)

    async def _post(self, user: UUID, phone: str, message: Outgoing) -> Reply:
        if await self._is_open(user, phone):
            return await self._client.send_text(phone, message.text, message.id)
        if self._template is None or message.about == "answer":
            raise NotSent(NO_WINDOW, again_s=None)
        text = " ".join(message.text.split())
        if size(text) > LONGEST_PARAMETER:
            text = split(text, LONGEST_PARAMETER - 2)[0] + " …"
        return await self._client.send_template(phone, self._template, text, message.id)

    async def _is_open(self, user: UUID, phone: str) -> bool:
        try:
            return await self._window.is_open(user, phone)
        except ServiceUnavailable as error:
            raise NotSent(error.message, again_s=0.0) from None


def _failure(reply: Reply) -> NotSent | MaybeSent:
    """Only the Graph API's own error says that a message was not taken."""
    error = graph_error(reply)
    if error is None and reply.status >= 500:
        return MaybeSent(explain(reply))
    code = error.code if error else 0
    if code == _CLOSED:
        return NotSent(NO_WINDOW, again_s=None)
    if code in _REPAIRABLE or 200 <= code <= 299 or reply.status == 401:
        return NotSent(explain(reply), again_s=_REPAIR_S)
    if code in _BUSY or reply.status == 429 or (error and error.is_transient):
        return NotSent(explain(reply), again_s=0.0)
    return NotSent(explain(reply), again_s=None)
