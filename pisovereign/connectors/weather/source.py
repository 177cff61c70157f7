"""The weather source of the commands: from the name of a place to its weather in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec

from pisovereign.cache.refreshing import CachedValue, RefreshingCache
from pisovereign.cache.store import Region
from pisovereign.connectors.weather.descriptions import describe_now, describe_today
from pisovereign.connectors.weather.open_meteo import FORECAST_DAYS, Forecast, Found, OpenMeteo
from pisovereign.connectors.weather.types import Weather
from pisovereign.errors import NotConfigured, UpstreamError, ValidationFailed
from pisovereign.languages import Language

# A namesake counts only if it is not much smaller: "Paris" is not the one in Texas.
_MUCH_LARGER = 5
# Within about 50 km it is the same place, listed twice.
_SAME_PLACE_DEGREES = 0.5
_SHOWN = 5
_DAY_S = 24 * 3600.0
KEEP_WEATHER_S, KEEP_PLACES_S = _DAY_S, 30 * _DAY_S
Position = tuple[float, float]


class Place(msgspec.Struct, frozen=True):
    """A place: its coordinates in degrees, its name, and its time zone, if that is known."""

    name: str
    latitude: float
    longitude: float
    zone: str = ""


def _split_name(text: str) -> tuple[str, str]:
    """Return the name, and the region or country behind a comma: `Springfield, Illinois`."""
    name, _, region = text.partition(",")
    return " ".join(name.split()), " ".join(region.split())


def choose_place(text: str, found: Sequence[Found]) -> Place:
    """Return the place that is meant.

    Raises:
        ValidationFailed: there is none, or more than one that could be meant.
    """
    _, region = _split_name(text)
    towns = [place for place in found if place.feature_code.startswith("PPL")] or list(found)
    candidates = [place for place in towns if _in_region(place, region)] if region else towns
    if not candidates:
        raise _refused("is not a place that the weather service knows")
    best = candidates[0]
    rivals = [place for place in candidates[1:] if _rivals(place, best)]
    if rivals:
        listed = "; ".join(_describe_place(place) for place in [best, *rivals][:_SHOWN])
        raise _refused(
            f"could be any of several places ({listed}); "
            f"add a region or country, as in {best.name}, {best.admin1 or best.country}"
        )
    name = _describe_place(best) if region else best.name
    return Place(name, best.latitude, best.longitude, best.timezone)


def _in_region(place: Found, region: str) -> bool:
    wanted = [part.strip().casefold() for part in region.split(",") if part.strip()]
    known = {text.casefold() for text in (place.admin1, place.country, place.country_code) if text}
    return all(part in known for part in wanted)


def _rivals(place: Found, best: Found) -> bool:
    return (
        place.name.casefold() == best.name.casefold()
        and place.population * _MUCH_LARGER > best.population
        and not _near(place, best)
    )


def _near(one: Found, other: Found) -> bool:
    return (
        abs(one.latitude - other.latitude) < _SAME_PLACE_DEGREES
        and abs(one.longitude - other.longitude) < _SAME_PLACE_DEGREES
    )


def _describe_place(place: Found) -> str:
    return ", ".join(dict.fromkeys(t for t in (place.name, place.admin1, place.country) if t))


def _refused(error: str) -> ValidationFailed:
    return ValidationFailed([{"field": "location", "error": error}])


class OpenMeteoSource:
    """A source of the weather at the configured place, if there is one, and at any that is named.

    Args:
        service: Open-Meteo.
        location: the configured place, a `Place` when its coordinates are known; None: there is
            none, and only places that are named are asked about.
        fresh_s: how long an answer is fresh.
        weather: where weather is cached, for `KEEP_WEATHER_S`.
        places: where places are cached, for `KEEP_PLACES_S`.
    """

    def __init__(
        self,
        service: OpenMeteo,
        location: Place | str | None,
        fresh_s: float,
        *,
        weather: Region[CachedValue[Forecast]],
        places: Region[CachedValue[Place]],
    ) -> None:
        self._service = service
        self._location = location
        self._forecasts: RefreshingCache[Position, Forecast] = RefreshingCache(
            weather, self._forecast, fresh_s=fresh_s, keep_s=KEEP_WEATHER_S
        )
        self._places: RefreshingCache[tuple[str, Language], Place] = RefreshingCache(
            places, self._look_up, fresh_s=_DAY_S, keep_s=KEEP_PLACES_S
        )

    @property
    def has_location(self) -> bool:
        """Return whether a place is configured."""
        return self._location is not None

    async def current(
        self, location: str | None, language: Language, day: dt.date | None = None
    ) -> Weather:
        """Return the weather at a place by its name, now or on a day; None: where is configured.

        Raises:
            NotConfigured: no place is named, and none is configured.
            ValidationFailed: no such place, or several (`location`); no forecast of that `day`.
            UpstreamError: the service is away, and nothing is cached.
        """
        place = await self._place(location, language)
        kept = await self._forecasts.get((place.latitude, place.longitude))
        if day is None or day == _today(kept.value):
            return _to_weather(place, kept, language)
        return _forecast_of(place, kept, day, language)

    async def zone(self, location: str, language: Language) -> str:
        """Return the key of the time zone of a place; empty: not known.

        Raises:
            ValidationFailed: no such place, or several; the field is `location`.
            UpstreamError: the service is away, and nothing is cached.
        """
        return (await self._find_place(location, language)).zone

    async def health(self) -> None:
        """Check that the weather of the configured place is there; ask only when it is due.

        Raises:
            UpstreamError: it is not there, or only an old answer.
        """
        weather = await self.current(None, "en")
        if weather.stale:
            raise UpstreamError(
                f"The weather service does not answer; last answer {weather.fetched_at:%FT%TZ}"
            )

    async def probe(self) -> str:
        """Ask for the weather of the configured place now, and return it in words.

        Raises:
            UpstreamError: it is not available.
        """
        place = await self._place(None, "en")
        kept = await self._forecasts.refresh((place.latitude, place.longitude))
        weather = _to_weather(place, kept, "en")
        return f"{weather.location}: {weather.text}"

    async def close(self) -> None:
        """Cancel what is being asked."""
        await self._places.close()
        await self._forecasts.close()

    async def _place(self, location: str | None, language: Language) -> Place:
        if location is not None:
            return await self._find_place(location, language)
        if self._location is None:
            raise NotConfigured("The weather", "weather.location")
        if isinstance(self._location, Place):
            return self._location
        try:
            return await self._find_place(self._location, language)
        except ValidationFailed as error:
            # Nobody who asks can help it: the setting is wrong.
            raise UpstreamError(f"weather.location {error.fields[0]['error']}") from None

    async def _find_place(self, name: str, language: Language) -> Place:
        return (await self._places.get((" ".join(name.split()), language))).value

    async def _look_up(self, key: tuple[str, Language]) -> Place:
        text, language = key
        name, region = _split_name(text)
        found = await self._service.places(name, language, many=bool(region)) if name else []
        return choose_place(text, found)

    async def _forecast(self, position: Position) -> Forecast:
        return await self._service.forecast(*position)


class _Day(msgspec.Struct, frozen=True):
    """The forecast for a day; None: not known."""

    low_c: float | None = None
    high_c: float | None = None
    code: float | None = None
    rain_mm: float | None = None

    def describe(self, language: Language) -> str | None:
        return describe_today(self.low_c, self.high_c, self.code, language)


def _to_weather(place: Place, kept: CachedValue[Forecast], language: Language) -> Weather:
    forecast = kept.value
    current = forecast.current
    today = _day(forecast, _today(forecast)) or _Day()
    return Weather(
        text=describe_now(current.temperature_2m, current.weather_code, language),
        location=place.name,
        temperature_c=current.temperature_2m,
        observed_at=dt.datetime.fromtimestamp(current.time, dt.UTC),
        today=today.describe(language),
        high_c=today.high_c,
        low_c=today.low_c,
        humidity_percent=current.relative_humidity_2m,
        wind_kmh=current.wind_speed_10m,
        rain_mm=today.rain_mm,
        fetched_at=kept.fetched_at,
        stale=kept.stale,
    )


def _forecast_of(
    place: Place, kept: CachedValue[Forecast], day: dt.date, language: Language
) -> Weather:
    found = _day(kept.value, day) or _Day()
    text = found.describe(language)
    if text is None or found.high_c is None:
        error = f"must be one of the next {FORECAST_DAYS} days"
        raise ValidationFailed([{"field": "day", "error": error}])
    begins = dt.datetime.combine(day, dt.time(), _zone(kept.value))
    return Weather(
        text=text,
        location=place.name,
        temperature_c=found.high_c,
        observed_at=begins.astimezone(dt.UTC),
        high_c=found.high_c,
        low_c=found.low_c,
        rain_mm=found.rain_mm,
        fetched_at=kept.fetched_at,
        stale=kept.stale,
        day=day,
    )


def _day(forecast: Forecast, day: dt.date) -> _Day | None:
    """Return what is forecast for a day of the place; None: nothing."""
    daily, zone = forecast.daily, _zone(forecast)
    days = [dt.datetime.fromtimestamp(begin, zone).date() for begin in daily.time]
    # Without times the only entry is of the day on which it was observed.
    days = days or [dt.datetime.fromtimestamp(forecast.current.time, zone).date()]
    if day not in days:
        return None
    index = days.index(day)
    return _Day(
        _at(daily.temperature_2m_min, index),
        _at(daily.temperature_2m_max, index),
        _at(daily.weather_code, index),
        _at(daily.precipitation_sum, index),
    )


def _today(forecast: Forecast) -> dt.date:
    """Return which day it is at the place now."""
    return dt.datetime.now(_zone(forecast)).date()


def _zone(forecast: Forecast) -> dt.timezone:
    return dt.timezone(dt.timedelta(seconds=forecast.utc_offset_seconds))


def _at(values: list[float | None], index: int) -> float | None:
    return values[index] if index < len(values) else None
