"""The weather as commands and results have it, and the protocol of its source."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

import msgspec

from pisovereign.languages import Language


class Weather(msgspec.Struct, frozen=True, kw_only=True):
    """The weather somewhere.

    `text` is "15°C, partly cloudy" and `today` "8 to 17°C, rain showers", in the language asked
    for; `rain_mm` is of the whole day. `stale` is true when the service is down and this is an
    earlier answer of it, which came at `fetched_at`. With a `day` all of it is the forecast of
    that day: `text` is as `today` is, `temperature_c` the highest, `observed_at` its beginning.
    """

    text: str
    location: str
    temperature_c: float
    observed_at: dt.datetime
    today: str | None = None
    high_c: float | None = None
    low_c: float | None = None
    humidity_percent: float | None = None
    wind_kmh: float | None = None
    rain_mm: float | None = None
    fetched_at: dt.datetime | None = None
    stale: bool = False
    day: dt.date | None = None


class WeatherSource(Protocol):
    """A source of the weather."""

    async def current(
        self, location: str | None, language: Language, day: dt.date | None = None
    ) -> Weather:
        """Return the weather at a place by its name, now or on a day; None: where is configured.

        Raises:
            NotConfigured: no place is named, and none is configured.
            ValidationFailed: no such place (`location`), or no forecast of that day (`day`).
        """
        ...

    async def zone(self, location: str, language: Language) -> str:
        """Return the key of the time zone of a place, such as `Europe/Berlin`; empty: not known.

        Raises:
            ValidationFailed: no such place, or several.
            UpstreamError: the service is away.
        """
        ...
