"""Requests that are none, and who may send one."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from pisovereign.errors import ServiceUnavailable
from pisovereign.runner.client import RunnerClient, has_begun
from pisovereign.runner.types import RunRequest
from tests.runner.conftest import Runner, marked, new_mark
from tests.support.patience import PATIENCE_S
from tests.support.server import wait_until


@pytest.fixture
def way() -> str:
    return "usual"


def ask(runner: Runner, data: bytes, *, then_wait_s: float = 0.0) -> list[Any]:
    """Everything the runner answers to these bytes."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(PATIENCE_S)
        connection.connect(str(runner.socket))
        connection.sendall(data)
        time.sleep(then_wait_s)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return [json.loads(line) for line in answer.splitlines()]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\n", "not understood"),
        (b"{}\n", "not understood"),
        (b"[" * 50_000 + b"\n", "not understood"),
        (b'{"argv": "true"}\n', "not understood"),
        (b'{"argv": ["true", "\xff"]}\n', "not understood"),
        (b'{"argv": ["true"], "shell": true}\n', "not understood"),
        (b'{"argv": []}\n', "empty"),
        (b'{"argv": ["true\\u0000"]}\n', "NUL"),
        (b'{"argv": ["true"], "privileged": true}\n', "no privileged commands"),
        (b'{"argv": ["true"], "timeout_s": 31}\n', "at most 30 s"),
        (b'{"argv": ["true"], "timeout_s": -1}\n', "at most 30 s"),
        (b'{"argv": ["true"]}\n{"argv": ["true"]}\n', "more than one line"),
        (b'{"argv": ["true", "%s"]}\n' % (b"x" * 70_000), "too long"),
        (b"x" * 70_000, "too long"),
    ],
)
def test_what_is_no_request_runs_nothing(runner: Runner, data: bytes, reason: str) -> None:
    (answer,) = ask(runner, data)
    assert answer["type"] == "result"
    assert (answer["status"], answer["exit_code"]) == ("failed", None)
    assert reason in answer["stderr"]


def test_a_slow_request_is_not_waited_for(runner: Runner) -> None:
    began = time.monotonic()
    (answer,) = ask(runner, b'{"argv": [')
    assert "slowly" in answer["stderr"]
    assert time.monotonic() - began > 4  # the rest of it never came


def test_the_answer_comes_in_two_lines(runner: Runner) -> None:
    started, result = ask(runner, b'{"argv": ["true"]}\n')
    assert started == {"type": "started"}
    assert (result["type"], result["status"]) == ("result", "completed")


def test_another_user_is_refused(runner: Runner, data_dir: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can become somebody else")
    data_dir.chmod(0o755)
    runner.socket.chmod(0o666)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.setresuid(12345, 12345, 12345)
            status = 0 if ask(runner, b'{"argv": ["true"]}\n') == [] else 2
        except (BrokenPipeError, ConnectionResetError):
            status = 0
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0


def test_two_run_at_once(runner: Runner) -> None:
    with ThreadPoolExecutor(2) as pool:
        marks = [new_mark(), new_mark()]
        both = [pool.submit(runner.run, "sleep", mark) for mark in marks]
        wait_until(lambda: all(map(marked, marks)), PATIENCE_S, "both beside each other")
        for pid in [pid for mark in marks for pid in marked(mark)]:
            os.kill(pid, signal.SIGKILL)
    assert [result.result().status for result in both] == ["failed", "failed"]


def test_more_than_may_run_at_once_wait(runner: Runner) -> None:
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda n: runner.run("echo", str(n)), range(24)))
    assert [result.stdout for result in results] == [f"{n}\n" for n in range(24)]


def test_the_client_refuses_what_cannot_be_sent(runner: Runner) -> None:
    assert "too long" in runner.run("echo", "x" * 70_000).stderr
    assert "surrogate" in runner.run("echo", "\ud800").stderr
    assert "NUL" in runner.run("echo", "\0").stderr
    assert "appliance only" in runner.run("systemctl", "reboot", privileged=True).stderr


def test_without_a_runner_nothing_ran(tmp_path: Path) -> None:
    client = RunnerClient(tmp_path / "nobody.sock")
    with pytest.raises(ServiceUnavailable):
        asyncio.run(client.run(RunRequest(argv=("true",))))
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(tmp_path / "deaf.sock"))
        with pytest.raises(ServiceUnavailable):
            asyncio.run(RunnerClient(tmp_path / "deaf.sock").run(RunRequest(argv=("true",))))


def test_commands_with_network_may_have_a_runner_of_their_own(
    runner: Runner, tmp_path: Path
) -> None:
    client = RunnerClient(tmp_path / "nobody.sock", network_path=runner.socket)
    asked = RunRequest(argv=("echo", "on the network"), network=True)
    assert asyncio.run(client.run(asked)).stdout == "on the network\n"
    with pytest.raises(ServiceUnavailable):
        asyncio.run(client.run(RunRequest(argv=("echo",))))


@pytest.mark.parametrize(("sent", "begun"), [(b"", False), (b'{"type":"Started"}\n', True)])
def test_a_runner_that_was_too_slow_has_begun_or_never_will(sent: bytes, begun: bool) -> None:
    """Whoever stops waiting knows for certain: nothing can be said to them after that."""

    async def stop_waiting() -> bool:
        here, there = socket.socketpair(socket.AF_UNIX)
        with there:
            there.sendall(sent)
            reader, writer = await asyncio.open_unix_connection(sock=here)
            found = await has_begun(reader, writer)
            with pytest.raises(BrokenPipeError):
                there.sendall(b"x")
            writer.close()
            return found

    assert asyncio.run(stop_waiting()) is begun
