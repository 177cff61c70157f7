"""The weather now."""

from __future__ import annotations

import datetime as dt

import msgspec

from pisovereign.actions.action import DirectAction
from pisovereign.actions.backends import SOURCE_LIMIT_S, Backends, within
from pisovereign.actions.caller import Caller
from pisovereign.actions.fields import Place
from pisovereign.actions.messages import quote
from pisovereign.actions.spec import ActionSpec
from pisovereign.integrations.weather.types import Weather
from pisovereign.languages.messages import Clock, Messages


class CurrentWeather(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """The weather somewhere, now or on a day; without `location`, at the configured place."""

    location: Place | None = None
    day: dt.date | None = None


class CurrentWeatherAction(DirectAction[CurrentWeather, Weather]):
    """Asks the weather service."""

    spec = ActionSpec(
        name="weather",
        type=CurrentWeather,
        result=Weather,
        sources=("weather",),
    )

    async def run(self, caller: Caller, command: CurrentWeather) -> Weather:
        """Return the weather at a place."""
        return await read_weather(self._backends, caller, command.location, SOURCE_LIMIT_S)

    def describe(self, result: Weather, messages: Messages, clock: Clock) -> str:
        """Return the weather in one or two sentences."""
        text = messages.say("weather", place=quote(result.location), weather=quote(result.text))
        if result.today is not None:
            text += " " + messages.say("weather.today", weather=quote(result.today))
        if result.stale:
            text += " " + messages.say("weather.stale")
        return text


async def read_weather(
    backends: Backends, caller: Caller, location: str | None, limit_s: float
) -> Weather:
    """Return the weather at a place, or at the configured one."""
    asked = backends.weather.current(location, caller.language)
    return await within(limit_s, asked, "The weather service")
