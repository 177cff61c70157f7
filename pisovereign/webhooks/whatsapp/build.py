"""The parts of WhatsApp, put together."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from pisovereign.approvals.service import ApprovalService
from pisovereign.chat.service import ChatService
from pisovereign.connectors.whatsapp.channel import WhatsAppChannel
from pisovereign.connectors.whatsapp.graph import Template
from pisovereign.connectors.whatsapp.live import WhatsAppParts
from pisovereign.languages import Language
from pisovereign.notifications.service import NotificationService
from pisovereign.speech.service import SpeechService
from pisovereign.storage.pool import Database
from pisovereign.storage.sealing import Sealer
from pisovereign.webhooks.whatsapp.answerer import Answerer
from pisovereign.webhooks.whatsapp.approval_codes import ApprovalCodes
from pisovereign.webhooks.whatsapp.chat_answers import ChatAnswers
from pisovereign.webhooks.whatsapp.inbox import Inbox, InboxWindow
from pisovereign.webhooks.whatsapp.receiver import Receiver
from pisovereign.webhooks.whatsapp.routes import Webhook


class WhatsApp:
    """What sending and receiving have in common.

    Args:
        parts: The number that is connected.
        master_key: What secrets are derived from.
    """

    def __init__(self, parts: WhatsAppParts, master_key: bytes) -> None:
        self.config = parts.config
        self.settings = parts.settings
        self.people = parts.people
        self.client = parts.client
        self.inbox = Inbox(Sealer(master_key), master_key)
        self.master_key = master_key

    def channel(self, database: Database) -> WhatsAppChannel:
        """Return the way of sending."""
        name = self.config.template
        template = Template(name, self.config.template_language) if name else None
        return WhatsAppChannel(
            self.client, self.people, InboxWindow(database, self.inbox), template
        )

    def answerer(
        self,
        chat: ChatService,
        database: Database,
        notifications: NotificationService,
        approvals: ApprovalService,
        speech: SpeechService,
        *,
        chosen: Callable[[UUID], Language | None],
    ) -> Answerer:
        """Return what answers messages in the background; `chosen` is what somebody speaks."""
        return Answerer(
            answers=ChatAnswers(
                chat=chat,
                codes=ApprovalCodes(approvals, self.people, self.master_key),
                database=database,
                inbox=self.inbox,
                language=lambda user: chosen(user) or self.config.language,
                client=self.client,
                speech=speech,
            ),
            client=self.client,
            database=database,
            inbox=self.inbox,
            notifications=notifications,
            users=self.people.users(),
        )

    def webhook(self, database: Database, answerer: Answerer) -> Webhook:
        """Return what takes messages in."""
        receiver = Receiver(
            phone_number_id=self.config.phone_number_id,
            people=self.people,
            database=database,
            inbox=self.inbox,
            wake=answerer.wake,
        )
        return Webhook(receiver, self.settings.app_secret, self.settings.verify_token)
