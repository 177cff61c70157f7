"""Whatever is killed: nothing is orphaned, the next start works, nothing acknowledged is lost."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support.patience import PATIENCE_S
from tests.support.server import ALICE_KEY, TWO_USERS, Server, command_line, text_lines, wait_until


@pytest.fixture
def own_server(models_dir: Path, data_dir: Path) -> Iterator[Server]:
    running = Server(data_dir, models_dir).start()
    yield running
    running.remove()


@pytest.fixture(scope="module")
def _lasting(models_dir: Path) -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="pisov-") as folder:
        running = Server(Path(folder), models_dir).start()
        yield running
        running.remove()


@pytest.fixture
def lasting(_lasting: Server) -> Server:
    """One whose parts may be killed, but not the whole; every part is there again."""
    _lasting.wait_ready()
    return _lasting


class Writer(threading.Thread):
    """Chats without pause and remembers what was acknowledged."""

    def __init__(self, server: Server) -> None:
        super().__init__(daemon=True)
        self._server = server
        self.acknowledged: dict[str, str] = {}
        self.stopped = threading.Event()

    def run(self) -> None:
        while not self.stopped.is_set():
            name = f"kill-{uuid.uuid4()}"
            with contextlib.suppress(requests.RequestException):
                reply = self._server.chat(f"Hello {name}", conversation_id=name, max_tokens=3)
                if reply.status_code == 200:
                    self.acknowledged[name] = reply.json()["content"]


def assert_all_there(server: Server, acknowledged: dict[str, str]) -> None:
    for name, content in acknowledged.items():
        stored = server.request("GET", f"/v1/conversations/{name}").json()
        assert [m["content"] for m in stored["messages"]] == [f"Hello {name}", content]


def lives(pid: int, line: str) -> bool:
    return command_line(pid) == line != ""


def stream_until_first_delta(server: Server) -> requests.Response:
    body = {"message": "Tell a long story.", "max_tokens": 1500}
    response = server.request("POST", "/v1/chat/stream", json=body, stream=True)
    next(line for line in text_lines(response) if line.startswith("data: "))
    return response


def test_killing_everything_in_mid_answer_loses_nothing(own_server: Server) -> None:
    for _ in range(2):
        writer = Writer(own_server)
        writer.start()
        wait_until(lambda w=writer: len(w.acknowledged) >= 3, 60, "three answers")
        with stream_until_first_delta(own_server):
            left = own_server.descendants()
            own_server.kill_everything()
        writer.stopped.set()
        wait_until(
            lambda left=left: not any(lives(*item) for item in left.items()),
            PATIENCE_S,
            "every end",
        )
        own_server.start()
        assert_all_there(own_server, writer.acknowledged)


def test_the_api_does_not_outlive_a_killed_supervisor_by_what_it_waits_for(
    models_dir: Path, data_dir: Path
) -> None:
    """An answer that a standing engine would write kept it, with a port that answers."""
    grace = {"PISOVEREIGN_SERVER__SHUTDOWN_GRACE_S": "600"}  # longer than anybody waits here
    server = Server(data_dir, models_dir, **grace).start()
    engine = server.child("engine.main")
    body = {"message": "Tell me a very long story of the sea", "max_tokens": 2000}
    try:
        with server.request("POST", "/v1/chat/stream", json=body, stream=True) as answer:
            assert next(answer.iter_content(1))
            os.kill(engine, signal.SIGSTOP)
            assert server.process is not None
            left = {pid for pid, line in server.descendants().items() if "serve api" in line}
            server.process.kill()
            server.process.wait(PATIENCE_S)
            wait_until(
                lambda: not any("serve api" in command_line(p) for p in left), PATIENCE_S, "its end"
            )
    finally:
        os.kill(engine, signal.SIGCONT)
        server.remove()


def test_killing_the_supervisor_orphans_nothing(own_server: Server) -> None:
    assert own_server.process is not None
    left = own_server.descendants()
    assert len(left) >= 5
    # What was remembered for an answer is counted when the API ends, in the database.
    for _ in range(4):
        own_server.chat("My sister Anna lives in Lyon and grows pears.")
    left = own_server.descendants()
    api = [pid for pid, line in left.items() if "serve api" in line]
    assert api
    # It does not wait for a database that ended before it: the kernel ends it, as it stands.
    for pid in api:
        os.kill(pid, signal.SIGSTOP)
    own_server.process.kill()
    own_server.process.wait(PATIENCE_S)
    wait_until(
        lambda: not any(lives(*item) for item in left.items()), PATIENCE_S, "every child's end"
    )
    own_server.start()
    assert own_server.chat("Hello").status_code == 200


@pytest.mark.parametrize("part", ["pisovereign.engine.main", "--database=", "bin/postgres -D"])
def test_one_killed_process_comes_back(lasting: Server, part: str) -> None:
    name = f"before-{uuid.uuid4()}"
    before = lasting.chat("Hello", conversation_id=name).json()["content"]
    # The API's workers have the same command line as their parent; they end a little later.
    left = {pid: line for pid, line in lasting.descendants().items() if part in line}
    os.kill(min(left), signal.SIGKILL)
    wait_until(lambda: not any(lives(*item) for item in left.items()), PATIENCE_S, f"{part} to end")

    def works_again() -> bool:
        try:
            again = lasting.chat("Hello again", max_tokens=2)
            kept = lasting.request("GET", f"/v1/conversations/{name}")
        except requests.RequestException:
            return False
        if again.status_code != 200:
            return False
        assert kept.json()["messages"][1]["content"] == before
        return True

    wait_until(works_again, 60, f"{part} to come back")


def test_who_asks_while_the_api_is_started_again_waits_for_it(lasting: Server) -> None:
    """The port belongs to the supervisor; before, clients were refused for seconds."""
    left = {pid for pid, line in lasting.descendants().items() if "serve api" in line}
    os.kill(min(left), signal.SIGKILL)
    wait_until(
        lambda: not any("serve api" in command_line(p) for p in left), PATIENCE_S, "their end"
    )
    for _ in range(3):
        assert lasting.request("GET", "/v1/conversations").status_code == 200


def test_an_engine_that_dies_in_mid_answer_is_an_error_event(lasting: Server) -> None:
    name = f"dies-{uuid.uuid4()}"
    body = {"message": "Tell a long story.", "max_tokens": 1500, "conversation_id": name}
    with lasting.request("POST", "/v1/chat/stream", json=body, stream=True) as response:
        lines = text_lines(response)
        next(line for line in lines if line.startswith("data: "))
        os.kill(lasting.child("pisovereign.engine.main"), signal.SIGKILL)
        rest = list(lines)
    assert rest[-2] == "event: error"
    error: dict[str, Any] = json.loads(rest[-1].removeprefix("data: "))
    assert error["code"] == "SERVICE_UNAVAILABLE"
    assert error["request_id"] == response.headers["X-Request-Id"]
    stored = lasting.request("GET", f"/v1/conversations/{name}").json()
    assert [m["role"] for m in stored["messages"]] == ["user"]
    # While it is away the answer is a plain 503, at once.
    reply = lasting.chat("Hello")
    assert reply.status_code in (200, 503)


def test_every_client_is_told_when_the_engine_dies(lasting: Server) -> None:
    """Those whose answers are written and those that wait; the aim, a second, is for a bench."""

    with contextlib.ExitStack() as stack, ThreadPoolExecutor(7) as pool:
        body = {"message": "Tell a long story.", "max_tokens": 1500}

        def open_stream(_: int) -> requests.Response:
            return lasting.request("POST", "/v1/chat/stream", json=body, stream=True)

        streams = [stack.enter_context(reply) for reply in pool.map(open_stream, range(7))]

        def all_are_there() -> bool:
            health = lasting.engine_health()
            return bool(health["active"] > 2 and health["active"] + health["queue"] >= 7)

        wait_until(all_are_there, PATIENCE_S, "answers")
        os.kill(lasting.child("pisovereign.engine.main"), signal.SIGKILL)
        ends = list(pool.map(lambda stream: list(text_lines(stream))[-2], streams))
    # An answer may have been complete by itself.
    assert ends.count("event: error") > 4
    assert set(ends) <= {"event: error", "event: done"}
    wait_until(lambda: lasting.chat("Hello", max_tokens=2).status_code == 200, 60, "an answer")


@pytest.mark.parametrize("background", [False, True])
def test_ctrl_c_ends_everything(own_server: Server, background: bool) -> None:
    if background:  # as a shell starts a job with `&`: with SIGINT ignored
        own_server.stop()
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        own_server.start()
        signal.signal(signal.SIGINT, before)
    assert own_server.process is not None
    left = own_server.descendants()
    own_server.process.send_signal(signal.SIGINT)
    assert own_server.process.wait(PATIENCE_S) == 0
    assert not any(lives(*item) for item in left.items())
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", own_server.port), timeout=PATIENCE_S)


def test_a_running_answer_is_finished_before_the_end(own_server: Server) -> None:
    assert own_server.process is not None
    body = {"message": "Count upwards.", "max_tokens": 60, "temperature": 0.0}
    with own_server.request("POST", "/v1/chat/stream", json=body, stream=True) as response:
        lines = text_lines(response)
        next(line for line in lines if line.startswith("data: "))
        own_server.process.send_signal(signal.SIGTERM)
        rest = list(lines)
    assert rest[-2] == "event: done"
    assert own_server.process.wait(PATIENCE_S) == 0


def test_the_engine_knows_no_settings(models_dir: Path, data_dir: Path) -> None:
    """And a proxy in the environment does not keep the server from seeing that it is ready."""
    server = Server(data_dir, models_dir, PISOVEREIGN_INFERENCE__API_KEY="sk-not-for-the-engine")
    server.environment["http_proxy"] = "http://127.0.0.1:9"
    server.start()
    try:
        environment = Path(f"/proc/{server.child('pisovereign.engine.main')}/environ").read_bytes()
        assert b"PATH=" in environment
        assert b"PISOVEREIGN_" not in environment
        wait_until(lambda: "Ctrl-C ends everything" in server.log(), PATIENCE_S, "the banner")
    finally:
        server.remove()


def test_a_second_server_on_the_same_data_is_refused(lasting: Server) -> None:
    assert "already running" in lasting.refused_start()
    assert lasting.chat("Hello").status_code == 200


def test_a_port_that_another_program_has_refuses_the_start(
    data_dir: Path, models_dir: Path
) -> None:
    server = Server(data_dir, models_dir)
    with socket.create_server(("127.0.0.1", server.port)):
        text = server.refused_start()
    assert f"127.0.0.1 port {server.port}: Address already in use" in text
    assert "server.port" in text


def test_a_broken_configuration_refuses_the_start(data_dir: Path, models_dir: Path) -> None:
    message = Server(data_dir, models_dir, "[server]\nprot = 1\n").refused_start()
    assert "server.prot is not a known field; did you mean server.port?" in message


def test_an_unknown_model_refuses_the_start(data_dir: Path, models_dir: Path) -> None:
    server = Server(data_dir, models_dir, TWO_USERS, PISOVEREIGN_INFERENCE__MODEL="smollm2-13b")
    assert "smollm2-13b" in server.refused_start()


def test_first_start_without_configuration(models_dir: Path, data_dir: Path) -> None:
    server = Server(data_dir, models_dir, config="").start(first=True)
    try:
        key_file = data_dir / "api-key"
        assert key_file.stat().st_mode & 0o777 == 0o600
        wait_until(lambda: "Ctrl-C ends everything" in server.log(), PATIENCE_S, "the banner")
        log = server.log()
        assert str(key_file) in log
        assert key_file.read_text().strip() not in log
        curl = log[log.index("  curl ") : log.index("\n\nTo sign")]
        done = subprocess.run(["bash", "-c", curl], capture_output=True, timeout=60, check=True)
        assert json.loads(done.stdout)["content"]
        (program,) = re.findall(r"To sign a browser in: (.+) sign-in\n", log)
        subprocess.run(["bash", "-c", f"{program} --version"], timeout=60, check=True)
        assert server.request("GET", "/v1/conversations", key=ALICE_KEY).status_code == 401
    finally:
        server.remove()
