"""The API in front of servers that are not ours."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support.api_process import ApiProcess
from tests.support.patience import PATIENCE_S
from tests.support.server import ALICE_KEY, Server, free_port, text_lines, wait_until

HEADERS = {"Authorization": f"Bearer {ALICE_KEY}"}


@pytest.fixture(scope="module")
def foreign(models_dir: Path) -> Iterator[str]:
    """llama-cpp-python's own server: another implementation of the same API."""
    port = free_port()
    model = models_dir / "smollm2-135m-instruct" / "model.gguf"
    argv = [sys.executable, "-m", "llama_cpp.server", f"--model={model}", f"--port={port}"]
    argv += ["--host=127.0.0.1", "--n_ctx=2048", "--n_threads=1", "--model_alias=other-model"]
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}/v1"

    def lives() -> bool:
        assert process.poll() is None
        try:
            return requests.get(f"{url}/models", timeout=2).ok
        except requests.RequestException:
            return False

    try:
        wait_until(lives, 60, "the other server's start")
        yield url
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


@pytest.fixture(scope="module")
def api(server: Server, foreign: str) -> Iterator[ApiProcess]:
    with ApiProcess(
        server,
        PISOVEREIGN_INFERENCE__BASE_URL=foreign,
        PISOVEREIGN_INFERENCE__MODEL="other-model",
    ) as process:
        yield process


def test_chat_and_history(api: ApiProcess, server: Server) -> None:
    body: dict[str, Any] = {
        "message": "Say hello.",
        "max_tokens": 8,
        "conversation_id": "foreign-1",
    }
    first = requests.post(f"{api.url}/v1/chat", json=body, headers=HEADERS, timeout=60)
    assert first.status_code == 200
    assert first.json()["model"] == "other-model"
    assert requests.post(f"{api.url}/v1/chat", json=body, headers=HEADERS, timeout=60).ok
    stored = server.request("GET", "/v1/conversations/foreign-1").json()
    assert [m["role"] for m in stored["messages"]] == ["user", "assistant"] * 2
    assert stored["messages"][1]["content"] == first.json()["content"]


def test_stream(api: ApiProcess) -> None:
    body: dict[str, Any] = {"message": "Count to three.", "max_tokens": 8}
    with requests.post(
        f"{api.url}/v1/chat/stream", json=body, headers=HEADERS, timeout=60, stream=True
    ) as response:
        lines = list(text_lines(response))
    assert lines[-2] == "event: done"
    assert json.loads(lines[-1].removeprefix("data: "))["model"] == "other-model"


def test_ready_and_model_choice(api: ApiProcess) -> None:
    assert requests.get(f"{api.url}/ready", timeout=PATIENCE_S).status_code == 200
    body: dict[str, Any] = {"message": "Hi", "model": "unknown-model"}
    refused = requests.post(f"{api.url}/v1/chat", json=body, headers=HEADERS, timeout=PATIENCE_S)
    assert refused.status_code == 422
