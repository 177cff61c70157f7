"""Open-Meteo's two services, and their answers with their own names, as far as they are used.

Described at https://open-meteo.com/en/docs and https://open-meteo.com/en/docs/geocoding-api.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from pisovereign.errors import UpstreamError
from pisovereign.outbound.client import OutboundClient
from pisovereign.outbound.reply import Reply

CURRENT = "temperature_2m,relative_humidity_2m,weather_code,wind_speed_10m"
DAILY = "weather_code,temperature_2m_max,temperature_2m_min,precipitation_sum"

# What no thermometer, gauge or map on earth has shown is nonsense, and not passed on.
Celsius = Annotated[float, Meta(ge=-100, le=70)]
Percent = Annotated[float, Meta(ge=0, le=100)]
Kmh = Annotated[float, Meta(ge=0, le=600)]
Millimeters = Annotated[float, Meta(ge=0, le=3000)]
Code = Annotated[float, Meta(ge=0, le=99)]
Seconds = Annotated[int, Meta(ge=0, le=1 << 33)]
FORECAST_DAYS = 7
_FEW_PLACES, _MANY_PLACES = 20, 100
_LONGEST_REASON = 200
T = TypeVar("T")


class Current(msgspec.Struct, frozen=True):
    """`current`: now, at `time` in seconds since 1970."""

    time: Seconds
    temperature_2m: Celsius
    weather_code: Code | None = None
    relative_humidity_2m: Percent | None = None
    wind_speed_10m: Kmh | None = None


class Daily(msgspec.Struct, frozen=True):
    """`daily`: one entry a day from today on; `time` is when each begins, in seconds since 1970."""

    time: list[Seconds] = []
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
    timezone: str = ""


class Search(msgspec.Struct, frozen=True):
    """The answer of `/v1/search`; without `results` nothing was found."""

    results: list[Found] = []


class Fault(msgspec.Struct, frozen=True):
    """The answer that comes with a status of 400 and more: `{"error": true, "reason": "..."}`."""

    reason: str = ""


class OpenMeteo:
    """A client that asks for forecasts and places.

    Args:
        client: sends the requests.
        forecast_url: such as `https://api.open-meteo.com/v1`.
        geocoding_url: such as `https://geocoding-api.open-meteo.com/v1`.
        timeout_s: longest time for an answer, with all tries.
    """

    def __init__(
        self, client: OutboundClient, forecast_url: str, geocoding_url: str, timeout_s: float
    ) -> None:
        self._client = client
        self._forecast_url = forecast_url.rstrip("/") + "/forecast"
        self._geocoding_url = geocoding_url.rstrip("/") + "/search"
        self._timeout_s = timeout_s

    async def forecast(self, latitude: float, longitude: float) -> Forecast:
        """Return the weather now, and of `FORECAST_DAYS` days from today on.

        Raises:
            UpstreamError: no answer, or none that makes sense.
        """
        params = {
            "latitude": f"{latitude:.4f}",
            "longitude": f"{longitude:.4f}",
            "current": CURRENT,
            "daily": DAILY,
            "timezone": "auto",
            "timeformat": "unixtime",
            "forecast_days": str(FORECAST_DAYS),
        }
        return await self._ask(self._forecast_url, params, Forecast)

    async def places(self, name: str, language: str, *, many: bool) -> list[Found]:
        """Return places of this name, the likeliest first; `many`: also unlikely ones.

        Raises:
            UpstreamError: no answer, or none that makes sense.
        """
        params = {
            "name": name,
            "count": str(_MANY_PLACES if many else _FEW_PLACES),
            "language": language,
            "format": "json",
        }
        return (await self._ask(self._geocoding_url, params, Search)).results

    async def _ask(self, url: str, params: Mapping[str, str], kind: type[T]) -> T:
        reply = await self._client.get(url, params=params, timeout_s=self._timeout_s)
        if reply.status != 200:
            raise UpstreamError(_refusal(reply))
        try:
            return msgspec.json.decode(reply.body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise UpstreamError("The weather service's answer makes no sense") from None


def _refusal(reply: Reply) -> str:
    """Return what a status below 500 means, with its reason, in one printable line."""
    try:
        reason = msgspec.json.decode(reply.body, type=Fault).reason
    except (msgspec.DecodeError, UnicodeDecodeError):
        reason = ""
    shown = "".join(sign for sign in reason if sign.isprintable())[:_LONGEST_REASON].strip()
    said = f"The weather service refuses the request with status {reply.status}"
    return f"{said}: {shown}" if shown else said
