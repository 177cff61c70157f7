"""The weather source of the commands."""

from __future__ import annotations

import datetime as dt

from pisovereign.cache.store import Region
from pisovereign.errors import NotConfigured, UpstreamError, ValidationFailed
from pisovereign.integrations.weather import words
from pisovereign.integrations.weather.client import OpenMeteo
from pisovereign.integrations.weather.places import Place, choose, split_name
from pisovereign.integrations.weather.refreshing import Kept, Refreshing
from pisovereign.integrations.weather.types import Weather
from pisovereign.integrations.weather.wire import Daily, Forecast
from pisovereign.languages import Language

_DAY_S = 24 * 3600.0
KEEP_WEATHER_S, KEEP_PLACES_S = _DAY_S, 30 * _DAY_S

Position = tuple[float, float]


class OpenMeteoSource:
    """The weather at the configured place, if there is one, and at any that is named.

    Args:
        service: Open-Meteo.
        location: the configured place, a `Place` when its coordinates are known; None: there is
            none, and only places that are named are asked about.
        fresh_s: how long an answer is good.
        weather: where the cache keeps weather, for `KEEP_WEATHER_S`.
        places: where it keeps places, for `KEEP_PLACES_S`.
    """

    def __init__(
        self,
        service: OpenMeteo,
        location: Place | str | None,
        fresh_s: float,
        *,
        weather: Region[Kept[Forecast]],
        places: Region[Kept[Place]],
    ) -> None:
        self._service = service
        self._location = location
        self._forecasts: Refreshing[Position, Forecast] = Refreshing(
            weather, self._forecast, fresh_s=fresh_s, keep_s=KEEP_WEATHER_S
        )
        self._places: Refreshing[tuple[str, Language], Place] = Refreshing(
            places, self._find, fresh_s=_DAY_S, keep_s=KEEP_PLACES_S
        )

    @property
    def has_location(self) -> bool:
        """Whether a place is configured."""
        return self._location is not None

    async def current(self, location: str | None, language: Language) -> Weather:
        """The weather at a place by its name; None: at the configured place.

        Raises:
            NotConfigured: no place is named, and none is configured.
            ValidationFailed: no such place, or several; the field is `location`.
            UpstreamError: the service is away, and nothing is remembered.
        """
        place = await self._place(location, language)
        kept = await self._forecasts.get((place.latitude, place.longitude))
        return _told(place, kept, language)

    async def check(self) -> None:
        """Whether the weather of the configured place is there; asks only when it is due.

        Raises:
            UpstreamError: it is not, or only an old one.
        """
        weather = await self.current(None, "en")
        if weather.stale:
            raise UpstreamError(
                f"The weather service does not answer; last answer {weather.fetched_at:%FT%TZ}"
            )

    async def probe(self) -> str:
        """Ask for the weather of the configured place now, and say it.

        Raises:
            UpstreamError: it is not to be had.
        """
        place = await self._place(None, "en")
        kept = await self._forecasts.refresh((place.latitude, place.longitude))
        weather = _told(place, kept, "en")
        return f"{weather.location}: {weather.text}"

    async def close(self) -> None:
        """Give up what is being asked."""
        await self._places.close()
        await self._forecasts.close()

    async def _place(self, location: str | None, language: Language) -> Place:
        if location is not None:
            return await self._named(location, language)
        if self._location is None:
            raise NotConfigured("The weather", "weather.location")
        if isinstance(self._location, Place):
            return self._location
        try:
            return await self._named(self._location, language)
        except ValidationFailed as error:
            # Nobody who asks can help it: the setting is wrong.
            raise UpstreamError(f"weather.location {error.fields[0]['error']}") from None

    async def _named(self, name: str, language: Language) -> Place:
        return (await self._places.get((" ".join(name.split()), language))).value

    async def _find(self, key: tuple[str, Language]) -> Place:
        text, language = key
        name, region = split_name(text)
        found = await self._service.places(name, language, many=bool(region)) if name else []
        return choose(text, found)

    async def _forecast(self, position: Position) -> Forecast:
        return await self._service.forecast(*position)


def _told(place: Place, kept: Kept[Forecast], language: Language) -> Weather:
    forecast = kept.value
    current = forecast.current
    # An old answer's "today" may be yesterday.
    daily = forecast.daily if _is_today(forecast) else Daily()
    low, high = _first(daily.temperature_2m_min), _first(daily.temperature_2m_max)
    return Weather(
        text=words.now(current.temperature_2m, current.weather_code, language),
        location=place.name,
        temperature_c=current.temperature_2m,
        observed_at=dt.datetime.fromtimestamp(current.time, dt.UTC),
        today=words.today(low, high, _first(daily.weather_code), language),
        high_c=high,
        low_c=low,
        humidity_percent=current.relative_humidity_2m,
        wind_kmh=current.wind_speed_10m,
        rain_mm=_first(daily.precipitation_sum),
        fetched_at=kept.fetched_at,
        stale=kept.stale,
    )


def _is_today(forecast: Forecast) -> bool:
    """Whether the place's day has not ended since."""
    zone = dt.timezone(dt.timedelta(seconds=forecast.utc_offset_seconds))
    observed = dt.datetime.fromtimestamp(forecast.current.time, zone)
    return observed.date() == dt.datetime.now(zone).date()


def _first(values: list[float | None]) -> float | None:
    return values[0] if values else None
