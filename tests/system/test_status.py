"""What the system tells of itself."""

from __future__ import annotations

import requests

from pisovereign import __version__
from tests.support.patience import PATIENCE_S
from tests.support.server import Server


def test_status(server: Server) -> None:
    body = server.request("GET", "/v1/system/status").json()
    assert body["version"] == __version__
    assert body["environment"] == "development"
    assert body["uptime_seconds"] >= 0
    # The engine alone has its weights, keys and values in memory; the database its catalogs.
    assert 150 < body["resources"]["memory_used_mb"] < 16_000
    assert 0 <= body["resources"]["cpu_percent"] <= 100
    assert 5 < body["resources"]["database_size_mb"] < 10_000
    assert body["statistics"]["requests_total"] > 0


def test_the_models_are_those_that_may_be_named(server: Server) -> None:
    models = server.request("GET", "/v1/system/models").json()["models"]
    assert [model["default"] for model in models] == [True]
    model = models[0]
    assert (model["id"], model["name"]) == ("smollm2-135m-instruct", "SmolLM2 135M Instruct")
    assert (model["parameters"], model["context_length"]) == ("135M", 8192)
    assert server.chat("Hello", model=model["id"]).status_code == 200
    assert server.chat("Hello", model="another").status_code == 422


def test_both_need_a_key(server: Server) -> None:
    for path in ("/v1/system/status", "/v1/system/models"):
        assert requests.get(server.url + path, timeout=PATIENCE_S).status_code == 401
