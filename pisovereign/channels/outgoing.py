"""A messenger as a way of sending what is in the outbox."""

from __future__ import annotations

from uuid import UUID

from pisovereign.channels.approval_messages import ApprovalMessages
from pisovereign.channels.directory import Directory
from pisovereign.channels.inbox import Window
from pisovereign.connectors.messaging import Messenger, Shown
from pisovereign.connectors.sending import NotSent, Outgoing
from pisovereign.connectors.splitting import LONGEST
from pisovereign.errors import ServiceUnavailable


class MessengerChannel:
    """Sends texts to those whom the directory knows, and to nobody else.

    Args:
        messenger: What sends.
        directory: Whose address is whose.
        window: Who may be written to.
        asks: Shows approvals with buttons; None: they are shown as any other text.
    """

    longest: int | None = LONGEST

    def __init__(
        self,
        messenger: Messenger,
        directory: Directory,
        window: Window,
        asks: ApprovalMessages | None,
    ) -> None:
        self._messenger = messenger
        self._directory = directory
        self._window = window
        self._asks = asks
        self.name = messenger.name
        self.limit_s = messenger.limit_s

    async def send(self, user: UUID, message: Outgoing) -> None:
        """Send a message; what was decided meanwhile is not asked for any more.

        Raises:
            NotSent: It certainly was not.
            MaybeSent: Nobody knows.
        """
        messenger = self._messenger
        if not messenger.is_set_up():
            reason = f"{messenger.title} is not set up: set {messenger.setting}"
            raise NotSent(reason, again_s=None)
        try:
            address = await self._directory.address(user, message.to)
            if address is None:
                raise NotSent(self._directory.missing, again_s=None)
            shown = await self._shown(user, address, message)
            in_window = await self._window.is_open(user, address)
        except ServiceUnavailable as error:
            raise NotSent(error.message, again_s=0.0) from None
        if shown is not None:
            await messenger.deliver(address, message, shown, in_window=in_window)

    async def _shown(self, user: UUID, address: str, message: Outgoing) -> Shown | None:
        if self._asks is not None and message.about == "approval":
            return await self._asks.shown(user, message.subject, address)
        if self._asks is not None and message.about == "supervised":
            return Shown(await self._asks.told(user, message.text))
        return Shown(message.text)
