"""`pisovereign-cli engine` with the real tuner."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pisovereign.appliance.settings import write_settings
from pisovereign.connectors.configuration import load_config
from tests.support.server import Server, clean_environment

# Little is left to find, so that it takes seconds.
SETTINGS = {
    "PISOVEREIGN_ENGINE__THREADS": "1",
    "PISOVEREIGN_ENGINE__KV_UNIFIED": "off",
    "PISOVEREIGN_ENGINE__KV_TYPE": "f16",
    "PISOVEREIGN_ENGINE__WEIGHTS": "file",
    "PISOVEREIGN_ENGINE__PARALLEL": "2",
    "PISOVEREIGN_ENGINE__CONTEXT_LENGTH": "256",
}


def run(action: str, *extra: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pisovereign.cli.main", "engine", action, *extra],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=clean_environment(environment),
    )


@pytest.fixture
def environment(models_dir: Path, data_dir: Path) -> dict[str, str]:
    places = {"PISOVEREIGN_DATA_DIR": str(data_dir), "PISOVEREIGN_MODELS_DIR": str(models_dir)}
    return places | SETTINGS


def test_tune_explains_and_keeps(
    environment: dict[str, str], data_dir: Path, tmp_path: Path
) -> None:
    assert "nothing was measured" in run("show", **environment).stderr
    done = run("tune", **environment)
    assert done.returncode == 0, done.stderr
    assert "flash attention, f16" in done.stdout
    assert "plain attention, f16" in done.stdout
    assert "flash attention, q8_0" not in done.stdout
    assert "Chosen: 1/1 threads" in done.stdout
    assert "It is sure" in done.stdout or "It is doubtful" in done.stdout
    assert "from the next start on" in done.stderr
    assert run("show", **environment).stdout == done.stdout
    settings = tmp_path / "engine.json"
    write_settings(load_config(environment), settings)
    places = {name: value for name, value in environment.items() if name not in SETTINGS}
    assert run("show", **places).returncode == 1
    assert run("show", f"--settings={settings}", **places).stdout == done.stdout
    kept = json.loads(run("show", "--json", **environment).stdout)
    (path,) = (data_dir / "tuning").iterdir()
    assert kept == json.loads(path.read_text())
    assert kept["choice"]["settings"]["threads"] == 1
    other = run("show", **environment | {"PISOVEREIGN_ENGINE__THREADS": "2"})
    assert other.returncode == 1
    assert "nothing was measured" in other.stderr


def test_a_missing_model_is_told(environment: dict[str, str], tmp_path: Path) -> None:
    done = run("tune", **environment | {"PISOVEREIGN_MODELS_DIR": str(tmp_path)})
    assert done.returncode == 1
    assert "pisovereign-cli models pull" in done.stderr


def test_another_engine_is_not_tuned(environment: dict[str, str]) -> None:
    done = run("tune", **environment, PISOVEREIGN_INFERENCE__BASE_URL="http://127.0.0.1:9/v1")
    assert done.returncode == 1
    assert "inference.base_url" in done.stderr


def test_a_busy_engine_is_left_alone(server: Server) -> None:
    # Thousands of tokens to read: nobody knows how long an answer would be.
    body = {"message": "7 " * 3000}
    environment = {k: v for k, v in server.environment.items() if k.startswith("PISOVEREIGN_")}
    with server.request("POST", "/v1/chat/stream", json=body, stream=True):
        done = run("tune", **environment)
    assert done.returncode == 1
    assert "answering somebody" in done.stderr
