"""A server that speaks Open-Meteo's form, and fails as a test says."""

from __future__ import annotations

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.loopback import FREE_PORT, Loopback

BERLIN: dict[str, Any] = {
    "id": 2950159, "name": "Berlin", "latitude": 52.52437, "longitude": 13.41053,
    "elevation": 74.0, "feature_code": "PPLC", "country_code": "DE", "admin1_id": 2950157,
    "timezone": "Europe/Berlin", "population": 3426354, "postcodes": ["10967", "13347"],
    "country_id": 2921044, "country": "Germany", "admin1": "Land Berlin",
}  # fmt: skip
COLOGNE = {"name": "Köln", "latitude": 50.93333, "longitude": 6.95, "feature_code": "PPLA2",
           "country_code": "DE", "country": "Deutschland", "admin1": "Nordrhein-Westfalen",
           "population": 963395}  # fmt: skip


def _us(name: str, state: str, latitude: float, longitude: float, people: int) -> dict[str, Any]:
    return {"name": name, "latitude": latitude, "longitude": longitude, "feature_code": "PPLA2",
            "country_code": "US", "country": "United States", "admin1": state,
            "population": people}  # fmt: skip


PLACES: dict[str, list[dict[str, Any]]] = {
    "berlin": [BERLIN, _us("Berlin", "New Hampshire", 44.46867, -71.18508, 9367)],
    "köln": [COLOGNE],
    "springfield": [
        _us("Springfield", "Missouri", 37.21533, -93.29824, 166810),
        _us("Springfield", "Massachusetts", 42.10148, -72.58981, 153606),
        _us("Springfield", "Illinois", 39.80172, -89.64371, 116565),
    ],
    "frankfurt": [
        {"name": "Frankfurt am Main", "latitude": 50.11552, "longitude": 8.68417,
         "feature_code": "PPL", "country_code": "DE", "country": "Germany", "admin1": "Hesse",
         "population": 650000},
        {"name": "Frankfurt (Oder)", "latitude": 52.34714, "longitude": 14.55062,
         "feature_code": "PPL", "country_code": "DE", "country": "Germany",
         "admin1": "Brandenburg", "population": 51691},
    ],
    "bonn": [
        {"name": "Bonn", "latitude": 50.73438, "longitude": 7.09549, "feature_code": "PPL",
         "country_code": "DE", "population": 330224},
        {"name": "Bonn", "latitude": 50.7, "longitude": 7.1, "feature_code": "ADM3",
         "country_code": "DE", "population": 330224},
        {"name": "Bonn", "latitude": 50.72, "longitude": 7.12, "feature_code": "PPLX",
         "country_code": "DE", "population": 313125},
    ],
    "zugspitze": [{"name": "Zugspitze", "latitude": 47.42122, "longitude": 10.9863,
                   "feature_code": "MT", "country_code": "DE"}],
}  # fmt: skip


def forecast(*, code: float = 2, temperature: float = 15.2, unix: int | None = None) -> Any:
    """An answer of `/v1/forecast`, with the fields that are asked for."""
    now = int(time.time()) if unix is None else unix
    return {
        "latitude": 52.52, "longitude": 13.419998, "generationtime_ms": 0.10538101196289062,
        "utc_offset_seconds": 0, "timezone": "GMT", "timezone_abbreviation": "GMT",
        "elevation": 38.0,
        "current_units": {"time": "unixtime", "interval": "seconds", "temperature_2m": "°C",
                          "relative_humidity_2m": "%", "weather_code": "wmo code",
                          "wind_speed_10m": "km/h"},
        "current": {"time": now, "interval": 900, "temperature_2m": temperature,
                    "relative_humidity_2m": 71, "weather_code": code, "wind_speed_10m": 12.4},
        "daily_units": {"time": "unixtime", "weather_code": "wmo code",
                        "temperature_2m_max": "°C", "temperature_2m_min": "°C",
                        "precipitation_sum": "mm"},
        "daily": {"time": [now - now % 86400], "weather_code": [80],
                  "temperature_2m_max": [17.0], "temperature_2m_min": [8.1],
                  "precipitation_sum": [0.6]},
    }  # fmt: skip


CURRENT = {"temperature_2m", "relative_humidity_2m", "weather_code", "wind_speed_10m"}
DAILY = {"weather_code", "temperature_2m_max", "temperature_2m_min", "precipitation_sum"}


class OpenMeteoServer(Loopback):
    """Answers `/v1/forecast` and `/v1/search`; `fail` makes it answer something else."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.fail: tuple[int, bytes] | None = None
        self.headers: dict[str, str] = {}
        self.delay_s = 0.0
        self.answer: Any = None
        meteo = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                meteo.respond(self)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        super().__init__(ThreadingHTTPServer(FREE_PORT, Handler))
        self.url += "/v1"

    def asked(self, path: str) -> int:
        return sum(1 for seen, _ in self.requests if seen == path)

    def respond(self, handler: BaseHTTPRequestHandler) -> None:
        url = urlsplit(handler.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        self.requests.append((url.path, query))
        time.sleep(self.delay_s)
        status, body = self.fail or self._answer(url.path, query)
        try:
            handler.send_response(status)
            handler.send_header("Content-Type", "application/json; charset=utf-8")
            handler.send_header("Content-Length", str(len(body)))
            for name, value in self.headers.items():
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(body)
        except OSError:
            pass  # who asked did not wait

    def _answer(self, path: str, query: dict[str, str]) -> tuple[int, bytes]:
        if path == "/v1/search":
            found = PLACES.get(query.get("name", "").casefold(), [])
            body = {"generationtime_ms": 0.7, **({"results": found} if found else {})}
            return 200, json.dumps(body).encode()
        if path != "/v1/forecast":
            return 404, b'{"error":true,"reason":"Not Found"}'
        if fault := _fault(query):
            return 400, json.dumps({"error": True, "reason": fault}).encode()
        return 200, json.dumps(self.answer or forecast()).encode()


def _fault(query: dict[str, str]) -> str | None:
    """What the real service would refuse."""
    for kind, known in (("current", CURRENT), ("daily", DAILY)):
        for name in query.get(kind, "").split(","):
            if name not in known:
                return (
                    f"Cannot initialize WeatherVariable from invalid String value {name} "
                    f"for key {kind}"
                )
    if not -90 <= float(query.get("latitude", "nan")) <= 90:
        return f"Latitude must be in range of -90 to 90°. Given: {query.get('latitude')}."
    return None
