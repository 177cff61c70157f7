"""Open-Meteo's two services, as they answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from pisovereign.errors import UpstreamError
from pisovereign.integrations.weather.wire import CURRENT, DAILY, Fault, Forecast, Found, Search
from pisovereign.outbound.client import OutboundClient
from pisovereign.outbound.reply import Reply

_FEW_PLACES, _MANY_PLACES = 20, 100
_LONGEST_REASON = 200

T = TypeVar("T")


class OpenMeteo:
    """Asks for forecasts and places.

    Args:
        client: the way out.
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
        """The weather now and today.

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
            "forecast_days": "1",
        }
        return await self._ask(self._forecast_url, params, Forecast)

    async def places(self, name: str, language: str, *, many: bool) -> list[Found]:
        """Places of this name, the likeliest first; `many`: also unlikely ones.

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
    """A status below 500 with its reason, in one printable line."""
    try:
        reason = msgspec.json.decode(reply.body, type=Fault).reason
    except (msgspec.DecodeError, UnicodeDecodeError):
        reason = ""
    shown = "".join(sign for sign in reason if sign.isprintable())[:_LONGEST_REASON].strip()
    said = f"The weather service refuses the request with status {reply.status}"
    return f"{said}: {shown}" if shown else said
