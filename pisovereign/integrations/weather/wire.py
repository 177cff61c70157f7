"""Open-Meteo's answers, with its own names, as far as they are used.

Described at https://open-meteo.com/en/docs and https://open-meteo.com/en/docs/geocoding-api.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

CURRENT = "temperature_2m,relative_humidity_2m,weather_code,wind_speed_10m"
DAILY = "weather_code,temperature_2m_max,temperature_2m_min,precipitation_sum"

# What no thermometer, gauge or map on earth has shown is nonsense, and not passed on.
Celsius = Annotated[float, Meta(ge=-100, le=70)]
Percent = Annotated[float, Meta(ge=0, le=100)]
Kmh = Annotated[float, Meta(ge=0, le=600)]
Millimeters = Annotated[float, Meta(ge=0, le=3000)]
Code = Annotated[float, Meta(ge=0, le=99)]
Seconds = Annotated[int, Meta(ge=0, le=1 << 33)]


class Current(msgspec.Struct, frozen=True):
    """`current`: now, at `time` in seconds since 1970."""

    time: Seconds
    temperature_2m: Celsius
    weather_code: Code | None = None
    relative_humidity_2m: Percent | None = None
    wind_speed_10m: Kmh | None = None


class Daily(msgspec.Struct, frozen=True):
    """`daily`: one entry a day, here only of today."""

    weather_code: list[Code | None] = []
    temperature_2m_max: list[Celsius | None] = []
    temperature_2m_min: list[Celsius | None] = []
    precipitation_sum: list[Millimeters | None] = []


class Forecast(msgspec.Struct, frozen=True):
    """The answer of `/v1/forecast`."""

    current: Current
    daily: Daily = Daily()
    utc_offset_seconds: Annotated[int, Meta(ge=-64_800, le=64_800)] = 0


class Found(msgspec.Struct, frozen=True):
    """One place that `/v1/search` found. Empty fields are not sent."""

    name: Annotated[str, Meta(min_length=1, max_length=500)]
    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]
    feature_code: str = ""
    country_code: str = ""
    country: str = ""
    admin1: str = ""
    population: float = 0


class Search(msgspec.Struct, frozen=True):
    """The answer of `/v1/search`; without `results` nothing was found."""

    results: list[Found] = []


class Fault(msgspec.Struct, frozen=True):
    """What comes with a status of 400 and more: `{"error": true, "reason": "..."}`."""

    reason: str = ""
