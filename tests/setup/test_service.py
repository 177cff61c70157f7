"""What set-up lets through, and to whom."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from pisovereign.api_keys import ALL_SCOPES, OWNER_ID, KeyRing
from pisovereign.connectors.configuration import load_config, section_of
from pisovereign.connectors.weather.settings import WeatherConfig
from pisovereign.models.device import Device as Machine
from pisovereign.models.store import ModelStore
from pisovereign.runtime import needs_setup
from pisovereign.setup.config_writer import write_config
from pisovereign.setup.service import model_choices
from pisovereign.setup.types import Answers
from pisovereign.validation import validate
from tests.support.patience import PATIENCE_S
from tests.support.server import ALICE_KEY, TWO_USERS, remove_data
from tests.support.setup import ANSWERS, Device
from tools.test_run import program_memory


@pytest.fixture
def device(data_dir: Path, models_dir: Path) -> Iterator[Device]:
    running = Device(data_dir, models_dir).start()
    yield running
    running.end()


@pytest.fixture(scope="module")
def claimed(models_dir: Path) -> Iterator[Device]:
    """One for all who only ask, and who may ask."""
    folder = Path(tempfile.mkdtemp(prefix="pisov-"))
    running = Device(folder, models_dir).start()
    running.claim()
    yield running
    running.end()
    remove_data(folder)


def owner_of(device: Device, key: str) -> str | None:
    """The name of a key that the written configuration knows."""
    config = load_config(device.environment)
    identity = KeyRing(config.security).identify(key)
    if identity is None:
        return None
    assert (identity.user_id, identity.scopes) == (OWNER_ID, ALL_SCOPES)
    return identity.key_name


def run(device: Device, command: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "pisovereign.cli.serve", command]
    return subprocess.run(
        argv, env=device.environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_nothing_else_is_there_before(device: Device) -> None:
    key = {"Authorization": f"Bearer {ALICE_KEY}"}
    for path in ("/v1/chat", "/v1/memories", "/mcp", "/metrics", "/nothing", "/setup", "/web/../x"):
        for headers in ({}, key):
            refused = requests.post(device.url + path, headers=headers, timeout=PATIENCE_S)
            assert refused.status_code == 503, path
            assert refused.json()["error"]["code"] == "SERVICE_UNAVAILABLE"
    ready = requests.get(f"{device.url}/ready", timeout=PATIENCE_S)
    assert (ready.status_code, ready.json()["setup"]) == (503, "required")
    page = requests.get(device.url, timeout=PATIENCE_S)
    assert page.status_code == 200
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"
    done = run(device, "api")
    assert (done.returncode, "not set up" in done.stderr) == (1, True)


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}])
def test_pages_from_elsewhere_are_refused(device: Device, headers: dict[str, str]) -> None:
    body = {"code": device.code}
    assert device.request("GET", "/", headers=headers).status_code == 403
    assert device.request("POST", "/setup/claim", headers=headers, json=body).status_code == 403


def test_a_session_needs_the_code_and_everything_else_the_session(device: Device) -> None:
    for method, path in (
        ("GET", "/setup/state"),
        ("POST", "/setup/model"),
        ("DELETE", "/setup/model"),
        ("POST", "/setup/key"),
        ("POST", "/setup/finish"),
    ):
        assert device.request(method, path, json={}).status_code == 401, path
    first = device.code
    typed = f" {first.lower().replace('-', '')} "
    answer = device.request("POST", "/setup/claim", json={"code": typed})
    assert answer.status_code == 200
    device.session = answer.json()["session"]
    assert device.request("GET", "/setup/state").status_code == 200
    # The code was used up; whoever has the next one takes over.
    assert device.request("POST", "/setup/claim", json={"code": first}).status_code == 403
    old = device.session
    device.claim()
    assert (
        device.request("GET", "/setup/state", headers={"X-Setup-Session": old}).status_code == 401
    )


def test_codes_cannot_be_tried_out(device: Device) -> None:
    first = device.code
    tries = [
        device.request("POST", "/setup/claim", json={"code": f"AAAA-AAA{n}"}) for n in "234567"
    ]
    assert [answer.status_code for answer in tries] == [403] * 5 + [429]
    assert 0 < int(tries[-1].headers["Retry-After"]) <= 60
    assert device.code != first
    for code in (first, device.code):
        assert device.request("POST", "/setup/claim", json={"code": code}).status_code == 429


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "A\nda"}, "name"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"language": "xx"}, "language"),
        ({"model": "gpt-5"}, "model"),
        ({"model": "all-minilm-l6-v2"}, "model"),
    ],
)
def test_answers_are_checked(claimed: Device, answers: dict[str, str], field: str) -> None:
    refused = claimed.request("POST", "/setup/key", json=ANSWERS | answers)
    assert refused.status_code == 422
    assert [row["field"] for row in refused.json()["error"]["details"]["fields"]] == [field]


def test_what_the_first_page_asks_for_is_checked_before_the_next(claimed: Device) -> None:
    about = {name: value for name, value in ANSWERS.items() if name != "model"}
    wrong = claimed.request("POST", "/setup/about", json=about | {"time_zone": "Mars/Olympus"})
    assert wrong.status_code == 422
    assert [row["field"] for row in wrong.json()["error"]["details"]["fields"]] == ["time_zone"]
    right = claimed.request("POST", "/setup/about", json=about)
    assert (right.status_code, right.content) == (204, b"")
    stranger = requests.post(f"{claimed.url}/setup/about", json=about, timeout=PATIENCE_S)
    assert stranger.status_code == 401


def test_a_model_has_to_be_there(claimed: Device) -> None:
    assert (
        claimed.request("POST", "/setup/finish", headers={"Authorization": "Bearer x"}).ok is False
    )
    wish = ANSWERS | {"model": "qwen2.5-1.5b-instruct"}
    assert claimed.request("POST", "/setup/key", json=wish).status_code == 409
    media = {"model": "smollm2-135m-instruct", "source": "media"}
    assert claimed.request("POST", "/setup/model", json=media).status_code == 422
    state: dict[str, Any] = claimed.request("GET", "/setup/state").json()
    assert [model["id"] for model in state["models"] if model["state"] == "verified"]
    assert sum(model["recommended"] for model in state["models"]) == 1
    assert all(model["fits"] for model in state["models"] if model["recommended"])


def test_the_end_writes_the_configuration_and_nothing_secret(device: Device) -> None:
    code = device.code
    device.claim()
    key = device.make_key()
    assert device.finish("sk-another").status_code == 401
    assert needs_setup(load_config(device.environment).setup, device.data_dir)
    replaced = key
    key = device.make_key(name="Ada Lovelace")
    assert device.finish(replaced).status_code == 401
    done = device.finish(key)
    assert done.json() == {"status": "done"}
    assert device.process is not None
    assert device.process.wait(PATIENCE_S) == 0
    assert not program_memory(device.data_dir).exists(), "its log has gone with it"

    assert owner_of(device, key) == "Ada Lovelace"
    assert owner_of(device, replaced) is None
    path = device.data_dir / "config.toml"
    assert path.stat().st_mode & 0o777 == 0o600
    written = tomllib.loads(path.read_text())
    assert written["server"] == {"time_zone": "Europe/Berlin"}
    assert "Ada Lovelace" in written["chat"]["system_prompt"]
    secrets = (key, replaced, device.session, code)
    for file in device.data_dir.rglob("*"):
        if file.is_file():
            content = file.read_text(errors="replace")
            assert not [secret for secret in secrets if secret in content], file
    assert not (device.data_dir / "setup" / "code").exists()
    again = run(device, "setup")
    assert (again.returncode, again.stderr) == (0, "")


def test_what_is_configured_already_stays(data_dir: Path, models_dir: Path) -> None:
    device = Device(data_dir, models_dir)
    kept = '# mine\n[weather]\nlocation = "Berlin"\n[server]\nworkers = 2\n'
    (data_dir / "config.toml").write_text(kept + TWO_USERS, encoding="utf-8")
    device.start()
    try:
        assert device.request("GET", "/v1/models").status_code == 503
        device.claim()
        key = device.make_key()
        device.finish(key)
    finally:
        device.end()
    assert owner_of(device, key) == "Ada"
    assert owner_of(device, ALICE_KEY) is None
    config = load_config(device.environment)
    assert (section_of(config, WeatherConfig).location, config.server.workers) == ("Berlin", 2)
    assert "# mine" in (data_dir / "config.toml").read_text()


@pytest.mark.parametrize("moment", ["claimed", "key made", "half written"])
def test_a_kill_at_any_moment_starts_anew(device: Device, moment: str) -> None:
    device.claim()
    lost = device.make_key() if moment != "claimed" else ""
    session = device.session
    device.kill()
    if moment == "half written":  # the configuration is there, the mark is not
        path = device.data_dir / "config.toml"
        write_config(path, validate(ANSWERS, Answers), lost)
        assert owner_of(device, lost) == "Ada"
    device.start()
    assert requests.get(f"{device.url}/v1/models", timeout=PATIENCE_S).status_code == 503
    stale = device.request("GET", "/setup/state", headers={"X-Setup-Session": session})
    assert stale.status_code == 401
    device.claim()
    key = device.make_key(name="Grace")
    device.finish(key)
    assert owner_of(device, key) == "Grace"
    assert not lost or owner_of(device, lost) is None


@pytest.mark.parametrize("delay_ms", [0, 2, 5, 10])
def test_a_kill_during_the_end_leaves_one_or_the_other(device: Device, delay_ms: int) -> None:
    device.claim()
    key = device.make_key()
    request = (
        f"POST /setup/finish HTTP/1.1\r\nHost: 127.0.0.1:{device.port}\r\n"
        f"X-Setup-Session: {device.session}\r\nAuthorization: Bearer {key}\r\n"
        "Content-Length: 0\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", device.port), timeout=PATIENCE_S) as connection:
        connection.sendall(request.encode())
        time.sleep(delay_ms / 1000)
        device.kill()
    config = load_config(device.environment)  # whole, whatever it is
    if needs_setup(config.setup, device.data_dir):
        device.start()
        device.claim()
        key = device.make_key()
        device.finish(key)
    assert owner_of(device, key) == "Ada"


def test_every_model_is_offered_and_one_recommended(tmp_path: Path) -> None:
    store, small = ModelStore(tmp_path), "smollm2-135m-instruct"
    offered = model_choices(store, Machine(int(3.9e9), 10e9), {small})
    assert [model.id for model in offered] == [m.id for m in store.manifest.of_kind("chat")]
    assert [model.id for model in offered if model.recommended] == ["qwen3.5-2b"]
    assert {model.id for model in offered if not model.fits} >= {"qwen3.5-4b", "gemma-4-e4b-it"}
    assert [model.id for model in offered if model.on_media] == [small]
    assert {model.state for model in offered} == {"absent"}
