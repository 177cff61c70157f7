"""`pisovereign-cli models add` and `remove`, as somebody types them."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from pisovereign.engine_client.switching import EngineState, SwitchProgress, switch_socket
from pisovereign.files import sha256_of
from pisovereign.supervisor.active_model import ActiveModel
from pisovereign.supervisor.switch_socket import switch_socket_at
from tests.support.tiny_models import write_tiny

CLI = [sys.executable, "-m", "pisovereign.cli.main", "models"]


class Shell:
    """Runs the command with a models folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.models = folder / "models"
        self.environment = {
            **{name: value for name, value in os.environ.items() if "PISOVEREIGN" not in name},
            "PISOVEREIGN_DATA_DIR": str(folder / "data"),
            "PISOVEREIGN_MODELS_DIR": str(self.models),
        }

    def run(self, *arguments: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [*CLI, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    (tmp_path / "data").mkdir()
    return Shell(tmp_path)


def test_a_model_is_added_listed_and_removed(shell: Shell, tmp_path: Path) -> None:
    path = write_tiny(tmp_path / "Tiny.gguf", "gemma3")
    code, said, problem = shell.run("add", str(path))
    assert code == 0, problem
    first, facts, memory, *_ = said.splitlines()
    assert first.startswith("tiny: ")
    assert "gemma3, F32" in first
    assert "license: not stated" in facts
    assert "memory with 4096 of 4096 tokens" in memory
    assert "fits into the" in memory
    assert f"tiny: added; sha256 {sha256_of(path)}, recorded, and held from now on" in said
    _, said, _ = shell.run("list")
    row = next(line for line in said.splitlines() if line.startswith("tiny "))
    assert row.split()[-3:] == ["recorded", "unknown", "verified"]
    assert shell.run("verify", "tiny")[:2] == (0, "tiny: verified\n")
    code, _, problem = shell.run("add", str(path))
    assert (code, "a model tiny already" in problem) == (1, True)
    code, said, _ = shell.run("remove", "tiny")
    assert (code, said.startswith("tiny: removed, ")) == (0, True)
    assert "tiny" not in shell.run("list")[1]


@pytest.mark.parametrize(
    ("arguments", "code", "problem"),
    [
        (["--sha256", "0" * 64], 1, "wrong checksum: sha256 is"),
        (["--sha256", "12"], 2, "must be 64 hexadecimal digits"),
        (["--id", "qwen3.5-2b"], 1, "is in the catalog: get it with"),
    ],
)
def test_what_is_refused_leaves_nothing(
    shell: Shell, tmp_path: Path, arguments: list[str], code: int, problem: str
) -> None:
    path = write_tiny(tmp_path / "tiny.gguf", "llama")
    found, _, said = shell.run("add", str(path), *arguments)
    assert (found, problem in said) == (code, True), said
    assert "Traceback" not in said
    left = [p for p in shell.models.rglob("*") if p.is_file()] if shell.models.exists() else []
    assert [p.name for p in left] in ([], [".lock"])


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("/nowhere/x.gguf", "there is no file"),
        ("http://localhost/x.gguf", "https only"),
        ("https://127.0.0.1/x.gguf", "not on the public internet"),
    ],
)
def test_a_source_that_cannot_be(shell: Shell, source: str, problem: str) -> None:
    code, _, said = shell.run("add", source)
    assert (code, problem in said) == (1, True), said


def test_what_is_in_use_stays(shell: Shell, tmp_path: Path) -> None:
    ActiveModel(tmp_path / "data", "smollm2-135m-instruct").choose("qwen3.5-2b")
    for model in ("smollm2-135m-instruct", "qwen3.5-2b", "use-multilingual"):
        code, _, said = shell.run("remove", model)
        assert (code, f"{model} is in use" in said) == (1, True)
    assert ActiveModel(tmp_path / "data", "smollm2-135m-instruct").model == "qwen3.5-2b"


def test_one_that_was_damaged_can_be_added_again(shell: Shell, tmp_path: Path) -> None:
    path = write_tiny(tmp_path / "tiny.gguf", "llama")
    assert shell.run("add", str(path))[0] == 0
    shell.environment["PISOVEREIGN_INFERENCE__MODEL"] = "tiny"
    assert "tiny is in use" in shell.run("remove", "tiny")[2]
    (shell.models / "tiny" / "model.gguf").write_bytes(b"damaged")
    assert "remove it, and add it again" in shell.run("pull", "tiny")[2]
    assert shell.run("remove", "tiny")[0] == 0
    assert shell.run("add", str(path))[0] == 0


def test_looking_at_what_is_in_use_changes_nothing(shell: Shell, tmp_path: Path) -> None:
    ActiveModel(tmp_path / "data", "another").choose("qwen3.5-2b")
    assert (
        "nothing of llama3.2-1b-instruct is there" in shell.run("remove", "llama3.2-1b-instruct")[2]
    )
    assert ActiveModel(tmp_path / "data", "another").model == "qwen3.5-2b"


def test_what_the_server_tries_stays(shell: Shell) -> None:
    trying = SwitchProgress("qwen3.5-4b", "loading")
    state = EngineState("smollm2-135m-instruct", "smollm2-135m-instruct", switch=trying)
    with tempfile.TemporaryDirectory() as folder:
        engine = Path(folder) / "engine.sock"
        shell.environment["PISOVEREIGN_ENGINE__SOCKET"] = str(engine)
        ended = threading.Event()

        def answer() -> None:
            while not ended.wait(0.05):
                switching.tend()

        with switch_socket_at(switch_socket(engine), lambda _: None, lambda: state) as switching:
            keeper = threading.Thread(target=answer)
            keeper.start()
            code, _, said = shell.run("remove", "qwen3.5-4b")
            ended.set()
            keeper.join()
    assert (code, "qwen3.5-4b is in use" in said) == (1, True), said
