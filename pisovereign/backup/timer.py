"""Begins backups when their time comes, each once, and sees when the last good one gets old.

Every process looks. What is due is decided by the database's clock, and by what is stored of the
schedule, under a lock: what was missed while nothing ran is made up for once, at the next start.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from pisovereign.backup.health import BackupHealth, PlaceHealth, place_health, whole_health
from pisovereign.backup.metrics import BackupMetrics
from pisovereign.backup.place_store import PlaceState, PlaceStore, Seen
from pisovereign.backup.places import HOUSEHOLD, Places
from pisovereign.backup.runs import BackupRuns
from pisovereign.config import BackupConfig
from pisovereign.config.cron import CronTimes
from pisovereign.jobs.periodic import PeriodicTask
from pisovereign.storage.pool import Database

_LONGEST_S = 30.0  # so that a changed clock, or another schedule, is noticed
_BACK = dt.timedelta(days=15)
NOWHERE = "nowhere"
_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")


class Outlook(NamedTuple):
    """How backups get on, and when the next one is made; None: never."""

    health: BackupHealth
    places: list[PlaceHealth]
    next_at: dt.datetime | None


class BackupTimer:
    """The loop that looks.

    Args:
        database: Where it is remembered.
        store: Its SQL.
        runs: What makes backups.
        places: Where they go.
        settings: Returns the settings that hold now.
        zone: The zone of the hour that they name.
        warn: Tells people that a place has had no good backup for too long.
        metrics: Is told how backups get on.
    """

    def __init__(
        self,
        *,
        database: Database,
        store: PlaceStore,
        runs: BackupRuns,
        places: Places,
        settings: Callable[[], BackupConfig],
        zone: ZoneInfo,
        warn: Callable[[str, Literal["old", "nowhere"]], Awaitable[None]],
        metrics: BackupMetrics,
    ) -> None:
        self._database = database
        self._store = store
        self._runs = runs
        self._places = places
        self._settings = settings
        self._zone = zone
        self._warn = warn
        self._metrics = metrics
        self._periodic = PeriodicTask(self._look, "backups wait", longest_s=_LONGEST_S)
        self.start = self._periodic.start
        self.stop = self._periodic.stop
        self.wake = self._periodic.wake

    async def outlook(self) -> Outlook:
        """Return how backups get on.

        Raises:
            ServiceUnavailable: The database is away.
        """
        schedule = self._settings()
        async with self._database.transaction(HOUSEHOLD) as connection:
            known = await self._store.places(connection, HOUSEHOLD)
            seen = None
            if expression := cron_expression(schedule):
                seen = await self._store.look(connection, HOUSEHOLD, self._times(expression))
        next_at = CronTimes(expression, self._zone).next(seen.now) if seen else None
        places = self._health(known, schedule.schedule, seen)
        return Outlook(whole_health(places, known, schedule.schedule), places, next_at)

    async def _look(self) -> float:
        expression = cron_expression(self._settings())
        pause_s = await self._begin_due(expression) if expression else await self._switched_off()
        outlook = await self.outlook()
        self._metrics.show(outlook.health)
        await self._warn_of(outlook)
        return min(pause_s, _LONGEST_S)

    async def _begin_due(self, expression: str) -> float:
        """Begin what is due; return the seconds until the next time."""
        times = CronTimes(expression, self._zone)
        async with self._database.transaction(HOUSEHOLD) as connection:
            seen = await self._store.look(connection, HOUSEHOLD, self._times(expression))
            # A clock that was put back must not silence it until it is as late as it was.
            since = max(min(seen.seen_to, seen.now), seen.now - _BACK)
            due = times.newest(since, seen.now)
            if due is not None:
                if self._places.connected():
                    await self._runs.add(connection, due)
                await self._store.see_to(connection, HOUSEHOLD, due)
            following = times.next(seen.now)
        return (following - seen.now).total_seconds() if following else _LONGEST_S

    async def _switched_off(self) -> float:
        async with self._database.transaction(HOUSEHOLD) as connection:
            await self._store.forget_schedule(connection, HOUSEHOLD)
        return _LONGEST_S

    async def _warn_of(self, outlook: Outlook) -> None:
        """Tell of places whose last good backup is old; of failed runs those tell themselves."""
        for each in outlook.places:
            if each.status == "old":
                await self._warn(each.place, "old")
        if outlook.health.status == "nowhere":
            await self._warn(NOWHERE, "nowhere")

    def _health(
        self, known: dict[str, PlaceState], schedule: str, seen: Seen | None
    ) -> list[PlaceHealth]:
        since = seen.since if seen else None
        now = seen.now if seen else dt.datetime.now(dt.UTC)
        return [
            place_health(known.get(name, PlaceState(place=name)), schedule, since, now)
            for name in self._places.connected()
        ]

    def _times(self, expression: str) -> str:
        return f"{expression} {self._zone.key}"


def cron_expression(settings: BackupConfig) -> str:
    """Return when backups are made, as cron writes it; empty: never."""
    if settings.schedule == "never":
        return ""
    day = _DAYS.index(settings.weekday) if settings.schedule == "weekly" else "*"
    return f"0 {settings.hour} * * {day}"
