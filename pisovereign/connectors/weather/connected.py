"""The weather of the place that is set now."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from pisovereign.cache.refreshing import CachedValue
from pisovereign.cache.store import Cache, Region
from pisovereign.connectors.connected_service import SharedService
from pisovereign.connectors.connection_store import HOUSEHOLD
from pisovereign.connectors.contract import Context
from pisovereign.connectors.diagnostics import Integration
from pisovereign.connectors.form import ConnectionKind
from pisovereign.connectors.reloadable_parts import parts_of
from pisovereign.connectors.trials import Trial, server_of
from pisovereign.connectors.types import TestResult
from pisovereign.connectors.weather.open_meteo import Forecast, OpenMeteo
from pisovereign.connectors.weather.settings import WeatherConfig
from pisovereign.connectors.weather.source import (
    KEEP_PLACES_S,
    KEEP_WEATHER_S,
    OpenMeteoSource,
    Place,
)
from pisovereign.connectors.weather.types import Weather
from pisovereign.connectors.words import Words
from pisovereign.errors import NotConfigured
from pisovereign.languages import Language
from pisovereign.outbound.outbound import Outbound

_WEATHER_BYTES, _PLACE_BYTES = 1500, 500


class Regions:
    """Where weather and places are kept.

    Args:
        cache: The one cache.
    """

    def __init__(self, cache: Cache) -> None:
        self.weather: Region[CachedValue[Forecast]] = Region(
            cache, "weather", KEEP_WEATHER_S, lambda _: _WEATHER_BYTES
        )
        self.places: Region[CachedValue[Place]] = Region(
            cache, "places", KEEP_PLACES_S, lambda _: _PLACE_BYTES
        )


def build(config: WeatherConfig, outbound: Outbound, regions: Regions) -> OpenMeteoSource:
    """Return the weather source; without a configured place it knows only those that are named."""
    place: Place | str | None = config.location or None
    if config.latitude is not None and config.longitude is not None:
        here = f"{config.latitude:g}, {config.longitude:g}"
        place = Place(config.location or here, config.latitude, config.longitude)
    service = OpenMeteo(outbound.client, config.base_url, config.geocoding_url, config.timeout_s)
    return OpenMeteoSource(
        service,
        place,
        config.cache_minutes * 60.0,
        weather=regions.weather,
        places=regions.places,
    )


class ConnectedWeather(SharedService[OpenMeteoSource]):
    """A `WeatherSource`; the configuration's knows only places that are named, if it has none."""

    def __init__(self, kind: ConnectionKind, context: Context) -> None:
        regions = Regions(context.cache)
        parts = parts_of(
            kind,
            context,
            lambda section, _: build(section, context.outbound, regions),
            OpenMeteoSource.close,
        )
        super().__init__("weather", "The weather", "weather.location", parts)

    async def current(
        self, location: str | None, language: Language, day: dt.date | None = None
    ) -> Weather:
        """Return the weather at a place; None: at the one that is set."""
        with self.required() as source:
            return await source.current(location, language, day)

    async def zone(self, location: str, language: Language) -> str:
        """Return the key of the time zone of a place; empty: not known."""
        with self._parts.using(HOUSEHOLD) as source:
            return await source.zone(location, language) if source else ""

    async def check(self, user: UUID) -> float | None:
        """Check that the weather is there.

        Raises:
            NotConfigured: No place is set.
            UpstreamError: It is not there.
        """
        with self.required() as source:
            if not source.has_location:
                raise NotConfigured(self.title, self.setting)
            await source.health()
        return None

    def integration(self, user: UUID) -> Integration:
        """Return it as diagnostics see it."""
        source = self._parts.current(HOUSEHOLD)
        if source is None or not source.has_location:
            return Integration(self.name, self.setting)
        return super().integration(user)


start = ConnectedWeather


async def attempt(
    kind: ConnectionKind, section: Any, user: UUID, context: Context, words: Words
) -> TestResult:
    """Read the weather."""
    source = build(section, context.outbound, Regions(context.cache))
    trial = Trial(context.outbound.gate, context.outbound.tls, words)
    server = server_of(section.base_url)
    try:
        await trial.reach(server)
        await trial.step("read", str(server), source.probe)
    finally:
        await source.close()
    return trial.result()
