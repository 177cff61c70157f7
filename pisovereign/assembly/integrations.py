"""Services outside, as far as they are set up: each made anew when it is."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from pisovereign.accounts.grants import Grants
from pisovereign.accounts.secrets import SecretHash
from pisovereign.actions.backends import (
    Backends,
    Catalog,
    Documents,
    Lists,
    Memories,
    OutsideTools,
    Reminders,
)
from pisovereign.actions.registry import COMMANDS
from pisovereign.actions.spec import Part
from pisovereign.api_keys import KnownUsers
from pisovereign.approvals.service import ApprovalService
from pisovereign.assembly.clients import build_telegram
from pisovereign.assembly.configured_owners import configured_owners
from pisovereign.assembly.delivery_checks import warn_of_missing_channels
from pisovereign.assembly.infrastructure import Infrastructure
from pisovereign.assembly.lifespan import Closing
from pisovereign.assembly.live_backup import LivePlace, build_place
from pisovereign.assembly.live_calendar import LiveCalendar
from pisovereign.assembly.live_home import LiveHome
from pisovereign.assembly.live_mail import LiveDrafter, LiveMail, LiveMailChannel, LiveSender
from pisovereign.assembly.live_ntfy import LiveNtfy, LiveNtfyChannel
from pisovereign.assembly.live_search import LiveSearch, build_pages, build_search
from pisovereign.assembly.live_service import LiveService
from pisovereign.assembly.live_speech import LiveSpeech, build_speech
from pisovereign.assembly.live_telegram import LiveTelegram, LiveTelegramChannel
from pisovereign.assembly.live_weather import LiveWeather
from pisovereign.assembly.live_whatsapp import (
    LiveWhatsApp,
    LiveWhatsAppChannel,
    LiveWhatsAppInbox,
)
from pisovereign.assembly.service_parts import ServiceParts
from pisovereign.assembly.summaries import Summaries
from pisovereign.assembly.telegram import TelegramAccounts
from pisovereign.audit.service import AuditLog
from pisovereign.chat.service import ChatService
from pisovereign.connections.backup_kinds import BACKUP_PLACES
from pisovereign.connections.kinds import (
    CALENDAR,
    EMAIL,
    HOME_ASSISTANT,
    NTFY,
    SEARCH,
    SPEECH,
    TELEGRAM,
    WEATHER,
    WHATSAPP,
)
from pisovereign.connections.preferences import ApprovalPreferences, ReminderPreferences
from pisovereign.connections.settings import ConnectionSettings
from pisovereign.connections.store import ConnectionStore
from pisovereign.connectors.blocking import BlockingPool
from pisovereign.connectors.diagnostics import Integration
from pisovereign.connectors.web.types import NoPages
from pisovereign.connectors.whatsapp.people import People
from pisovereign.health import Check
from pisovereign.notifications.outbox import Outbox
from pisovereign.notifications.push.build import build_push
from pisovereign.notifications.service import NotificationService
from pisovereign.notifications.types import Way
from pisovereign.own_calendar.calendar import OwnCalendar
from pisovereign.own_calendar.feed import CalendarFeed
from pisovereign.own_calendar.objects import OwnObjects
from pisovereign.own_calendar.store import ObjectStore
from pisovereign.speech.service import SpeechService


class Integrations:
    """Weather, calendar, mailbox, messengers and notifications, as far as they are set up.

    `users` are all that the program knows: whose keys it has, who may write, and who was invited.
    Whose mailbox and calendar it is, only the configuration decides.
    """

    def __init__(self, infrastructure: Infrastructure) -> None:
        self._infrastructure = infrastructure
        base, config = infrastructure, infrastructure.config
        writers = (
            People(config.whatsapp.senders).users() if WHATSAPP.is_set(config.whatsapp) else []
        )
        self.configured = list(dict.fromkeys(base.keys.users() + writers))
        self.users = KnownUsers(self.configured)
        self._mail_pool = BlockingPool("mail")
        self.store = ConnectionStore(base.sealer)
        self.push = build_push(
            config.push,
            base.database,
            base.outbound.client,
            base.sealer,
            base.runtime.master_key,
        )
        self.settings = ConnectionSettings(
            config,
            base.database,
            self.store,
            listener=base.events.listener,
            wakeups=base.events.log.wakeups,
            owners=partial(configured_owners, config, self.configured),
        )
        parts = ServiceParts(base, self.settings, self.configured, self._mail_pool)
        self.preferences = ReminderPreferences(self.settings)
        self.approval_preferences = ApprovalPreferences(self.settings)
        self.weather = LiveWeather(parts.weather())
        own = OwnObjects(base.database, ObjectStore(base.sealer))
        self.calendar = LiveCalendar(parts.calendar(), OwnCalendar(own, base.locales.zone))
        self.calendar_feed = _calendar_feed(base)
        self.mail = LiveMail(parts.mail())
        self.whatsapp = LiveWhatsApp(parts.whatsapp())
        self.search = LiveSearch(parts.plain(SEARCH, build_search))
        self.pages = build_pages(config.web, base.outbound)
        self.live_speech = LiveSpeech(parts.plain(SPEECH, build_speech))
        self.speech = SpeechService(self.live_speech, config.speech.longest_audio_s)
        self.telegram = LiveTelegram(parts.plain(TELEGRAM, build_telegram), config.telegram)
        self.telegram_accounts = TelegramAccounts(base, self.telegram)
        self.ntfy = LiveNtfy(parts.ntfy())
        self.home = LiveHome(parts.home())
        self.backup_places = {
            kind.name: LivePlace(kind.name, parts.plain(kind, partial(build_place, kind.name)))
            for kind in BACKUP_PLACES
        }
        self._services: dict[str, LiveService] = {
            WEATHER.name: self.weather,
            CALENDAR.name: self.calendar,
            EMAIL.name: self.mail,
            SEARCH.name: self.search,
            WHATSAPP.name: self.whatsapp,
            SPEECH.name: self.live_speech,
            TELEGRAM.name: self.telegram,
            NTFY.name: self.ntfy,
            HOME_ASSISTANT.name: self.home,
            **self.backup_places,
        }
        # After its parts were made anew.
        self.settings.when_changed(self.home.changed)

    async def load(self) -> None:
        """Read what people saved, before the first request; warn of what nothing can deliver.

        Raises:
            ServiceUnavailable: The database is away.
        """
        await self.settings.load()
        self.home.begin()
        warn_of_missing_channels(
            self._infrastructure.config, self.configured, self.mail.sends, self.whatsapp.current()
        )

    def notifications(self) -> NotificationService:
        """Return what sends notifications by messengers, by mail and to browsers."""
        base = self._infrastructure
        config = base.config
        return NotificationService(
            Outbox(base.sealer),
            [
                LiveWhatsAppChannel(self.whatsapp, base.database, config.whatsapp.timeout_s),
                LiveMailChannel(self.mail, config.email.timeout_s),
                LiveTelegramChannel(
                    self.telegram,
                    self.telegram_accounts.links,
                    self.telegram_accounts.asks,
                    config.telegram.timeout_s,
                ),
                LiveNtfyChannel(self.ntfy, self.telegram_accounts.language, config.ntfy.timeout_s),
                self.push.channel,
            ],
            database=base.database,
            events=base.events.log,
            users=self.users,
            browsers=self.push.service,
        )

    def backends(
        self,
        reminders: Reminders,
        lists: Lists,
        catalog: Catalog,
        memories: Memories,
        outside_tools: OutsideTools,
        *,
        documents: Documents,
    ) -> Backends:
        """Return what actions are carried out with."""
        base = self._infrastructure
        timeout_s = base.config.email.timeout_s
        return Backends(
            commands=COMMANDS,
            weather=self.weather,
            home=self.home,
            calendar=self.calendar,
            event_editor=self.calendar,
            tasks=self.calendar,
            contacts=self.calendar,
            web_search=self.search,
            pages=self.pages or NoPages(),
            summaries=Summaries(base.engine, base.current_model),
            mail=self.mail,
            composer=self.mail,
            sender=LiveSender(self.mail, timeout_s),
            drafter=LiveDrafter(self.mail, timeout_s),
            reminders=reminders,
            lists=lists,
            catalog=catalog,
            memories=memories,
            documents=documents,
            zones=base.locales.zone,
            briefing_limit_s=base.config.briefing.source_timeout_s,
            calendar_limit_s=base.config.caldav.timeout_s,
            outside_tools=outside_tools,
            has=self.has,
            keeps_calendar=self.calendar.keeps_calendar,
        )

    def inbox(
        self, chat: ChatService, notifications: NotificationService, approvals: ApprovalService
    ) -> LiveWhatsAppInbox:
        """Return what takes in messages of WhatsApp, and answers them."""
        inbox = LiveWhatsAppInbox(
            self.whatsapp,
            chat=chat,
            database=self._infrastructure.database,
            notifications=notifications,
            approvals=approvals,
            speech=self.speech,
            language=self._infrastructure.locales.chosen_language,
        )
        self.settings.when_changed(inbox.changed)
        return inbox

    def listed(self, user: UUID) -> list[Integration]:
        """Return every service as a user has it, also those that are not set up."""
        return [service.integration(user) for service in self._services.values()]

    def checks(self) -> dict[str, Check]:
        """Return what tells of the health of each service, for everybody who has it.

        Not of places for backups: a stick in a drawer is no failure, and a path is nobody's matter.
        """
        return {
            kind: service.check_all
            for kind, service in self._services.items()
            if kind not in self.backup_places
        }

    async def check(self, kind: str, user: UUID) -> float | None:
        """Check one service, as a user has it.

        Raises:
            NotConfigured: It is not set up.
            UpstreamError: It does not work.
        """
        return await self._services[kind].check(user)

    def closing(self) -> list[Closing]:
        """Return what is closed at the end."""
        pages = [] if self.pages is None else [self.pages]
        parts = [service.parts for service in self._services.values()]
        return [*parts, self._mail_pool, self.calendar.own, *pages]

    def reaches(self, user: UUID, way: Way) -> bool:
        """Return whether a user can be told something in a way."""
        if way == "mail":
            return self.mail.sends(user)
        if way == "whatsapp":
            whatsapp = self.whatsapp.current()
            return whatsapp is not None and whatsapp.people.phone(user) is not None
        if way == "telegram":
            return self.telegram.is_set_up()
        if way == "ntfy":
            return self.ntfy.is_set_up(user)
        return True  # whoever reads events, and browsers that allowed notifications

    def has(self, user: UUID, part: Part) -> bool:
        """Return whether a user has what an action needs."""
        match part:
            case "calendar":
                return True  # its own, where none is connected
            case "emails":
                return self.mail.is_set_up(user)
            case "sending":
                return self.mail.sends(user)
            case "home":
                return self.home.is_set_up(user)
            case "search":
                return self.search.is_set_up()
            case "pages":
                return self.pages is not None


def _calendar_feed(base: Infrastructure) -> CalendarFeed:
    """Return what gives people's own calendars to calendar programs."""
    return CalendarFeed(
        base.database,
        SecretHash(base.runtime.master_key),
        Grants(base.keys),
        AuditLog(base.database, base.runtime.master_key),
    )
