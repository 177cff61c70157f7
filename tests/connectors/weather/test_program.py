"""The weather through the running program: commands, briefing and health."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.support.api_process import ApiProcess
from tests.support.open_meteo import OpenMeteoServer
from tests.support.patience import PATIENCE_S
from tests.support.server import ALICE_KEY, Server, free_port


@pytest.fixture(scope="module")
def meteo() -> Iterator[OpenMeteoServer]:
    with OpenMeteoServer() as running:
        yield running


@pytest.fixture(scope="module")
def api(server: Server, meteo: OpenMeteoServer) -> Iterator[ApiProcess]:
    with ApiProcess(
        server,
        PISOVEREIGN_WEATHER__LOCATION="Berlin",
        PISOVEREIGN_WEATHER__BASE_URL=meteo.url,
        PISOVEREIGN_WEATHER__GEOCODING_URL=meteo.url,
    ) as running:
        yield running


@pytest.fixture(scope="module")
def unconfigured(server: Server, meteo: OpenMeteoServer) -> Iterator[ApiProcess]:
    """An API whose configuration names no place."""
    with ApiProcess(
        server,
        PISOVEREIGN_WEATHER__BASE_URL=meteo.url,
        PISOVEREIGN_WEATHER__GEOCODING_URL=meteo.url,
    ) as running:
        yield running


def post(api: ApiProcess, body: object, language: str = "en") -> requests.Response:
    return requests.post(
        f"{api.url}/v1/commands",
        json=body,
        headers={"Authorization": f"Bearer {ALICE_KEY}", "Accept-Language": language},
        timeout=PATIENCE_S,
    )


def test_the_command(api: ApiProcess) -> None:
    answer = post(api, {"command": "weather"}).json()
    assert answer["command"] == "CurrentWeather"
    assert answer["result"]["text"] == "15°C, partly cloudy"
    assert answer["result"]["location"] == "Berlin"
    assert answer["result"]["stale"] is False
    assert answer["result"]["observed_at"].endswith("Z")
    assert answer["text"] == ("Berlin: 15°C, partly cloudy. Today 8 to 17°C, light rain showers.")


def test_in_german_and_elsewhere(api: ApiProcess) -> None:
    answer = post(api, {"command": "weather", "args": {"location": "Köln"}}, "de").json()
    assert answer["text"] == ("Köln: 15°C, teils bewölkt. Heute 8 bis 17°C, leichte Regenschauer.")


def test_the_briefing(api: ApiProcess) -> None:
    result = post(api, {"command": "briefing"}).json()["result"]
    assert result["weather"] == "15°C, partly cloudy"
    assert result["sources"]["weather"] == "ok"


def test_an_unknown_place_is_the_callers_mistake(api: ApiProcess) -> None:
    response = post(api, {"command": "weather", "args": {"location": "Nowhereville"}})
    assert response.status_code == 422
    (field,) = response.json()["error"]["details"]["fields"]
    assert field["error"] == "is not a place that the weather service knows"


def test_health_asks_once(api: ApiProcess, meteo: OpenMeteoServer) -> None:
    before = len(meteo.requests)
    for _ in range(5):
        services = requests.get(f"{api.url}/ready/all", timeout=PATIENCE_S).json()["services"]
        assert services["weather"]["healthy"] is True
    assert len(meteo.requests) - before <= 2


def test_a_service_that_is_away(server: Server) -> None:
    with ApiProcess(
        server,
        PISOVEREIGN_WEATHER__LATITUDE="52.52",
        PISOVEREIGN_WEATHER__LONGITUDE="13.41",
        PISOVEREIGN_WEATHER__BASE_URL=f"http://127.0.0.1:{free_port()}/v1",
    ) as away:
        response = post(away, {"command": "weather"})
        assert response.status_code == 502
        assert response.json()["error"]["code"] == "UPSTREAM_ERROR"
        briefing = post(away, {"command": "briefing"}).json()["result"]
        assert briefing["weather"] is None
        assert "127.0.0.1" in briefing["sources"]["weather"]
        weather = requests.get(f"{away.url}/ready/all", timeout=PATIENCE_S).json()["services"][
            "weather"
        ]
        assert weather["healthy"] is False


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (
            {"LATITUDE": "52.5"},
            "PISOVEREIGN_WEATHER__LATITUDE and weather.longitude are only set together",
        ),
        ({"BASE_URL": "ftp://x"}, "not a plain http or https URL"),
        ({"GEOCODING_URL": "https://user@x/"}, "without a user name"),
        ({"LATITUDE": "91"}, "must be between -90 and 90"),
    ],
)
def test_settings_that_refuse_the_start(
    models_dir: Path, data_dir: Path, settings: dict[str, str], problem: str
) -> None:
    variables = {f"PISOVEREIGN_WEATHER__{name}": value for name, value in settings.items()}
    refused = Server(data_dir, models_dir, **variables).refused_start()
    assert problem in refused


def test_a_place_that_is_named_needs_no_configuration(unconfigured: ApiProcess) -> None:
    answer = post(unconfigured, {"command": "weather", "args": {"location": "Berlin"}}).json()
    assert answer["text"] == "Berlin: 15°C, partly cloudy. Today 8 to 17°C, light rain showers."
    parsed = unconfigured.request(
        "POST", "/v1/commands/parse", json={"input": "What is the weather in Berlin?"}
    ).json()
    assert parsed["command"]["location"] == "Berlin"
    chat = unconfigured.chat("What is the weather in Berlin?")
    assert chat["content"].startswith("Berlin: 15°C, partly cloudy.")
    assert chat["command"]["status"] == "completed"


def test_without_any_place_the_setting_is_named(
    unconfigured: ApiProcess, meteo: OpenMeteoServer
) -> None:
    before = len(meteo.requests)
    response = post(unconfigured, {"command": "weather"})
    assert response.status_code == 503
    assert response.json()["error"]["details"] == {"setting": "weather.location"}
    chat = unconfigured.chat("What's the weather?")
    assert chat["command"]["status"] == "not_configured"
    briefing = post(unconfigured, {"command": "briefing"}).json()["result"]
    assert briefing["sources"]["weather"] == "not_configured"
    services = unconfigured.request("GET", "/ready/all").json()["services"]
    assert services["weather"] == {"healthy": None, "status": "not_configured"}
    (weather,) = [
        row
        for row in unconfigured.request("POST", "/v1/integrations/test").json()["integrations"]
        if row["name"] == "weather"
    ]
    assert (weather["status"], weather["detail"]) == ("not_configured", "set weather.location")
    assert len(meteo.requests) == before
