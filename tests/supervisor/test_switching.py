"""Another model for a running installation."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.patience import PATIENCE_S
from tests.support.second_model import add_bytes, add_tiny, models_beside
from tests.support.server import ADMIN_KEY, Server, wait_until

SMALL = "smollm2-135m-instruct"
ACTIVE = "/v1/system/models/active"


@pytest.fixture(scope="module")
def _running(models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data_dir = tmp_path_factory.mktemp("switching")
    folder = models_beside(models_dir, data_dir / "models")
    add_tiny(folder)
    add_bytes(folder, "broken", b"GGUF" + b"\xff" * 5000)
    # The test of what a model may do would only take time.
    server = Server(data_dir / "data", folder, PISOVEREIGN_INFERENCE__SELF_TEST="false").start()
    yield server
    server.remove()


@pytest.fixture
def installed(_running: Server) -> Server:
    """One with a second model, and one that cannot be used; the first one answers."""
    if _running.request("GET", "/ready").json()["inference"]["model"] != SMALL:
        assert use(_running, SMALL)["stage"] == "done"
    return _running


def use(server: Server, model: str) -> dict[str, Any]:
    """Switch, and return how that went."""
    answer = server.request("POST", ACTIVE, key=ADMIN_KEY, json={"model": model})
    assert answer.status_code == 202, answer.text
    wait_until(lambda: switch(server)["stage"] in ("done", "failed"), 180, "the switch")
    return switch(server)


def stored_answers(server: Server, client: int, count: int) -> list[str]:
    """Which models wrote what is stored of a client's conversations."""
    messages: list[dict[str, str]] = []
    for part in range((count + 3) // 4):
        path = f"/v1/conversations/client-{client}-{part}"
        messages += server.request("GET", path).json()["messages"]
    return [message["model"] for message in messages if message["role"] == "assistant"]


def chosen(server: Server) -> bytes:
    file = server.data_dir / "active-model"
    return file.read_bytes() if file.exists() else b""


def engines(server: Server) -> int:
    return sum("engine.main" in line for line in server.descendants().values())


def switch(server: Server) -> dict[str, Any]:
    state: dict[str, Any] = server.request("GET", ACTIVE).json()["switch"]
    return state


class Talking:
    """Clients that chat without a pause, each in a conversation of its own."""

    def __init__(self, server: Server, clients: int) -> None:
        self._server = server
        self._over = threading.Event()
        self.answers: list[list[str]] = [[] for _ in range(clients)]
        self.failures: list[str] = []
        self._threads = [threading.Thread(target=self._talk, args=(i,)) for i in range(clients)]

    def __enter__(self) -> Talking:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def by(self, model: str) -> int:
        """How many answers a model has given."""
        return sum(answers.count(model) for answers in self.answers)

    def _talk(self, client: int) -> None:
        while not self._over.is_set():
            # Long conversations would take the next model long to read.
            part = len(self.answers[client]) // 4
            # As a client does that was set up with the first model.
            answer = self._server.chat(
                f"What do you think of that? {client}",
                conversation_id=f"client-{client}-{part}",
                model=SMALL,
                max_tokens=4,
            )
            if answer.status_code == 200:
                self.answers[client].append(answer.json()["model"])
            else:
                self.failures.append(answer.text)


def test_nobody_notices_but_by_the_name(installed: Server) -> None:
    with Talking(installed, 2) as talking:
        wait_until(lambda: talking.by(SMALL) >= 2, 120, "answers of the first model")
        for model in ("tiny", SMALL):
            before = talking.by(model)
            assert use(installed, model) == {"model": model, "stage": "done"}
            wait_until(lambda m=model, n=before: talking.by(m) >= n + 2, 120, "its answers")
    assert talking.failures == []
    for client, answers in enumerate(talking.answers):
        assert stored_answers(installed, client, len(answers)) == answers
    assert use(installed, "tiny")["stage"] == "done"
    assert installed.request("GET", "/ready").json()["inference"]["model"] == "tiny"
    listed = installed.request("GET", "/v1/system/models").json()["models"]
    assert [(m["id"], m["context_length"]) for m in listed] == [("tiny", 4096)]
    wait_until(lambda: engines(installed) == 1, PATIENCE_S, "the end of the engines before")

    # The choice outlives a restart.
    installed.stop()
    installed.start()
    assert installed.chat("Hello").json()["model"] == "tiny"


def test_what_cannot_be_used_changes_nothing(installed: Server) -> None:
    before = chosen(installed)
    failed = use(installed, "broken")
    assert failed["stage"] == "failed"
    assert "cannot load" in failed["error"]
    assert "\n" not in failed["error"]
    assert installed.chat("Hello").json()["model"] == SMALL
    assert chosen(installed) == before

    refused = {
        "nothing": "unknown model",
        "all-minilm-l6-v2": "not for chat",
        "qwen2.5-1.5b-instruct": "pisovereign-cli models pull",
    }
    for model, why in refused.items():
        answer = installed.request("POST", ACTIVE, key=ADMIN_KEY, json={"model": model})
        assert answer.status_code == 409
        assert why in answer.json()["error"]["message"]
    assert installed.request("POST", ACTIVE, json={"model": "tiny"}).status_code == 403
    assert installed.request("POST", ACTIVE, key=ADMIN_KEY, json={}).status_code == 422
    assert installed.chat("Hello", model="broken").status_code == 422


def test_the_command(installed: Server) -> None:
    environment = installed.environment | {"PISOVEREIGN_API_KEY": ADMIN_KEY}

    def cli(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pisovereign.cli.main", "models", "use", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    used = cli("tiny")
    assert (used.returncode, used.stdout) == (0, "the model in use: tiny\n")
    assert "until then smollm2-135m-instruct answers" in used.stderr
    broken = cli("broken")
    assert broken.returncode == 1
    assert broken.stderr.splitlines()[-1].startswith("pisovereign-cli: broken cannot be used: ")
    assert broken.stderr.endswith("tiny serves on\n")
