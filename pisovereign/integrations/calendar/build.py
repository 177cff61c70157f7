"""The calendar as the configuration describes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from pisovereign.config import CaldavConfig
from pisovereign.integrations.calendar.settings import Account
from pisovereign.outbound.outbound import Outbound
from pisovereign.outbound.tls import Tls

if TYPE_CHECKING:
    from pisovereign.integrations.calendar.source import CalDavCalendar


def build_calendar(
    config: CaldavConfig, outbound: Outbound, users: Sequence[UUID], zone: ZoneInfo
) -> CalDavCalendar | None:
    """The calendar source; None: not configured. `users` are all that have a key."""
    if not config.url:
        return None
    # Imported here: the libraries take 20 MB.
    from pisovereign.integrations.calendar.client import CalDav  # noqa: PLC0415
    from pisovereign.integrations.calendar.session import Outside  # noqa: PLC0415
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
        CalDav(account, Outside(outbound.gate, outbound.breakers, tls)),
        owners=_owners(config.users, users),
        zone=zone,
        limit_s=config.timeout_s,
    )


def _owners(named: Sequence[str], users: Sequence[UUID]) -> frozenset[UUID]:
    # With several users and nobody named it is nobody's: not every key may read every calendar.
    if named:
        return frozenset(UUID(user) for user in named)
    return frozenset(users) if len(users) == 1 else frozenset()
