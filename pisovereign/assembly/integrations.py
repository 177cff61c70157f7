"""Build the services outside, as far as they are configured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from pisovereign.assembly.cache import Regions
from pisovereign.assembly.mail import MailParts, build_mail
from pisovereign.config import CaldavConfig, Config
from pisovereign.errors import StartError
from pisovereign.integrations.diagnostics import Integration
from pisovereign.integrations.mail.wire import MailThreads
from pisovereign.integrations.weather.open_meteo import OpenMeteo
from pisovereign.integrations.weather.source import OpenMeteoSource, Place
from pisovereign.integrations.whatsapp.settings import load_settings
from pisovereign.notifications.types import Channel
from pisovereign.outbound.outbound import Outbound
from pisovereign.outbound.tls import Tls
from pisovereign.runtime import Runtime
from pisovereign.webhooks.whatsapp.build import WHATSAPP_SETTING, WhatsApp

if TYPE_CHECKING:
    from pisovereign.integrations.calendar.source import CalDavCalendar


def build_weather(config: Config, outbound: Outbound, kept: Regions) -> OpenMeteoSource:
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
        weather=kept.weather,
        places=kept.places,
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


def connect_mail(
    config: Config, outbound: Outbound, threads: MailThreads, users: list[UUID]
) -> MailParts | None:
    """Return the mailbox, as far as it is configured."""
    parts = build_mail(config.email, outbound, threads, users)
    if (setting := _delivers_by("mail", config)) and not (parts and parts.channel):
        raise StartError(f"{setting} names mail: set email.smtp_host")
    return parts


def build_whatsapp(config: Config, runtime: Runtime, outbound: Outbound) -> WhatsApp | None:
    """Return WhatsApp; None: it is not configured."""
    settings = load_settings(config.whatsapp)
    if settings is None:
        if setting := _delivers_by("whatsapp", config):
            raise StartError(f"{setting} names whatsapp: set whatsapp.phone_number_id")
        return None
    return WhatsApp.build(config.whatsapp, settings, outbound, runtime.master_key)


def _delivers_by(channel: Channel, config: Config) -> str | None:
    """Return the setting that wants something delivered this way; None: there is none."""
    if channel in config.reminders.deliver:
        return "reminders.deliver"
    return next((place for place, _ in _schedules_by(channel, config)), None)


def _schedules_by(channel: Channel, config: Config) -> Iterator[tuple[str, str]]:
    """Yield the settings of schedules that want results delivered this way, and their users."""
    if config.agentic.enabled:
        for i, schedule in enumerate(config.agentic.schedules):
            if schedule.enabled and channel in schedule.deliver:
                yield f"agentic.schedules[{i}].deliver", schedule.user_id


def require_reachable(
    config: Config, users: Sequence[UUID], mail: MailParts | None, whatsapp: WhatsApp | None
) -> None:
    """Check that whoever has a schedule can be reached in the way that it names.

    Raises:
        StartError: somebody cannot.
    """
    only = users[0] if len(users) == 1 else None
    for place, name in _schedules_by("mail", config):
        user = UUID(name) if name else only
        if user and mail and mail.channel and mail.channel.owner != user:
            raise StartError(f"{place} names mail: the mailbox in [email] is not its user's")
    for place, name in _schedules_by("whatsapp", config):
        user = UUID(name) if name else only
        if user and whatsapp and whatsapp.people.phone(user) is None:
            raise StartError(f"{place} names whatsapp: its user has no number in whatsapp.senders")


def list_integrations(
    weather: OpenMeteoSource,
    calendar: CalDavCalendar | None,
    mail: MailParts | None,
    whatsapp: WhatsApp | None,
) -> list[Integration]:
    """Return every service outside, also those that are not configured."""
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
        whatsapp.integration() if whatsapp else Integration("whatsapp", WHATSAPP_SETTING),
    ]
