"""Whatever is killed at whatever moment of a switch: the next start has a model that works."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.support.patience import PATIENCE_S
from tests.support.second_model import add_tiny, models_beside
from tests.support.server import ADMIN_KEY, Server, wait_until

SMALL = "smollm2-135m-instruct"
ACTIVE = "/v1/system/models/active"
MODELS = (SMALL, "tiny")
# Seconds after the request: before, while and after the other model is loaded and takes the place.
MOMENTS = (0.0, 0.3, 0.7, 1.0, 1.3, 1.7, 2.2, 3.0)


@pytest.fixture
def installed(models_dir: Path, data_dir: Path) -> Iterator[Server]:
    folder = models_beside(models_dir, data_dir / "models")
    add_tiny(folder)
    server = Server(data_dir / "data", folder, PISOVEREIGN_INFERENCE__SELF_TEST="false").start()
    yield server
    server.remove()


def in_use(server: Server) -> str:
    return str(server.request("GET", ACTIVE).json()["model"])


def is_over(server: Server) -> bool:
    switch = server.request("GET", ACTIVE).json().get("switch", {"stage": "done"})
    return switch["stage"] in ("done", "failed")


def begin(server: Server) -> None:
    """Ask for the model that is not in use."""
    other = next(model for model in MODELS if model != in_use(server))
    answer = server.request("POST", ACTIVE, key=ADMIN_KEY, json={"model": other})
    assert answer.status_code in (202, 409), answer.text


def after(seconds: float) -> None:
    threading.Event().wait(seconds)


def answers(server: Server) -> bool:
    with contextlib.suppress(requests.RequestException):
        return server.chat("Hello").status_code == 200
    return False


@pytest.mark.parametrize("moment", MOMENTS)
def test_everything_at_once(installed: Server, moment: float) -> None:
    begin(installed)
    after(moment)
    installed.kill_everything()
    installed.start()
    model = installed.chat("Hello").json()["model"]
    assert model in MODELS
    assert in_use(installed) == model


@pytest.mark.parametrize("part", ["engine.main", "cli.serve api"])
def test_one_process_again_and_again(installed: Server, part: str) -> None:
    for moment in MOMENTS[::2]:
        begin(installed)
        after(moment)
        for pid in [pid for pid, line in installed.descendants().items() if part in line]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_until(lambda: answers(installed), 120, "an answer")
    # The last switch may have begun only after that, when the engine before had ended.
    wait_until(lambda: is_over(installed), 120, "the end of the last switch")
    assert installed.chat("Hello").json()["model"] == in_use(installed)


def test_a_candidate_that_is_killed_is_a_failure_and_no_more(installed: Server) -> None:
    serving = installed.child("engine.main")
    begin(installed)

    def candidates() -> list[int]:
        lines = installed.descendants().items()
        return [pid for pid, line in lines if "engine.main" in line and pid != serving]

    wait_until(candidates, PATIENCE_S, "the second engine")
    os.kill(candidates()[0], signal.SIGKILL)
    wait_until(
        lambda: installed.request("GET", ACTIVE).json()["switch"]["stage"] == "failed",
        PATIENCE_S,
        "the failure",
    )
    state = installed.request("GET", ACTIVE).json()
    assert (state["model"], state["switch"]["error"]) == (SMALL, "it ended with SIGKILL")
    assert installed.chat("Hello").json()["model"] == SMALL
    assert installed.child("engine.main") == serving
