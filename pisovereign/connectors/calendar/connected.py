"""The calendars that people have connected now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from pisovereign.connectors.calendar.contact_types import Contact
from pisovereign.connectors.calendar.settings import CaldavConfig
from pisovereign.connectors.connected_service import PersonalService
from pisovereign.connectors.contract import Context
from pisovereign.connectors.form import ConnectionKind
from pisovereign.connectors.reloadable_parts import parts_of
from pisovereign.connectors.trials import Trial, try_account
from pisovereign.connectors.types import TestResult
from pisovereign.connectors.words import Words
from pisovereign.errors import NotConfigured
from pisovereign.locales import Zones
from pisovereign.outbound.outbound import Outbound
from pisovereign.outbound.tls import Tls

if TYPE_CHECKING:
    from pisovereign.connectors.calendar.client import CalDavClient
    from pisovereign.connectors.calendar.source import CalDavCalendar

_TITLE, _SETTING = "The calendar", "caldav.url"


def build(
    config: CaldavConfig, outbound: Outbound, owners: frozenset[UUID], zones: Zones
) -> CalDavCalendar | None:
    """Return the calendar source; None: not configured. `owners` are those who may read it."""
    if not config.url:
        return None
    # Imported here: the libraries take 20 MB.
    from pisovereign.connectors.calendar.client import Account, CalDavClient  # noqa: PLC0415
    from pisovereign.connectors.calendar.session import OutboundAccess  # noqa: PLC0415
    from pisovereign.connectors.calendar.source import CalDavCalendar  # noqa: PLC0415

    account = Account(
        url=config.url,
        username=config.username,
        password=config.password,
        calendars=config.calendars,
        default_calendar=config.default_calendar,
        task_lists=config.task_lists,
        default_task_list=config.default_task_list,
    )
    tls = Tls(config.ca_file) if config.ca_file else outbound.tls
    access = OutboundAccess(outbound.gate, outbound.breakers, tls)
    carddav: CalDavClient | None = None
    if config.contacts_url:
        books = Account(url=config.contacts_url, username=config.username, password=config.password)
        carddav = CalDavClient(books, access)
    return CalDavCalendar(
        CalDavClient(account, access),
        owners=owners,
        zones=zones,
        limit_s=config.timeout_s,
        carddav=carddav,
    )


class ConnectedCalendars(PersonalService["CalDavCalendar"]):
    """The calendars of everybody who has connected one; a `ContactSource`."""

    def __init__(self, kind: ConnectionKind, context: Context) -> None:
        async def close(calendar: CalDavCalendar) -> None:
            await calendar.close()

        parts = parts_of(
            kind,
            context,
            lambda section, owners: build(section, context.outbound, owners, context.zones),
            close,
        )
        super().__init__("calendar", _TITLE, _SETTING, parts, shown=True)

    async def contacts(self, user: UUID) -> list[Contact]:
        """Return everybody in the address books of a user."""
        with self._parts.using(user) as calendar:
            if calendar is None:
                raise NotConfigured(_TITLE, _SETTING)
            return await calendar.contacts.contacts(user)


start = ConnectedCalendars


async def attempt(
    kind: ConnectionKind, section: Any, user: UUID, context: Context, words: Words
) -> TestResult:
    """Sign in, and read what calendars there are."""
    outbound = context.outbound
    calendar = build(section, outbound, frozenset((user,)), context.zones)
    assert calendar is not None
    tls = Tls(section.ca_file) if section.ca_file else outbound.tls
    trial = Trial(outbound.gate, tls, words)
    try:
        return await try_account(section.url, calendar, trial, words)
    finally:
        await calendar.close()
