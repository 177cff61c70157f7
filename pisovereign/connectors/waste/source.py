"""The calendar of the waste collection: read now and then, and kept while its server is away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from pisovereign.cache.refreshing import CachedValue, RefreshingCache
from pisovereign.cache.store import Region
from pisovereign.connectors.waste.settings import is_calendar
from pisovereign.connectors.waste.types import Collection
from pisovereign.errors import UpstreamError
from pisovereign.health import CachedCheck
from pisovereign.process.confined import ConfinedError, Limits, run_confined

# It was read for 400 days, so it is still of use when nothing newer was there for a long time.
KEEP_S = 90 * 24 * 3600.0
_BEFORE, _AHEAD = dt.timedelta(days=7), dt.timedelta(days=400)
_MOST = 2000
_PAUSE_S = 60.0
_READER = "pisovereign.connectors.waste.reader"
_LIMITS = Limits(
    seconds=20.0, cpu_s=10, memory_bytes=512 * 1024 * 1024, output_bytes=4 * 1024 * 1024
)
Collections = tuple[Collection, ...]


class Origin(NamedTuple):
    """Where a calendar comes from.

    Attributes:
        setting: The setting that says so.
        name: What no other calendar has: its address, or a digest of its file.
        load: Returns its text.
    """

    setting: str
    name: str
    load: Callable[[], Awaitable[bytes]]


class Coming(NamedTuple):
    """The collections to come: on how many days, and the first of them."""

    days: int
    first: Collection


class CollectionCalendar:
    """The collections of one calendar.

    Args:
        origin: Where it comes from.
        zone: Where the household is.
        kept: Where its collections are cached, for `KEEP_S`.
        fresh_s: How long they are used before they are read again.
    """

    def __init__(
        self,
        origin: Origin,
        zone: ZoneInfo,
        kept: Region[CachedValue[Collections]],
        fresh_s: float,
    ) -> None:
        self._origin = origin
        self._zone = zone
        # The zone is part of the key, since the days begin with its midnights.
        self._key = (origin.name, zone.key)
        self._collections: RefreshingCache[tuple[str, str], Collections] = RefreshingCache(
            kept, self._read, fresh_s=fresh_s, keep_s=KEEP_S
        )
        # Anybody may ask for it, and a calendar that is hard to read costs seconds of a processor.
        self.health = CachedCheck(self.check, bad_s=_PAUSE_S)

    async def collections(self, start: dt.datetime, end: dt.datetime) -> list[Collection]:
        """Return the collections on days that touch [start, end), in order of time.

        Raises:
            UpstreamError: They cannot be read, and nothing is cached.
        """
        kept = await self._collections.get(self._key)
        first = self._midnight(start)
        return [each for each in kept.value if first <= each.start < end]

    async def check(self) -> None:
        """Check that the calendar is there, and not that of last year; read it only when it is due.

        Raises:
            UpstreamError: It is not.
        """
        kept = await self._collections.get(self._key)
        if kept.stale:
            raise UpstreamError(
                f"The calendar of {self._origin.setting} cannot be read any more; "
                f"it was read last {kept.fetched_at:%FT%TZ}"
            )
        self._coming(kept.value)

    async def probe(self) -> str:
        """Read the calendar now, and return what is to come in a few words.

        Raises:
            UpstreamError: It cannot be read, or nothing is to come.
        """
        coming = await self.coming()
        return f"{coming.days} days, the next on {self.day(coming.first)}: {coming.first.title}"

    async def coming(self) -> Coming:
        """Read the calendar now, and return what is to come.

        Raises:
            UpstreamError: It cannot be read, or nothing is to come.
        """
        kept = await self._collections.refresh(self._key)
        return self._coming(kept.value)

    def day(self, collection: Collection) -> dt.date:
        """Return the day of a collection where the household is."""
        return collection.start.astimezone(self._zone).date()

    async def close(self) -> None:
        """Cancel what is being read."""
        await self._collections.close()

    def _coming(self, collections: Sequence[Collection]) -> Coming:
        today = self._midnight(dt.datetime.now(dt.UTC))
        found = [each for each in collections if each.start >= today]
        if not found:
            raise UpstreamError(
                f"The calendar of {self._origin.setting} holds no day from today on: "
                "it may be an old one"
            )
        return Coming(len({each.start for each in found}), found[0])

    def _midnight(self, moment: dt.datetime) -> dt.datetime:
        return moment.astimezone(self._zone).replace(hour=0, minute=0, second=0, microsecond=0)

    async def _read(self, _: tuple[str, str]) -> Collections:
        setting = self._origin.setting
        text = await self._origin.load()
        if not is_calendar(text.decode("latin-1")):
            raise UpstreamError(f"What {setting} gives is no calendar in iCalendar format (.ics)")
        now = dt.datetime.now(dt.UTC)
        between = ((now - _BEFORE).isoformat(), (now + _AHEAD).isoformat())
        try:
            made = await run_confined(
                _READER, text, _LIMITS, [self._zone.key, *between, str(_MOST)]
            )
            found = msgspec.json.decode(made, type=Collections)
        except (ConfinedError, msgspec.DecodeError):
            raise UpstreamError(
                f"The calendar of {setting} cannot be read: something in it is broken"
            ) from None
        if len(found) > _MOST:
            raise UpstreamError(f"The calendar of {setting} holds more than {_MOST} collections")
        return found
