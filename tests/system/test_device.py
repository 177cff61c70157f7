"""The device as its owner sees it, the log, and a new start of everything."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import requests

from pisovereign.metrics.totals import Totals
from pisovereign.system.device_routes import DeviceRoutes
from pisovereign.system.history import minute_of
from pisovereign.system.sensors import board, throttling
from pisovereign.telemetry.recent_log import RecentLog, read_recent_lines
from tests.support.patience import PATIENCE_S
from tests.support.server import ADMIN_KEY, ALICE_KEY, Server, remove_data, wait_until


def ask(server: Server, path: str) -> dict[str, Any]:
    answer = server.request("GET", f"/v1/system/{path}", key=ADMIN_KEY)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def test_the_overview(server: Server) -> None:
    server.chat("Hello")
    told = ask(server, "overview")
    assert told["services"]["database"]["healthy"] is True
    parts = {part["part"]: part["memory_mb"] for part in told["memory"]["parts"]}
    assert {"api", "engine", "database", "supervisor", "runner"} <= set(parts)
    assert parts["engine"] > 50
    assert told["memory"]["used_mb"] < told["memory"]["total_mb"]
    assert {disk["what"] for disk in told["disks"]} == {"data", "models"}
    assert told["database_bytes"] > 5_000_000
    assert told["speed"]["tokens_per_second"] > 0
    assert told["speed"]["first_token_s"] > 0
    assert told["restartable"] == ["program"]


@pytest.mark.parametrize(("span", "steps"), [("hour", 60), ("day", 96)])
def test_the_history_has_a_value_for_each_step(server: Server, span: str, steps: int) -> None:
    told = ask(server, f"history?span={span}")
    lists = [value for value in told.values() if isinstance(value, list)]
    assert len(lists) == 10
    assert {len(values) for values in lists} == {steps}


def test_the_examples_have_the_forms_of_the_answers() -> None:
    for entry in DeviceRoutes.entries():
        (form,) = entry.types().alternatives
        msgspec.convert(entry.example.response, form)


def test_only_owners_see_it(server: Server) -> None:
    for path in ("overview", "history", "log"):
        url = f"/v1/system/{path}"
        assert server.request("GET", url, key=ALICE_KEY).status_code == 403
        assert requests.get(server.url + url, timeout=PATIENCE_S).status_code == 401
    assert server.request("POST", "/v1/system/restart", key=ALICE_KEY, json={}).status_code == 403


def test_the_log_has_no_text_of_messages(server: Server) -> None:
    secret = "The pelican is in Zanzibar"
    server.chat(secret, conversation_id="log")
    server.request("GET", "/v1/memories/search", params={"q": secret})
    lines = ask(server, "log?level=debug&limit=1000")["lines"]
    assert any(line["process"] == "api" and "/v1/chat" in line["text"] for line in lines)
    assert not any("Zanzibar" in line["text"] or "elican" in line["text"] for line in lines)
    assert [line["at"] for line in lines] == sorted(line["at"] for line in lines)
    severe = ask(server, "log?level=warning")["lines"]
    assert all(line["level"] in ("warning", "error") for line in severe)


def test_the_log_is_bounded_and_survives_a_torn_line(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    handler = RecentLog(folder, "api")
    for n in range(3000):
        text = f"{n} " + "x" * 300
        handler.emit(logging.LogRecord("a", logging.INFO, "f", 1, text, None, None))
    sizes = [path.stat().st_size for path in folder.iterdir()]
    assert len(sizes) == 2
    assert sum(sizes) < 300_000
    with next(folder.glob("*.new")).open("ab") as file:
        file.write(b'{"at": "20')
    lines = read_recent_lines(folder, "info", 5)
    assert [line.text.split()[0] for line in lines] == ["2995", "2996", "2997", "2998", "2999"]
    (folder / "api-999999999.new").write_bytes(b"")
    (folder / "api-999999998.new").write_bytes(b"")
    handler.close()
    handler = RecentLog(folder, "api")
    handler.emit(logging.LogRecord("a", logging.ERROR, "f", 1, "after", None, None))
    assert len(list(folder.glob("api-99999*"))) == 1  # of those that ended, the last one
    assert [line.text for line in read_recent_lines(folder, "error", 5)] == ["after"]
    handler.close()


def test_what_a_board_says(tmp_path: Path) -> None:
    assert throttling(tmp_path) is None
    firmware = tmp_path / "devices/platform/soc/soc:firmware"
    firmware.mkdir(parents=True)
    (firmware / "get_throttled").write_text("50005\n")
    assert throttling(tmp_path) == (["under_voltage", "throttled"], ["under_voltage", "throttled"])
    (firmware / "get_throttled").write_text("nonsense")
    assert throttling(tmp_path) is None
    model = tmp_path / "model"
    model.write_bytes(b"Raspberry Pi 5 Model B Rev 1.0\0")
    assert board(model) == "Raspberry Pi 5 Model B Rev 1.0"


def test_a_minute_in_which_nothing_was_asked() -> None:
    sample = minute_of(Totals([]).since(Totals([])))
    assert (sample["requests"], sample["tokens"], sample["p99_ms"]) == (0, 0, None)


@pytest.fixture
def own(models_dir: Path) -> Iterator[Server]:
    """A server that may be started again."""
    folder = Path(tempfile.mkdtemp(prefix="pisov-again-"))
    running = Server(folder, models_dir).start()
    yield running
    running.remove()
    remove_data(folder)


def test_everything_is_started_again(own: Server) -> None:
    process = own.process
    assert process is not None
    before = ask(own, "overview")["started_at"]
    engine = own.child("pisovereign.engine.main")
    begun = own.request("POST", "/v1/system/restart", key=ADMIN_KEY, json={})
    assert begun.status_code == 202, begun.text
    wait_until(lambda: engine not in own.descendants(), 60, "the end")
    own.wait_ready()
    assert process.poll() is None
    assert ask(own, "overview")["started_at"] >= before
    assert own.child("pisovereign.engine.main") != engine
    device = {"target": "device"}
    assert own.request("POST", "/v1/system/restart", key=ADMIN_KEY, json=device).status_code == 409
    # It still ends as it is told to, and leaves nothing.
    assert own.stop() == 0
