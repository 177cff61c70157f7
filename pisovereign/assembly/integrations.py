"""Services outside, as far as they are set up: each made anew when it is."""

from __future__ import annotations

from functools import partial

from pisovereign.accounts.grants import Grants
from pisovereign.accounts.profiles import ProfileStore, ReadLanguages
from pisovereign.accounts.secrets import SecretHash
from pisovereign.actions.availability import Availability
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
from pisovereign.api_keys import KnownUsers
from pisovereign.approvals.reading import ApprovalReader
from pisovereign.approvals.sealed import ApprovalSealer
from pisovereign.assembly.delivery_checks import warn_of_missing_channels
from pisovereign.assembly.infrastructure import Infrastructure
from pisovereign.assembly.lifespan import Closing
from pisovereign.assembly.summaries import Summaries
from pisovereign.audit.service import AuditLog
from pisovereign.backup.places import PLACES
from pisovereign.channels.service import Channels, Foundation
from pisovereign.connections.preferences import ApprovalPreferences, ReminderPreferences
from pisovereign.connectors.calendar.connected import ConnectedCalendars
from pisovereign.connectors.calendar.settings import CaldavConfig
from pisovereign.connectors.configuration import section_of
from pisovereign.connectors.connected import ConnectedServices, configured_owners
from pisovereign.connectors.connection_settings import ConnectionSettings
from pisovereign.connectors.connection_store import ConnectionStore
from pisovereign.connectors.contract import Context
from pisovereign.connectors.email.connected import ConnectedMail
from pisovereign.connectors.file_stores.connected import ConnectedPlace
from pisovereign.connectors.home_assistant.connected import ConnectedHome
from pisovereign.connectors.registry import CONNECTORS, spoken_language, writers
from pisovereign.connectors.speech.connected import ConnectedSpeech
from pisovereign.connectors.speech.settings import SpeechConfig
from pisovereign.connectors.waste.connected import ConnectedWaste
from pisovereign.connectors.weather.connected import ConnectedWeather
from pisovereign.connectors.web.connected import ConnectedSearch, build_pages
from pisovereign.connectors.web.settings import WebConfig
from pisovereign.connectors.web.types import NoPages
from pisovereign.notifications.outbox import Outbox
from pisovereign.notifications.push.build import build_push
from pisovereign.notifications.service import NotificationService
from pisovereign.own_calendar.calendar import OwnCalendar
from pisovereign.own_calendar.calendars import Calendars
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
        self.configured = list(dict.fromkeys(base.keys.users() + writers(config)))
        self.users = KnownUsers(self.configured)
        self.store = ConnectionStore(base.sealer)
        self._profiles = ProfileStore(base.database)
        self.language = ReadLanguages(self._profiles, partial(spoken_language, config)).of
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
            owners=partial(configured_owners, CONNECTORS, config, self.configured),
        )
        self.preferences = ReminderPreferences(self.settings)
        self.approval_preferences = ApprovalPreferences(self.settings)
        self.context = Context(
            outbound=base.outbound,
            settings=self.settings,
            zones=base.locales.zone,
            language=self.language,
            cache=base.cache.cache,
        )
        self.services = services = ConnectedServices(CONNECTORS, self.context)
        self.weather = services.get("weather", ConnectedWeather)
        self.waste = services.get("waste", ConnectedWaste)
        own = OwnObjects(base.database, ObjectStore(base.sealer))
        self.calendar = Calendars(
            services.get("calendar", ConnectedCalendars), OwnCalendar(own, base.locales.zone)
        )
        self.calendar_feed = _calendar_feed(base)
        self.mail = services.get("email", ConnectedMail)
        self.search = services.get("search", ConnectedSearch)
        self.pages = build_pages(section_of(config, WebConfig), base.outbound)
        self.live_speech = services.get("speech", ConnectedSpeech)
        self.speech = SpeechService(
            self.live_speech, section_of(config, SpeechConfig).longest_audio_s
        )
        self.channels = Channels(services.messengers(), self._foundation())
        self.home = services.get("home_assistant", ConnectedHome)
        self.availability = self._availability()
        self.backup_places = {
            f"backup_{place}": services.get(f"backup_{place}", ConnectedPlace) for place in PLACES
        }

    def _availability(self) -> Availability:
        return Availability(
            # A calendar of its own is there where none is connected.
            frozenset(("calendar",) if self.pages is None else ("calendar", "pages")),
            {"search": self.search.is_set_up, "waste": self.waste.is_set_up},
            {
                "emails": self.mail.is_set_up,
                "sending": self.mail.reaches,
                "home": self.home.is_set_up,
            },
        )

    def _foundation(self) -> Foundation:
        base = self._infrastructure
        return Foundation(
            database=base.database,
            sealer=base.sealer,
            key=base.runtime.master_key,
            grants=Grants(base.keys),
            reader=ApprovalReader(base.database, ApprovalSealer(base.sealer)),
            audit=AuditLog(base.database, base.runtime.master_key),
            users=self.users,
            profiles=self._profiles,
        )

    async def load(self) -> None:
        """Read what people saved, before the first request; warn of what nothing can deliver.

        Raises:
            ServiceUnavailable: The database is away.
        """
        await self.settings.refresh()
        self.home.begin()
        warn_of_missing_channels(
            self._infrastructure.config,
            self.users,
            CONNECTORS,
            self.services.reaches,
        )

    def notifications(self) -> NotificationService:
        """Return what sends notifications by messengers, by mail and to browsers."""
        base = self._infrastructure
        return NotificationService(
            Outbox(base.sealer),
            [
                *self.channels.sending(),
                *self.services.channels(),
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
        return Backends(
            commands=COMMANDS,
            weather=self.weather,
            waste=self.waste,
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
            sender=self.mail.sender,
            drafter=self.mail.drafter,
            reminders=reminders,
            lists=lists,
            catalog=catalog,
            memories=memories,
            documents=documents,
            zones=base.locales.zone,
            briefing_limit_s=base.config.briefing.source_timeout_s,
            calendar_limit_s=section_of(base.config, CaldavConfig).timeout_s,
            outside_tools=outside_tools,
            has=self.availability.has,
            keeps_calendar=self.calendar.keeps_calendar,
        )

    def closing(self) -> list[Closing]:
        """Return what is closed at the end."""
        pages = [] if self.pages is None else [self.pages]
        return [self.services, self.calendar.own, *pages]


def _calendar_feed(base: Infrastructure) -> CalendarFeed:
    """Return what gives people's own calendars to calendar programs."""
    return CalendarFeed(
        base.database,
        SecretHash(base.runtime.master_key),
        Grants(base.keys),
        AuditLog(base.database, base.runtime.master_key),
    )
