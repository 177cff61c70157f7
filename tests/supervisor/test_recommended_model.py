"""A better model where the configuration names none: fetched in the background, and offered."""

from __future__ import annotations

import itertools
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import create_autospec

import msgspec
import pytest

from pisovereign.engine_client.switching import EngineState, FetchProgress
from pisovereign.models.recorded import write_recorded
from pisovereign.models.store import ModelStore
from pisovereign.process.own_program import typed_name
from pisovereign.supervisor.engine_keeper import EngineKeeper
from pisovereign.supervisor.engine_process import EngineProcess
from pisovereign.supervisor.recommended_fetch import is_metered
from pisovereign.supervisor.recommended_model import RecommendedModel
from tests.support.patience import PATIENCE_S
from tests.support.second_model import add_bytes, add_tiny, models_beside
from tests.support.server import Server, command_line, wait_until

SMALL = "smollm2-135m-instruct"
ON = {"PISOVEREIGN_INFERENCE__FETCH_RECOMMENDED": "true"}
# Nothing is fetched in a test.
UNREACHABLE = {"HTTPS_PROXY": "http://127.0.0.1:1", "https_proxy": "http://127.0.0.1:1"}


@pytest.fixture
def models(models_dir: Path, data_dir: Path) -> Path:
    return models_beside(models_dir, data_dir / "models")


@pytest.fixture
def installed(models: Path, data_dir: Path) -> Iterator[Server]:
    server = Server(
        data_dir / "data", models, PISOVEREIGN_INFERENCE__SELF_TEST="false", **ON, **UNREACHABLE
    )
    yield server
    server.remove()


def recommend(models: Path, name: str) -> None:
    """Make a model of the folder the one that is recommended anywhere."""
    model = ModelStore(models).model(name)
    write_recorded(models / name, msgspec.structs.replace(model, preference=1000, memory=1))


def fetch(server: Server) -> dict[str, Any]:
    state = server.request("GET", "/v1/system/models/active").json()
    found: dict[str, Any] = state.get("fetch", {"stage": ""})
    return found


def test_it_is_tried_and_offered(models: Path, installed: Server) -> None:
    recommend(models, add_tiny(models))
    installed.start()
    assert installed.chat("Hello").json()["model"] == SMALL
    wait_until(lambda: fetch(installed)["stage"] == "offered", 60, "the offer")
    assert fetch(installed)["model"] == "tiny"
    program = typed_name("pisovereign-cli")
    assert f"switch to it with: {program} models use tiny\n" in installed.log()
    # It is only offered.
    assert installed.chat("Hello").json()["model"] == SMALL
    engines = [line for line in installed.descendants().values() if "engine.main" in line]
    assert len(engines) == 1


def test_one_that_cannot_be_used_is_not_offered(models: Path, installed: Server) -> None:
    recommend(models, add_bytes(models, "broken", b"GGUF" + b"\xff" * 5000))
    installed.start()
    wait_until(lambda: fetch(installed)["stage"] == "failed", 60, "the trial")
    assert "cannot load" in fetch(installed)["error"]


def test_one_line_where_it_cannot_be_reached(installed: Server) -> None:
    installed.start()
    wait_until(lambda: fetch(installed)["stage"] == "failed", 120, "the attempt")
    model = fetch(installed)["model"]
    said = [line for line in installed.log().splitlines() if "is not fetched" in line]
    assert len(said) == 1
    assert said[0].endswith(f"later: {typed_name('pisovereign-cli')} models pull {model}")
    assert installed.chat("Hello").status_code == 200


def test_what_a_library_prints_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "python"
    told = msgspec.json.encode(FetchProgress("tiny", "failed", error="no network")).decode()
    program.write_text(f"#!/bin/sh\necho 'a warning'\necho '{told}'\n")
    program.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(program))
    keeper = create_autospec(EngineKeeper, instance=True, state=EngineState(SMALL, SMALL))
    recommended = RecommendedModel(keeper, tmp_path, {})
    recommended.start()

    def tended() -> bool:
        recommended.tend()
        return recommended.progress is not None

    wait_until(tended, PATIENCE_S, "the end of the fetch")
    recommended.stop()
    assert recommended.progress == FetchProgress("tiny", "failed", error="no network")


def test_a_trial_ends_with_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second engine outlived a new start, with a whole model in memory."""
    program = tmp_path / "python"
    told = msgspec.json.encode(FetchProgress("tiny", "proving")).decode()
    program.write_text(f"#!/bin/sh\necho '{told}'\n")
    program.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(program))
    trial = create_autospec(EngineProcess, instance=True)
    trial.until_it_serves.side_effect = lambda _: itertools.repeat(None)
    keeper = create_autospec(EngineKeeper, instance=True, state=EngineState(SMALL, SMALL))
    keeper.serves = True
    keeper.trial.return_value = trial
    recommended = RecommendedModel(keeper, tmp_path, {})
    recommended.start()

    def tried() -> bool:
        recommended.tend()
        return bool(trial.until_it_serves.called)

    wait_until(tried, PATIENCE_S, "the trial")
    recommended.stop()
    trial.kill.assert_called_once()


def test_it_ends_with_the_program(installed: Server) -> None:
    installed.start(wait=False)

    def fetching() -> int:
        lines = installed.descendants().items()
        return next((pid for pid, line in lines if "recommended_fetch" in line), 0)

    wait_until(fetching, 90, "the fetch")
    pid = fetching()
    others = installed.descendants()
    assert installed.process is not None
    installed.process.send_signal(signal.SIGKILL)
    installed.process.wait(PATIENCE_S)
    wait_until(lambda: "recommended_fetch" not in command_line(pid), PATIENCE_S, "its end")
    # They end too, and may write into the data folder until then.
    wait_until(lambda: not any(map(command_line, others)), PATIENCE_S, "the end of the others")


def test_who_has_chosen_is_left_alone(models: Path, installed: Server) -> None:
    recommend(models, add_tiny(models))
    installed.environment["PISOVEREIGN_INFERENCE__MODEL"] = SMALL
    installed.start()
    is_left_alone(installed)


def test_who_wants_none_is_left_alone(server: Server) -> None:
    assert server.environment["PISOVEREIGN_INFERENCE__FETCH_RECOMMENDED"] == "false"
    is_left_alone(server)


def is_left_alone(server: Server) -> None:
    assert fetch(server) == {"stage": ""}
    assert not any("recommended_fetch" in line for line in server.descendants().values())


@pytest.mark.parametrize(
    ("answer", "metered"),
    [("u 1", True), ("u 3", True), ("u 4", False), ("u 0", False), ("", False)],
)
def test_what_costs_money_is_not_used(tmp_path: Path, answer: str, metered: bool) -> None:
    program = tmp_path / "busctl"
    program.write_text(f"#!/bin/sh\necho '{answer}'\n")
    program.chmod(0o755)
    assert is_metered(str(program)) is metered
    assert is_metered(str(tmp_path / "missing")) is False
