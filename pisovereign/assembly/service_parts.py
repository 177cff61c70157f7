"""What each service outside is made of, of the configuration or of what somebody saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from pisovereign.assembly.clients import (
    build_calendar,
    build_home,
    build_ntfy,
    build_weather,
    build_whatsapp,
    calendar_owners,
    ntfy_owners,
)
from pisovereign.assembly.infrastructure import Infrastructure
from pisovereign.assembly.live_home import HomeParts
from pisovereign.assembly.live_ntfy import NtfyParts
from pisovereign.assembly.live_parts import LiveParts
from pisovereign.assembly.live_whatsapp import WhatsAppParts
from pisovereign.assembly.mail import MailParts, build_mail, mailbox_owner
from pisovereign.config import HomeAssistantConfig, WeatherConfig, WhatsAppConfig
from pisovereign.connections.kind import ConnectionKind
from pisovereign.connections.kinds import CALENDAR, EMAIL, HOME_ASSISTANT, NTFY, WEATHER, WHATSAPP
from pisovereign.connections.settings import ConnectionSettings
from pisovereign.connectors.blocking import BlockingPool
from pisovereign.connectors.weather.source import OpenMeteoSource
from pisovereign.outbound.outbound import Outbound

if TYPE_CHECKING:
    from pisovereign.connectors.calendar.source import CalDavCalendar

P = TypeVar("P")


class ServiceParts:
    """Builds the parts of services, as far as they are set up.

    Args:
        infrastructure: What all of them use.
        settings: What was saved.
        users: All that the configuration knows.
        mail_pool: Where the mailbox is read.
    """

    def __init__(
        self,
        infrastructure: Infrastructure,
        settings: ConnectionSettings,
        users: Sequence[UUID],
        mail_pool: BlockingPool,
    ) -> None:
        self._infrastructure = infrastructure
        self._settings = settings
        self._users = users
        self._mail_pool = mail_pool

    def weather(self) -> LiveParts[OpenMeteoSource]:
        """Return the parts of the weather service."""
        base = self._infrastructure

        def build(section: WeatherConfig, _: UUID) -> OpenMeteoSource:
            return build_weather(section, base.outbound, base.cache)

        return LiveParts(
            WEATHER,
            self._settings,
            base.outbound.gate,
            build=build,
            close=OpenMeteoSource.close,
            configured=build_weather(base.config.weather, base.outbound, base.cache),
        )

    def calendar(self) -> LiveParts[CalDavCalendar]:
        """Return the parts of calendars."""
        base = self._infrastructure
        owners = calendar_owners(base.config.caldav.users, self._users)

        async def close(calendar: CalDavCalendar) -> None:
            await calendar.close()

        return LiveParts(
            CALENDAR,
            self._settings,
            base.outbound.gate,
            build=lambda section, user: build_calendar(
                section, base.outbound, frozenset((user,)), base.locales.zone
            ),
            close=close,
            configured=build_calendar(base.config.caldav, base.outbound, owners, base.locales.zone),
        )

    def mail(self) -> LiveParts[MailParts]:
        """Return the parts of mailboxes."""
        base = self._infrastructure

        def build(section: Any, user: UUID | None) -> MailParts | None:
            return build_mail(section, base.outbound, self._mail_pool, user)

        return LiveParts(
            EMAIL,
            self._settings,
            base.outbound.gate,
            build=build,
            close=_leave,
            configured=build(base.config.email, mailbox_owner(base.config.email, self._users)),
        )

    def home(self) -> LiveParts[HomeParts]:
        """Return the parts of the house."""
        base = self._infrastructure

        def build(section: HomeAssistantConfig, _: UUID | None = None) -> HomeParts | None:
            return build_home(section, base.outbound)

        return LiveParts(
            HOME_ASSISTANT,
            self._settings,
            base.outbound.gate,
            build=build,
            close=HomeParts.close,
            configured=build(base.config.home_assistant),
        )

    def whatsapp(self) -> LiveParts[WhatsAppParts]:
        """Return the parts of WhatsApp."""
        base = self._infrastructure

        def build(section: WhatsAppConfig, _: UUID | None = None) -> WhatsAppParts | None:
            return build_whatsapp(section, base.runtime.master_key, base.outbound)

        return LiveParts(
            WHATSAPP,
            self._settings,
            base.outbound.gate,
            build=build,
            close=_leave,
            configured=build(base.config.whatsapp),
        )

    def ntfy(self) -> LiveParts[NtfyParts]:
        """Return the parts of topics at ntfy."""
        base = self._infrastructure
        return LiveParts(
            NTFY,
            self._settings,
            base.outbound.gate,
            build=lambda section, user: build_ntfy(section, base.outbound, frozenset((user,))),
            close=_leave,
            configured=build_ntfy(
                base.config.ntfy, base.outbound, ntfy_owners(base.config.ntfy, self._users)
            ),
        )

    def plain(
        self, kind: ConnectionKind, build: Callable[[Any, Outbound], P | None]
    ) -> LiveParts[P]:
        """Return parts that need nothing but the way out, and nothing to be closed."""
        base = self._infrastructure
        return LiveParts(
            kind,
            self._settings,
            base.outbound.gate,
            build=lambda section, _: build(section, base.outbound),
            close=_leave,
            configured=build(self._settings.base(kind), base.outbound),
        )


async def _leave(parts: object) -> None:
    """Close nothing: what they use is everybody's."""
