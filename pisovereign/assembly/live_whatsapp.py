"""WhatsApp as it is connected now: sending, taking in, and answering."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from uuid import UUID

from pisovereign.approvals.service import ApprovalService
from pisovereign.chat.service import ChatService
from pisovereign.connectors.sending import NotSent, Outgoing
from pisovereign.connectors.splitting import LONGEST
from pisovereign.connectors.whatsapp.live import SETTING, LiveWhatsApp
from pisovereign.languages import Language
from pisovereign.notifications.service import NotificationService
from pisovereign.speech.service import SpeechService
from pisovereign.storage.pool import Database
from pisovereign.webhooks.whatsapp.answerer import Answerer
from pisovereign.webhooks.whatsapp.build import WhatsApp
from pisovereign.webhooks.whatsapp.routes import Webhook


class LiveWhatsAppChannel:
    """A way of sending, over the number that is connected now."""

    name = "whatsapp"
    longest: int | None = LONGEST

    def __init__(
        self, live: LiveWhatsApp, database: Database, master_key: bytes, timeout_s: float
    ) -> None:
        self._live = live
        self._database = database
        self._master_key = master_key
        self.limit_s = timeout_s + 5.0

    async def send(self, user: UUID, message: Outgoing) -> None:
        """Send a message.

        Raises:
            NotSent: It certainly was not.
            MaybeSent: Nobody knows.
        """
        parts = self._live.current()
        if parts is None:
            raise NotSent(f"WhatsApp is not set up: set {SETTING}", again_s=None)
        channel = WhatsApp(parts, self._master_key).channel(self._database)
        await channel.send(user, message)


class LiveWhatsAppInbox:
    """Takes messages in and answers them; begins anew when the connection changes.

    A message whose answer is not there by then is answered by whoever comes next.
    """

    def __init__(
        self,
        live: LiveWhatsApp,
        *,
        chat: ChatService,
        database: Database,
        master_key: bytes,
        notifications: NotificationService,
        approvals: ApprovalService,
        speech: SpeechService,
        language: Callable[[UUID], Language | None],
    ) -> None:
        self._live = live
        self._database = database
        self._master_key = master_key
        self._build: Callable[[WhatsApp], Answerer] = lambda whatsapp: whatsapp.answerer(
            chat, database, notifications, approvals, speech, chosen=language
        )
        self._running = False
        self._answerer: Answerer | None = None
        self._webhook: Webhook | None = None
        self._lock = asyncio.Lock()
        self._renew()

    def webhook(self) -> Webhook | None:
        """Return what takes messages in; None: WhatsApp is not set up."""
        return self._webhook

    def start(self) -> None:
        """Begin to answer, on the running loop."""
        self._running = True
        if self._answerer is not None:
            self._answerer.start()

    async def stop(self) -> None:
        """End."""
        async with self._lock:
            self._running = False
            if self._answerer is not None:
                await self._answerer.stop()

    async def changed(self, kind: str, owner: UUID) -> None:
        """Use the connection as it is now."""
        if kind != "whatsapp":
            return
        async with self._lock:
            former = self._answerer
            self._renew()
            if former is not None and self._running:
                await former.stop()
            if self._answerer is not None and self._running:
                self._answerer.start()

    def _renew(self) -> None:
        parts = self._live.current()
        whatsapp = WhatsApp(parts, self._master_key) if parts else None
        self._answerer = self._build(whatsapp) if whatsapp else None
        self._webhook = (
            whatsapp.webhook(self._database, self._answerer)
            if whatsapp and self._answerer
            else None
        )
