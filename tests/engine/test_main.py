from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.gguf_file import write_hollow
from tests.engine.support import EngineProcess, engine_argv
from tests.support.patience import PATIENCE_S
from tests.support.server import command_line, wait_until


def run(argv: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)


def test_a_missing_model_is_one_line(models_dir: Path, data_dir: Path) -> None:
    argv = engine_argv(models_dir, data_dir / "s", "--log-level=error")
    result = run([*argv, f"--model-file={data_dir / 'absent.gguf'}"])
    assert result.returncode == 3
    assert result.stderr.count("\n") == 1
    assert "absent.gguf" in result.stderr


def test_a_corrupt_model_is_one_line(models_dir: Path, data_dir: Path) -> None:
    corrupt = data_dir / "model.gguf"
    corrupt.write_bytes(b"GGUF" + b"\xff" * 5000)
    argv = engine_argv(models_dir, data_dir / "s", "--log-level=error")
    result = run([*argv, f"--model-file={corrupt}"])
    assert result.returncode == 3
    assert result.stderr.count("\n") == 1
    assert "cannot load" in result.stderr


def test_a_model_that_cannot_fit_is_one_line(models_dir: Path, data_dir: Path) -> None:
    """Its weights are larger than any memory: whoever touched them would not return."""
    huge = data_dir / "huge.gguf"
    write_hollow(huge, layers=60, width=32768, context=4096)
    argv = engine_argv(models_dir, data_dir / "s", "--log-level=error")
    result = run([*argv, f"--model-file={huge}", "--model-id=huge"])
    assert result.returncode == 3
    assert result.stderr.count("\n") == 1
    assert "huge needs" in result.stderr
    assert "smaller model" in result.stderr


def test_a_template_that_does_not_fit(models_dir: Path, data_dir: Path) -> None:
    argv = engine_argv(models_dir, data_dir / "s", "--log-level=error", "--template=llama3")
    result = run(argv)
    assert result.returncode == 3
    assert "llama3" in result.stderr


def test_a_number_of_answers_that_makes_no_sense(models_dir: Path, data_dir: Path) -> None:
    result = run(engine_argv(models_dir, data_dir / "s", "--parallel=0"))
    assert result.returncode == 2
    assert "--parallel" in result.stderr


def test_a_taken_socket_is_refused(models_dir: Path, engine: EngineProcess) -> None:
    result = run(engine_argv(models_dir, engine.socket, "--log-level=error"))
    assert result.returncode == 1
    assert "another process" in result.stderr
    assert engine.get("/health")["status"] == "ok"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_when_told_and_leaves_no_socket(models_dir: Path, number: int) -> None:
    engine = EngineProcess(models_dir)
    engine.process.send_signal(number)
    assert engine.process.wait(PATIENCE_S) == 0
    assert not engine.socket.exists()
    engine.stop()


def answers(sock: Path) -> bool:
    """Whether an engine serves requests there; before that, SIGTERM ends it without a word."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE_S)
            connection.connect(str(sock))
            connection.sendall(b"GET /health HTTP/1.0\r\n\r\n")
            return connection.recv(100) != b""
    except OSError:
        return False


def test_it_ends_with_its_parent(models_dir: Path, data_dir: Path) -> None:
    """A process in between starts the engine, tells its pid, and is killed."""
    script = (
        "import os, subprocess, sys, time\n"
        "argv = [*sys.argv[1:], f'--parent-pid={os.getpid()}']\n"
        "print(subprocess.Popen(argv, stderr=subprocess.DEVNULL).pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    sock = data_dir / "s"
    argv = [sys.executable, "-c", script, *engine_argv(models_dir, sock)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        wait_until(lambda: answers(sock), PATIENCE_S, "the engine's start")
        parent.kill()
    wait_until(lambda: command_line(pid) == "", PATIENCE_S, "the engine's end")
    assert not sock.exists()


def test_a_parent_that_is_already_gone(models_dir: Path, data_dir: Path) -> None:
    result = run(engine_argv(models_dir, data_dir / "s", "--parent-pid=1"))
    assert os.getpid() != 1
    assert result.returncode == -signal.SIGTERM


def test_there_is_one_team_of_computing_threads(models_dir: Path) -> None:
    """Beside a second one OpenMP's threads sleep at every step, and tokens take twice as long."""

    def threads_after_an_answer(count: int) -> int:
        engine = EngineProcess(models_dir, f"--threads={count}")
        try:
            body = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 4}
            assert engine.post("/v1/chat/completions", body)[0] == 200
            return len(list(Path(f"/proc/{engine.process.pid}/task").iterdir()))
        finally:
            engine.stop()

    assert threads_after_an_answer(3) - threads_after_an_answer(1) == 2
