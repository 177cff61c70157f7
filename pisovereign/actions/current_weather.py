"""The weather now."""

from __future__ import annotations

import datetime as dt

from pisovereign.actions.action import DirectAction
from pisovereign.actions.backends import SOURCE_LIMIT_S, Backends, within
from pisovereign.actions.caller import Caller
from pisovereign.actions.command import Command
from pisovereign.actions.fields import Place
from pisovereign.actions.intent import CommandSlots, Intent, ModelTool
from pisovereign.actions.messages import quote
from pisovereign.actions.spec import ActionSpec
from pisovereign.connectors.weather.types import Weather
from pisovereign.languages.messages import Clock, Messages
from pisovereign.reading.moments import first_day
from pisovereign.reading.named_things import place
from pisovereign.reading.partial_commands import PartialCommand, Wording


class CurrentWeather(Command, frozen=True, kw_only=True, omit_defaults=True):
    """The weather somewhere, now or on a day; without `location`, at the configured place."""

    location: Place | None = None
    day: dt.date | None = None


def _read(wording: Wording) -> PartialCommand:
    arguments = {"location": place(wording), "day": first_day(wording.request)}
    return PartialCommand(CurrentWeather, arguments)


class CurrentWeatherAction(DirectAction[CurrentWeather, Weather]):
    """Asks the weather service."""

    spec = ActionSpec(
        name="weather",
        module="current_weather",
        type=CurrentWeather,
        result=Weather,
        sources=("weather",),
        intents=(Intent("weather", _read, past=False),),
        of_the_world=True,
        slots=CommandSlots(date="day", place="location"),
        model=ModelTool(
            "Get the weather now, or the forecast for a day.",
            {
                "location": "City; leave out for the user's home",
                "day": "Date of the forecast, such as 2026-11-28; leave out for now",
            },
            everybodys=True,
        ),
    )

    async def run(self, caller: Caller, command: CurrentWeather) -> Weather:
        """Return the weather at a place.

        Raises:
            NotConfigured: No place is named, and none is configured.
            ValidationFailed: There is no such place, or no forecast of that day.
            UpstreamError: The service is away.
        """
        asked = self._backends.weather.current(command.location, caller.language, command.day)
        return await within(SOURCE_LIMIT_S, asked, "The weather service")

    def describe(self, result: Weather, messages: Messages, clock: Clock) -> str:
        """Return the weather in one or two sentences."""
        if result.day is not None:
            day = messages.day(dt.datetime.combine(result.day, dt.time(12), clock.zone), clock)
            place, weather = quote(result.location), quote(result.text)
            text = messages.say("weather.day", place=place, day=day, weather=weather)
            return f"{text} {messages.say('weather.stale')}" if result.stale else text
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
