"""The weather of the place that is set now."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from pisovereign.assembly.live_parts import LiveParts
from pisovereign.connections.store import HOUSEHOLD
from pisovereign.connectors.diagnostics import Integration
from pisovereign.connectors.weather.source import OpenMeteoSource
from pisovereign.connectors.weather.types import Weather
from pisovereign.errors import NotConfigured
from pisovereign.languages import Language

_SETTING = "weather.location"


class LiveWeather:
    """A `WeatherSource`; the configuration's knows only places that are named, if it has none."""

    def __init__(self, parts: LiveParts[OpenMeteoSource]) -> None:
        self.parts = parts

    async def current(
        self, location: str | None, language: Language, day: dt.date | None = None
    ) -> Weather:
        """Return the weather at a place; None: at the one that is set."""
        with self.parts.using(HOUSEHOLD) as source:
            if source is None:
                raise NotConfigured("The weather", _SETTING)
            return await source.current(location, language, day)

    async def zone(self, location: str, language: Language) -> str:
        """Return the key of the time zone of a place; empty: not known."""
        with self.parts.using(HOUSEHOLD) as source:
            return await source.zone(location, language) if source else ""

    async def check(self, user: UUID) -> float | None:
        """Check that the weather is there.

        Raises:
            NotConfigured: No place is set.
            UpstreamError: It is not there.
        """
        with self.parts.using(HOUSEHOLD) as source:
            if source is None or not source.has_location:
                raise NotConfigured("The weather", _SETTING)
            await source.check()
        return None

    async def check_all(self) -> float | None:
        """Check that the weather is there."""
        return await self.check(HOUSEHOLD)

    def integration(self, user: UUID) -> Integration:
        """Return it as diagnostics see it."""
        source = self.parts.current(HOUSEHOLD)
        if source is None or not source.has_location:
            return Integration("weather", _SETTING)
        return Integration("weather", _SETTING, source.check, source.probe)
