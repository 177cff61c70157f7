"""The health routes through the running program."""

from __future__ import annotations

import requests

from tests.support.api_process import ApiProcess
from tests.support.patience import PATIENCE_S
from tests.support.server import Server, free_port


def test_health_needs_no_key(server: Server) -> None:
    response = requests.get(f"{server.url}/health", timeout=PATIENCE_S)
    assert response.status_code == 200
    assert response.json() == {"status": "ok"}
    assert requests.head(f"{server.url}/health", timeout=PATIENCE_S).status_code == 200


def test_ready_names_the_model(server: Server) -> None:
    body = requests.get(f"{server.url}/ready", timeout=PATIENCE_S).json()
    assert body["status"] == "ready"
    assert body["inference"]["healthy"] is True
    assert body["inference"]["model"] == "smollm2-135m-instruct"
    assert body["inference"]["latency_ms"] >= 0


def test_ready_all_reports_every_service(server: Server) -> None:
    response = requests.get(f"{server.url}/ready/all", timeout=PATIENCE_S)
    assert response.status_code == 200
    body = response.json()
    assert set(body["services"]) == {
        "inference",
        "database",
        "cache",
        "whatsapp",
        "matrix",
        "email",
        "calendar",
        "waste",
        "weather",
        "home_assistant",
        "search",
        "telegram",
        "ntfy",
        "speech",
    }
    assert body["services"]["database"]["healthy"] is True
    assert body["services"]["cache"] == {"healthy": True}
    assert body["services"]["weather"] == {"healthy": None, "status": "not_configured"}
    percentiles = body["latency_percentiles"]
    assert 0 < percentiles["p50_ms"] <= percentiles["p90_ms"] <= percentiles["p99_ms"]


def test_not_ready_without_an_engine(server: Server) -> None:
    away = f"http://127.0.0.1:{free_port()}/v1"
    with ApiProcess(server, PISOVEREIGN_INFERENCE__BASE_URL=away) as api:
        ready = requests.get(f"{api.url}/ready", timeout=PATIENCE_S)
        assert ready.status_code == 503
        assert ready.json()["status"] == "not_ready"
        everything = requests.get(f"{api.url}/ready/all", timeout=PATIENCE_S)
        assert everything.status_code == 503
        services = everything.json()["services"]
        assert services["inference"]["healthy"] is False
        assert services["database"]["healthy"] is True
        assert requests.get(f"{api.url}/health", timeout=PATIENCE_S).status_code == 200
