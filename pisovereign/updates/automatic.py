"""Updates that are installed automatically, once a day, at an hour of the owner's choice."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Callable
from zoneinfo import ZoneInfo

from pisovereign.updates.choice import Choices
from pisovereign.updates.service import UpdateService
from pisovereign.updates.types import InstallWish, Offered, Updates

_log = logging.getLogger(__name__)
_LOOK_S = 300.0
# A device that was off at that time does it a little later, but not by day.
_LATE = dt.timedelta(hours=2)


class AutomaticUpdates:
    """Looks for updates every day, and installs those that the owner wants.

    Args:
        choices: Which, and when.
        service: Does it.
        zone: Whose time of the day counts.
        now: Returns the present moment.
    """

    def __init__(
        self,
        choices: Choices,
        service: UpdateService,
        zone: ZoneInfo,
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    ) -> None:
        self._choices = choices
        self._service = service
        self._zone = zone
        self._now = now
        self._done: dt.date | None = None

    async def look(self) -> float:
        """Do what is due; returns the seconds until the next look."""
        choice = await asyncio.to_thread(self._choices.read)
        now = self._now().astimezone(self._zone)
        due = dt.datetime.combine(now.date(), dt.time.fromisoformat(choice.at), tzinfo=self._zone)
        if choice.automatic == "off" or not due <= now < due + _LATE or self._done == now.date():
            return _LOOK_S
        self._done = now.date()
        await self._update(everything=choice.automatic == "all")
        return _LOOK_S

    async def _update(self, *, everything: bool) -> None:
        found = await self._service.check()
        if found.check_failed:
            _log.warning("looking for updates: %s", found.check_failed)
        for offered in found.offered:
            wanted = everything or offered.urgency == "security"
            if offered.source == "address" and wanted and not _did_not_work(found, offered):
                _log.info("installing the update to %s", offered.version)
                wish = InstallWish(offered.source, offered.file, then_try=True)
                await self._service.install(wish)
                return


def _did_not_work(found: Updates, offered: Offered) -> bool:
    """Return whether this very update was rolled back: it is not tried every night."""
    last = found.last
    if last is None or last.stage != "rolled_back":
        return False
    return (last.version, last.built_at) == (offered.version, offered.built_at)
