"""Weather, calendar, mailbox and WhatsApp, as far as they are configured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from pisovereign.actions.backends import Backends, Catalog, Lists, Memories, Reminders
from pisovereign.actions.mail_composer import NoComposer
from pisovereign.actions.registry import COMMANDS
from pisovereign.approvals.service import ApprovalService
from pisovereign.assembly.delivery_checks import require_channels, require_reachable
from pisovereign.assembly.infrastructure import CacheRegions, Infrastructure
from pisovereign.assembly.lifespan import Background, Closing
from pisovereign.assembly.mail import build_mail
from pisovereign.chat.service import ChatService
from pisovereign.config import CaldavConfig, Config
from pisovereign.integrations.blocking import BlockingPool
from pisovereign.integrations.calendar.types import NoCalendar
from pisovereign.integrations.diagnostics import Integration
from pisovereign.integrations.mail.types import NoMail
from pisovereign.integrations.weather.open_meteo import OpenMeteo
from pisovereign.integrations.weather.source import OpenMeteoSource, Place
from pisovereign.integrations.whatsapp.settings import load_settings
from pisovereign.notifications.outbox import Outbox
from pisovereign.notifications.service import NotificationService
from pisovereign.outbound.outbound import Outbound
from pisovereign.outbound.tls import Tls
from pisovereign.runtime import Runtime
from pisovereign.webhooks.whatsapp.build import WHATSAPP_SETTING, WhatsApp
from pisovereign.webhooks.whatsapp.routes import WhatsAppRoutes

if TYPE_CHECKING:
    from pisovereign.integrations.calendar.source import CalDavCalendar


class Integrations:
    """Weather, calendar, mailbox and WhatsApp, as far as they are configured.

    `users` are all that the program knows: whose keys it has, and who may write.
    """

    def __init__(self, infrastructure: Infrastructure) -> None:
        self._infrastructure = infrastructure
        config, outbound = infrastructure.config, infrastructure.outbound
        self.whatsapp = build_whatsapp(config, infrastructure.runtime, outbound)
        writers = self.whatsapp.people.users() if self.whatsapp else []
        self.users = list(dict.fromkeys(infrastructure.keys.users() + writers))
        self._mail_pool = BlockingPool("mail")
        self._mailbox = build_mail(config.email, outbound, self._mail_pool, self.users)
        require_channels(config, self._mailbox, self.whatsapp)
        require_reachable(config, self.users, self._mailbox, self.whatsapp)
        self._weather = build_weather(config, outbound, infrastructure.cache)
        zone = infrastructure.runtime.time_zone
        self.calendar = build_calendar(config.caldav, outbound, self.users, zone)

    def notifications(self) -> NotificationService:
        """Return what sends notifications by WhatsApp and by mail."""
        base, mailbox = self._infrastructure, self._mailbox
        return NotificationService(
            Outbox(base.sealer),
            [
                *([self.whatsapp.channel(base.database)] if self.whatsapp else []),
                *([mailbox.channel] if mailbox and mailbox.channel else []),
            ],
            database=base.database,
            events=base.events.log,
            users=self.users,
        )

    def backends(
        self, reminders: Reminders, lists: Lists, catalog: Catalog, memories: Memories
    ) -> Backends:
        """Return what actions are carried out with."""
        base, mailbox = self._infrastructure, self._mailbox
        return Backends(
            commands=COMMANDS,
            weather=self._weather,
            calendar=self.calendar or NoCalendar(),
            event_editor=self.calendar,
            mail=mailbox.reader if mailbox else NoMail(),
            composer=mailbox.composer if mailbox else NoComposer(),
            sender=mailbox.sender if mailbox else None,
            drafter=mailbox.drafter if mailbox else None,
            reminders=reminders,
            lists=lists,
            catalog=catalog,
            memories=memories,
            zone=base.runtime.time_zone,
            briefing_limit_s=base.config.briefing.source_timeout_s,
            calendar_limit_s=base.config.caldav.timeout_s,
        )

    def webhook(
        self, chat: ChatService, notifications: NotificationService, approvals: ApprovalService
    ) -> tuple[WhatsAppRoutes, list[Background]]:
        """Return where messages of WhatsApp arrive, and what answers them.

        Without WhatsApp it refuses every one.
        """
        base = self._infrastructure
        if self.whatsapp is None:
            closed = WhatsAppRoutes(None, base.bodies, app_secret="", verify_token="")
            return closed, []
        answerer = self.whatsapp.answerer(chat, base.database, notifications, approvals)
        return self.whatsapp.webhook(base.bodies, base.database, answerer), [answerer]

    def listed(self) -> list[Integration]:
        """Return every service, also those that are not configured, for health and tests."""
        weather, calendar, mail = self._weather, self.calendar, self._mailbox
        return [
            Integration("weather", "weather.location", weather.check, weather.probe)
            if weather.has_location
            else Integration("weather", "weather.location"),
            Integration("calendar", "caldav.url", calendar.health, calendar.probe)
            if calendar
            else Integration("calendar", "caldav.url"),
            Integration("email", "email.imap_host", mail.reader.health, mail.probe)
            if mail
            else Integration("email", "email.imap_host"),
            self.whatsapp.integration()
            if self.whatsapp
            else Integration("whatsapp", WHATSAPP_SETTING),
        ]

    def closing(self) -> list[Closing]:
        """Return what is closed at the end."""
        calendar = [self.calendar] if self.calendar else []
        return [self._weather, *calendar, self._mail_pool]


def build_weather(config: Config, outbound: Outbound, cache: CacheRegions) -> OpenMeteoSource:
    """Return the weather source; without a configured place it knows only those that are named."""
    settings = config.weather
    place: Place | str | None = settings.location or None
    if settings.latitude is not None and settings.longitude is not None:
        here = f"{settings.latitude:g}, {settings.longitude:g}"
        place = Place(settings.location or here, settings.latitude, settings.longitude)
    service = OpenMeteo(
        outbound.client, settings.base_url, settings.geocoding_url, settings.timeout_s
    )
    return OpenMeteoSource(
        service,
        place,
        settings.cache_minutes * 60.0,
        weather=cache.weather,
        places=cache.places,
    )


def build_calendar(
    config: CaldavConfig, outbound: Outbound, users: Sequence[UUID], zone: ZoneInfo
) -> CalDavCalendar | None:
    """Return the calendar source; None: not configured. `users` are all that have a key."""
    if not config.url:
        return None
    # Imported here: the libraries take 20 MB.
    from pisovereign.integrations.calendar.client import Account, CalDavClient  # noqa: PLC0415
    from pisovereign.integrations.calendar.session import OutboundAccess  # noqa: PLC0415
    from pisovereign.integrations.calendar.source import CalDavCalendar  # noqa: PLC0415

    account = Account(
        url=config.url,
        username=config.username,
        password=config.password,
        calendars=config.calendars,
        default_calendar=config.default_calendar,
    )
    tls = Tls(config.ca_file) if config.ca_file else outbound.tls
    return CalDavCalendar(
        CalDavClient(account, OutboundAccess(outbound.gate, outbound.breakers, tls)),
        owners=_calendar_owners(config.users, users),
        zone=zone,
        limit_s=config.timeout_s,
    )


def _calendar_owners(named: Sequence[str], users: Sequence[UUID]) -> frozenset[UUID]:
    # With several users and nobody named it is nobody's: not every key may read every calendar.
    if named:
        return frozenset(UUID(user) for user in named)
    return frozenset(users) if len(users) == 1 else frozenset()


def build_whatsapp(config: Config, runtime: Runtime, outbound: Outbound) -> WhatsApp | None:
    """Return WhatsApp; None: it is not configured."""
    settings = load_settings(config.whatsapp)
    if settings is None:
        return None
    return WhatsApp.build(config.whatsapp, settings, outbound, runtime.master_key)
