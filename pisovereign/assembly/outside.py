"""The services outside: what the rest of the program gets of them."""

from __future__ import annotations

from pisovereign.actions.backends import Backends, Catalog, Memories, Reminders
from pisovereign.actions.letters import NoLetters
from pisovereign.actions.registry import COMMANDS
from pisovereign.approvals.service import ApprovalService
from pisovereign.assembly.foundation import Foundation
from pisovereign.assembly.integrations import (
    build_calendar,
    build_weather,
    build_whatsapp,
    connect_mail,
    list_integrations,
    require_reachable,
)
from pisovereign.assembly.lifespan import Background, Closing
from pisovereign.chat.service import ChatService
from pisovereign.config import Config
from pisovereign.integrations.calendar.types import NoCalendar
from pisovereign.integrations.diagnostics import Integration
from pisovereign.integrations.mail.types import NoMail
from pisovereign.integrations.mail.wire import MailThreads
from pisovereign.notifications.outbox import Outbox
from pisovereign.notifications.service import NotificationService
from pisovereign.runtime import Runtime
from pisovereign.storage.sealing import Sealer
from pisovereign.webhooks.whatsapp.routes import WhatsAppRoutes


class Outside:
    """Weather, calendar, mailbox and WhatsApp, as far as they are configured.

    `users` are all that the program knows: whose keys it has, and who may write.
    """

    def __init__(self, config: Config, runtime: Runtime, base: Foundation) -> None:
        self._config = config
        self._runtime = runtime
        self._base = base
        self.whatsapp = build_whatsapp(config, runtime, base.outbound)
        writers = self.whatsapp.people.users() if self.whatsapp else []
        self.users = list(dict.fromkeys(base.keys.users() + writers))
        self._mail_threads = MailThreads()
        self._mailbox = connect_mail(config, base.outbound, self._mail_threads, self.users)
        require_reachable(config, self.users, self._mailbox, self.whatsapp)
        self._weather = build_weather(config, base.outbound, base.kept)
        self.calendar = build_calendar(config.caldav, base.outbound, self.users, runtime.time_zone)

    def notifications(self) -> NotificationService:
        """What is sent by WhatsApp and by mail."""
        base, mailbox = self._base, self._mailbox
        return NotificationService(
            Outbox(Sealer(self._runtime.master_key)),
            [
                *([self.whatsapp.channel(base.database)] if self.whatsapp else []),
                *([mailbox.channel] if mailbox and mailbox.channel else []),
            ],
            database=base.database,
            events=base.events.log,
            users=self.users,
        )

    def backends(self, reminders: Reminders, catalog: Catalog, memories: Memories) -> Backends:
        """What actions are carried out with."""
        config, mailbox = self._config, self._mailbox
        return Backends(
            commands=COMMANDS,
            weather=self._weather,
            calendar=self.calendar or NoCalendar(),
            event_editor=self.calendar,
            mail=mailbox.reader if mailbox else NoMail(),
            letters=mailbox.writer if mailbox else NoLetters(),
            sender=mailbox.sender if mailbox else None,
            drafter=mailbox.drafter if mailbox else None,
            reminders=reminders,
            catalog=catalog,
            memories=memories,
            zone=self._runtime.time_zone,
            briefing_limit_s=config.briefing.source_timeout_s,
            calendar_limit_s=config.caldav.timeout_s,
        )

    def webhook(
        self, chat: ChatService, notifications: NotificationService, approvals: ApprovalService
    ) -> tuple[WhatsAppRoutes, list[Background]]:
        """Where messages of WhatsApp arrive, and what answers them.

        Without WhatsApp it refuses every one.
        """
        base = self._base
        if self.whatsapp is None:
            closed = WhatsAppRoutes(None, base.bodies, app_secret="", verify_token="")
            return closed, []
        answerer = self.whatsapp.answerer(chat, base.database, notifications, approvals)
        return self.whatsapp.webhook(base.bodies, base.database, answerer), [answerer]

    def integrations(self) -> list[Integration]:
        """All of them, for health and trials."""
        return list_integrations(self._weather, self.calendar, self._mailbox, self.whatsapp)

    def closing(self) -> list[Closing]:
        """What is closed at the end."""
        calendar = [self.calendar] if self.calendar else []
        return [self._weather, *calendar, self._mail_threads]
