"""`pisovereign-cli integrations test` as a person runs it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.cli.test_commands import run
from tests.support.api_process import ApiProcess
from tests.support.open_meteo import OpenMeteoServer
from tests.support.server import ALICE_KEY, Server


def lines(url: str, *options: str) -> tuple[int, dict[str, str]]:
    """The exit code, and what is said of each integration."""
    done = run("integrations", "test", *options, PISOVEREIGN_URL=url, PISOVEREIGN_API_KEY=ALICE_KEY)
    assert not done.stderr
    split = (line.split(maxsplit=1) for line in done.stdout.splitlines())
    return done.returncode, dict(split)


@pytest.fixture
def meteo() -> Iterator[OpenMeteoServer]:
    with OpenMeteoServer() as running:
        yield running


def api(server: Server, meteo: OpenMeteoServer, location: str = "Berlin") -> ApiProcess:
    return ApiProcess(
        server,
        PISOVEREIGN_WEATHER__LOCATION=location,
        PISOVEREIGN_WEATHER__BASE_URL=meteo.url,
        PISOVEREIGN_WEATHER__GEOCODING_URL=meteo.url,
    )


def test_what_is_not_set_up_is_no_failure(server: Server) -> None:
    code, said = lines(server.url)
    assert code == 0
    assert said["weather"] == "not set up: set weather.location"


def test_what_works_says_what_it_answers(server: Server, meteo: OpenMeteoServer) -> None:
    with api(server, meteo) as running:
        code, said = lines(running.url)
        assert code == 0
        assert said["weather"].startswith("works (")
        assert said["weather"].endswith(" ms): Berlin: 15°C, partly cloudy")
        lines(running.url)
        assert meteo.asked("/v1/forecast") == 2  # each trial asks


def test_what_fails_says_what_to_fix(server: Server, meteo: OpenMeteoServer) -> None:
    with api(server, meteo, "Springfield") as running:
        code, said = lines(running.url)
        assert code == 1
        assert said["weather"].startswith("FAILS: weather.location could be any of several places")
    with api(server, meteo) as running:
        lines(running.url)
        meteo.fail = 503, b""
        for _ in range(3):  # also while the service is given its pause
            code, said = lines(running.url)
            assert code == 1
            assert said["weather"].endswith("127.0.0.1 answers with status 503")


def test_json(server: Server) -> None:
    done = run(
        "integrations", "test", "--json",
        PISOVEREIGN_URL=server.url, PISOVEREIGN_API_KEY=ALICE_KEY,
    )  # fmt: skip
    outcomes = {row["name"]: row for row in json.loads(done.stdout)["integrations"]}
    assert outcomes["weather"] == {
        "name": "weather",
        "status": "not_configured",
        "detail": "set weather.location",
        "latency_ms": None,
    }


def test_a_key_is_needed(server: Server) -> None:
    done = run("integrations", "test", PISOVEREIGN_URL=server.url, PISOVEREIGN_API_KEY="sk-wrong")
    assert done.returncode == 4
    assert done.stderr == "pisovereign-cli: Invalid or missing API key\n"
