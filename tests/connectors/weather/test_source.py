"""The weather source against a server that speaks Open-Meteo's form, well or badly."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest

from pisovereign.cache.store import Cache
from pisovereign.config import OutboundConfig
from pisovereign.connectors.configuration import WholeConfig
from pisovereign.connectors.registry import named_hosts
from pisovereign.connectors.weather.connected import Regions
from pisovereign.connectors.weather.open_meteo import OpenMeteo
from pisovereign.connectors.weather.settings import WeatherConfig
from pisovereign.connectors.weather.source import OpenMeteoSource, Place
from pisovereign.connectors.weather.types import Weather
from pisovereign.errors import NotConfigured, UpstreamError, ValidationFailed
from pisovereign.outbound.outbound import Outbound
from tests.support.open_meteo import OpenMeteoServer, forecast
from tests.support.patience import PATIENCE_S

T = TypeVar("T")
HALF_HOUR = 1800.0
MUNICH = Place("Munich", 48.13743, 11.57549)


def ask(
    server: OpenMeteoServer,
    talk: Callable[[OpenMeteoSource], Awaitable[T]],
    *,
    location: Place | str | None = MUNICH,
    fresh_s: float = HALF_HOUR,
    timeout_s: float = PATIENCE_S,
) -> T:
    async def main() -> T:
        config = WholeConfig(
            weather=WeatherConfig(base_url=server.url, geocoding_url=server.url),
            outbound=OutboundConfig(response_limit_bytes=100_000, breaker_failures=1000),
        )
        outbound = Outbound(config, named_hosts(config))
        service = OpenMeteo(outbound.client, server.url, server.url, timeout_s)
        regions = Regions(Cache(1_000_000, 100))
        source = OpenMeteoSource(
            service, location, fresh_s, weather=regions.weather, places=regions.places
        )
        try:
            return await talk(source)
        finally:
            await source.close()
            await outbound.close()

    return asyncio.run(main())


def current(server: OpenMeteoServer, location: str | None = None, **options: Any) -> Weather:
    return ask(server, lambda source: source.current(location, "en"), **options)


def test_the_weather_now_and_today() -> None:
    with OpenMeteoServer() as server:
        before = dt.datetime.now(dt.UTC).replace(microsecond=0)
        weather = current(server)
        assert weather.text == "15°C, partly cloudy"
        assert weather.today == "8 to 17°C, light rain showers"
        assert (weather.location, weather.temperature_c) == ("Munich", 15.2)
        assert (weather.low_c, weather.high_c, weather.rain_mm) == (8.1, 17.0, 0.6)
        assert (weather.humidity_percent, weather.wind_kmh) == (71.0, 12.4)
        assert weather.observed_at >= before
        assert weather.fetched_at is not None
        assert weather.fetched_at >= before
        assert not weather.stale


def test_it_asks_with_their_names() -> None:
    with OpenMeteoServer() as server:
        current(server, "Köln")
        (search, place), (path, query) = server.requests
        assert (search, place) == (
            "/v1/search",
            {"name": "Köln", "count": "20", "language": "en", "format": "json"},
        )
        assert path == "/v1/forecast"
        assert query == {
            "latitude": "50.9333",
            "longitude": "6.9500",
            "current": "temperature_2m,relative_humidity_2m,weather_code,wind_speed_10m",
            "daily": "weather_code,temperature_2m_max,temperature_2m_min,precipitation_sum",
            "timezone": "auto",
            "timeformat": "unixtime",
            "forecast_days": "7",
        }


def test_german() -> None:
    with OpenMeteoServer() as server:
        server.answer = forecast(code=3, temperature=-0.3)
        weather = ask(server, lambda source: source.current("Köln", "de"))
        assert weather.text == "0°C, bedeckt"
        assert weather.today == "8 bis 17°C, leichte Regenschauer"
        assert weather.location == "Köln"
        assert server.requests[0][1]["language"] == "de"


def test_the_configured_place_by_its_name() -> None:
    async def twice(source: OpenMeteoSource) -> list[str]:
        return [(await source.current(None, "en")).location for _ in range(2)]

    with OpenMeteoServer() as server:
        assert ask(server, twice, location="Berlin") == ["Berlin", "Berlin"]
        assert (server.asked("/v1/search"), server.asked("/v1/forecast")) == (1, 1)


def test_without_a_configured_place_only_those_that_are_named_are_asked_about() -> None:
    with OpenMeteoServer() as server:
        named = ask(server, lambda source: source.current("Berlin", "en"), location=None)
        assert named.location == "Berlin"
        server.requests.clear()
        with pytest.raises(NotConfigured) as refused:
            ask(server, lambda source: source.current(None, "en"), location=None)
        assert refused.value.setting == "weather.location"
        assert server.requests == []


@pytest.mark.parametrize(
    ("asked", "location", "latitude"),
    [
        ("Berlin", "Berlin", "52.5244"),
        ("  berlin ", "Berlin", "52.5244"),
        ("Berlin, New Hampshire", "Berlin, New Hampshire, United States", "44.4687"),
        ("Berlin,  us", "Berlin, New Hampshire, United States", "44.4687"),
        ("Springfield, Illinois", "Springfield, Illinois, United States", "39.8017"),
        ("Frankfurt", "Frankfurt am Main", "50.1155"),
        ("Bonn", "Bonn", "50.7344"),
        ("Zugspitze", "Zugspitze", "47.4212"),
    ],
)
def test_places(asked: str, location: str, latitude: str) -> None:
    with OpenMeteoServer() as server:
        assert current(server, asked).location == location
        assert server.requests[-1][1]["latitude"] == latitude


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ("Nowhereville", "is not a place that the weather service knows"),
        ("Berlin, Texas", "is not a place"),
        (" , Texas", "is not a place"),
        (
            "Springfield",
            r"several places \(Springfield, Missouri, United States; Springfield, Mass",
        ),
        ("Springfield, US", r"add a region or country, as in Springfield, Missouri"),
    ],
)
def test_places_that_are_not_clear(asked: str, error: str) -> None:
    with OpenMeteoServer() as server:
        with pytest.raises(ValidationFailed) as raised:
            current(server, asked)
        (fault,) = raised.value.fields
        assert fault["field"] == "location"
        with pytest.raises(AssertionError, match=error):
            raise AssertionError(fault["error"])
        assert server.asked("/v1/forecast") == 0


def test_an_answer_is_used_again() -> None:
    async def often(source: OpenMeteoSource) -> None:
        for language in ("en", "de", "en"):
            await source.current(None, "de" if language == "de" else "en")
        await source.health()

    with OpenMeteoServer() as server:
        ask(server, often)
        assert server.asked("/v1/forecast") == 1


def test_many_at_once_ask_once() -> None:
    async def together(source: OpenMeteoSource) -> set[str]:
        answers = await asyncio.gather(*(source.current("Berlin", "en") for _ in range(50)))
        return {weather.text for weather in answers}

    with OpenMeteoServer() as server:
        server.delay_s = 0.1
        assert ask(server, together) == {"15°C, partly cloudy"}
        assert (server.asked("/v1/search"), server.asked("/v1/forecast")) == (1, 1)


REASON = b'{"error":true,"reason":"Latitude must be in range of -90 to 90. Given: 91."}'
LIMIT = (
    b'{"error":true,"reason":"Minutely API request limit exceeded. '
    b'Please try again in one minute."}'
)


@pytest.mark.parametrize(
    ("status", "body", "error", "tries"),
    [
        (400, REASON, "status 400: Latitude must be in range", 1),
        (429, LIMIT, "status 429: Minutely API request limit exceeded", 1),
        (404, b"<html>", "refuses the request with status 404$", 1),
        (
            400,
            b'{"error":true,"reason":"a\\u0000b\\n' + b"x" * 999 + b'"}',
            "400: abx{190,198}$",
            1,
        ),
        (500, b"oops", "status 500", 3),
        (502, b"<html>", "status 502", 3),
        (301, b"", "redirects", 1),
        (200, b"", "makes no sense", 1),
        (200, b"nonsense", "makes no sense", 1),
        (200, b"[]", "makes no sense", 1),
        (200, b"null", "makes no sense", 1),
        (200, b"{}", "makes no sense", 1),
        (200, b"\xff\xfe{}", "makes no sense", 1),
        (200, b'{"current":{}}', "makes no sense", 1),
        (200, b"[" * 50_000, "makes no sense", 1),
        (200, b"x" * 200_000, "too large", 1),
    ],
)
def test_a_service_that_fails(status: int, body: bytes, error: str, tries: int) -> None:
    with OpenMeteoServer() as server:
        server.fail = status, body
        if status == 301:
            server.headers["Location"] = "/v1/forecast"
        with pytest.raises(UpstreamError, match=error):
            current(server)
        assert len(server.requests) == tries


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("temperature_2m", "15"), ("temperature_2m", None), ("temperature_2m", 900),
        ("temperature_2m", -300.0), ("temperature_2m", [1]), ("temperature_2m", 1e400),
        ("time", "2025-09-08T07:00"), ("time", -1), ("time", 1e300), ("weather_code", "rain"),
        ("weather_code", -1), ("weather_code", 1000), ("wind_speed_10m", -5),
        ("relative_humidity_2m", 150),
    ],
)  # fmt: skip
def test_wrong_values_are_not_shown(field: str, value: Any) -> None:
    with OpenMeteoServer() as server:
        server.answer = forecast()
        server.answer["current"][field] = value
        with pytest.raises(UpstreamError, match="makes no sense"):
            current(server)


def _week(server: OpenMeteoServer) -> dt.date:
    """Let the server know the weather of three days; returns the first."""
    answer = forecast()
    first = answer["daily"]["time"][0]
    answer["daily"] = {
        "time": [first, first + 86400, first + 2 * 86400],
        "weather_code": [80, 3, 0],
        "temperature_2m_max": [17.0, 20.4, None],
        "temperature_2m_min": [8.1, 9.6, 10.0],
        "precipitation_sum": [0.6, 0.0, 0.0],
    }
    server.answer = answer
    return dt.datetime.fromtimestamp(first, dt.UTC).date()


def test_the_weather_of_a_day() -> None:
    with OpenMeteoServer() as server:
        today = _week(server)
        tomorrow = today + dt.timedelta(days=1)
        weather = ask(server, lambda source: source.current(None, "en", tomorrow))
        assert (weather.text, weather.day) == ("10 to 20°C, overcast", tomorrow)
        assert (weather.temperature_c, weather.low_c, weather.rain_mm) == (20.4, 9.6, 0.0)
        assert (weather.today, weather.humidity_percent) == (None, None)
        assert weather.observed_at.date() == tomorrow
        now = ask(server, lambda source: source.current(None, "en", today))
        assert (now.text, now.day) == ("15°C, partly cloudy", None)
        assert now.today == "8 to 17°C, light rain showers"


@pytest.mark.parametrize("days", [-1, 2, 30])
def test_what_is_not_forecast_is_refused(days: int) -> None:
    with OpenMeteoServer() as server:
        day = _week(server) + dt.timedelta(days=days)
        with pytest.raises(ValidationFailed) as refused:
            ask(server, lambda source: source.current(None, "en", day))
        assert refused.value.fields == [{"field": "day", "error": "must be one of the next 7 days"}]


def test_the_zone_of_a_place() -> None:
    with OpenMeteoServer() as server:
        assert ask(server, lambda source: source.zone("Berlin", "en")) == "Europe/Berlin"
        assert ask(server, lambda source: source.zone("Köln", "en")) == ""
        with pytest.raises(ValidationFailed):
            ask(server, lambda source: source.zone("Nowhere", "en"))
        assert server.asked("/v1/forecast") == 0


def test_what_is_missing_is_left_out() -> None:
    with OpenMeteoServer() as server:
        server.answer = {"current": {"time": int(time.time()), "temperature_2m": 3}}
        weather = current(server)
        assert (weather.text, weather.today, weather.wind_kmh) == ("3°C", None, None)
        server.answer = forecast(code=42)
        server.answer["daily"]["temperature_2m_max"] = [None]
        weather = current(server)
        assert (weather.text, weather.today, weather.low_c) == ("15°C", None, 8.1)


def test_a_slow_service_is_not_waited_for() -> None:
    with OpenMeteoServer() as server:
        server.delay_s = 3.0
        with pytest.raises(UpstreamError, match="in time"):
            current(server, timeout_s=0.2)


def test_old_weather_is_marked_when_the_service_is_down() -> None:
    async def talk(source: OpenMeteoSource) -> tuple[Weather, Weather]:
        first = await source.current(None, "en")
        server.fail = 500, b""
        return first, await source.current(None, "en")

    with OpenMeteoServer() as server:
        first, second = ask(server, talk, fresh_s=0.0)
        assert (first.stale, second.stale) == (False, True)
        assert second.text == first.text
        assert second.fetched_at == first.fetched_at


def test_yesterdays_day_is_not_todays() -> None:
    with OpenMeteoServer() as server:
        server.answer = forecast(unix=int(time.time()) - 86_400)
        weather = current(server)
        assert (weather.text, weather.today) == ("15°C, partly cloudy", None)
        assert weather.high_c is None


def test_the_check_does_not_ask_each_time_and_tells_of_old_weather() -> None:
    async def talk(source: OpenMeteoSource) -> None:
        await source.health()
        server.fail = 500, b""
        for _ in range(20):
            with pytest.raises(UpstreamError, match="does not answer; last answer 2"):
                await source.health()

    with OpenMeteoServer() as server:
        ask(server, talk, fresh_s=0.0)
        assert len(server.requests) == 1 + 3  # one that failed, with its tries


def test_their_form_is_what_the_local_server_speaks() -> None:
    """It refuses what the real service refuses, so that a wrong name cannot pass."""
    with OpenMeteoServer() as server:
        status, body = server._answer("/v1/forecast", {"current": "tempeture_2m", "daily": ""})
        assert status == 400
        assert json.loads(body)["reason"].startswith("Cannot initialize WeatherVariable")
