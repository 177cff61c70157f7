"""Servers of others, as they are: `mcp-server-time` and `-git` of PyPI, three of npm.

`python -m tools.tool_servers FOLDER` installs them, in a folder that the account of commands can
read; `PISOVEREIGN_TEST_TOOL_SERVERS` names it.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.acting import Acting
from tests.support.patience import PATIENCE_S
from tests.support.scripted_model import Calls
from tests.support.server import ADMIN_KEY, clean_environment, free_port, wait_until

INSTALLED = os.environ.get("PISOVEREIGN_TEST_TOOL_SERVERS", "")
pytestmark = pytest.mark.skipif(
    not INSTALLED, reason="no public tool servers: PISOVEREIGN_TEST_TOOL_SERVERS names none"
)
FOLDER = Path(INSTALLED)
NODE_BIN = FOLDER / "node/node_modules/.bin"
ASKS = "I wonder about something that one of your tools may know"


def node(name: str, *arguments: str) -> list[str]:
    return [shutil.which("node") or "node", str(NODE_BIN / name), *arguments]


@pytest.fixture
def notes() -> Iterator[Path]:
    """A folder of somebody's."""
    folder = Path(tempfile.mkdtemp(dir=FOLDER, prefix="notes-"))
    folder.chmod(0o777)
    (folder / "shopping.txt").write_text("Milk and bread\n")
    yield folder
    shutil.rmtree(folder)


class Served:
    """One server, as the program has it."""

    def __init__(self, program: Acting, name: str, place: dict[str, Any]) -> None:
        self.program = program
        self.name = name
        program.model.forget()
        self._ask("PUT", "", json=place)
        tried = self._ask("POST", "/test")
        assert tried["status"] == "works", tried["detail"]
        assert [tool["name"] for tool in tried["tools"] if tool["status"] == "unusable"] == []
        # Everything is allowed, and what says that it only reads runs without an approval.
        allowed = [
            {"name": each["name"], "fingerprint": each["fingerprint"], "direct": each["reads_only"]}
            for each in tried["tools"]
        ]
        self._ask("PUT", "/tools", json={"allowed": allowed})

    def _ask(self, method: str, path: str, **more: Any) -> Any:
        address = f"/v1/mcp/servers/{self.name}{path}"
        response = self.program.server.request(method, address, key=ADMIN_KEY, **more)
        assert response.status_code < 300, response.text
        return response.json() if response.content else None

    def use(self, tool: str, arguments: dict[str, Any], says: str) -> dict[str, Any]:
        """What came of a call that the model makes in chat."""
        called = f"{self.name}__{tool}"
        self.program.model.script["other"] = [Calls((called, arguments)), says]
        answer = self.program.server.chat(ASKS, key=ADMIN_KEY).json()
        use: dict[str, Any] = answer["tools"][0]
        print(f"\n> {ASKS}\n  {called} {arguments}\n  {use['status']}: {use['text']}")
        print(f"  {answer['content']}")
        return use

    def approve(self, use: dict[str, Any]) -> dict[str, Any]:
        """What came of an approval."""
        path = f"/v1/approvals/{use['approval_id']}"
        lines = self.program.server.request("GET", path, key=ADMIN_KEY).json()["lines"]
        for line in lines:
            print(f"    {line['label']}: {line['text']}")
        self.program.server.request("POST", f"{path}/approve", key=ADMIN_KEY, json={})
        done: dict[str, Any] = self.program.server.request("GET", path, key=ADMIN_KEY).json()
        print(f"  {done['status']}: {done['result'] or done['reason']}")
        return done

    def remove(self) -> None:
        """The program has it no more."""
        self._ask("DELETE", "")


def test_the_time(program: Acting) -> None:
    served = Served(program, "clock", {"command": [str(FOLDER / "python/bin/mcp-server-time")]})
    use = served.use("get_current_time", {"timezone": "Europe/Berlin"}, "It is late in Berlin.")
    assert use["status"] == "completed"
    assert '"timezone": "Europe/Berlin"' in use["text"]
    wrong = served.use("get_current_time", {"timezone": "Mars/Base"}, "I do not know.")
    assert wrong["status"] == "failed"
    served.remove()


def test_a_repository(program: Acting, notes: Path) -> None:
    subprocess.run(["git", "init", "-q", str(notes)], check=True)
    for each in (notes / ".git").rglob("*"):
        each.chmod(0o777)
    (notes / ".git").chmod(0o777)
    place = {
        "command": [str(FOLDER / "python/bin/mcp-server-git")],
        "folders": [{"path": str(notes)}],
        "env": {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
        },
    }
    served = Served(program, "code", place)
    use = served.use("git_status", {"repo_path": str(notes)}, "One file is new.")
    assert "shopping.txt" in use["text"]
    served.remove()


def test_files_are_read_at_once_and_written_after_an_approval(program: Acting, notes: Path) -> None:
    place = {
        "command": node("mcp-server-filesystem", str(notes)),
        "folders": [{"path": str(notes), "write": True}],
    }
    served = Served(program, "files", place)
    read = served.use(
        "read_text_file", {"path": str(notes / "shopping.txt")}, "Milk and bread are on it."
    )
    assert read["text"].strip() == "Milk and bread"
    written = served.use(
        "write_file", {"path": str(notes / "party.txt"), "content": "Balloons"}, "It waits."
    )
    assert written["status"] == "pending_approval"
    assert not (notes / "party.txt").exists()
    assert served.approve(written)["status"] == "executed"
    assert (notes / "party.txt").read_text() == "Balloons"
    outside = served.use("read_text_file", {"path": "/etc/passwd"}, "I may not read that.")
    assert outside["status"] == "failed"
    served.remove()


def test_a_memory(program: Acting, notes: Path) -> None:
    place = {
        "command": node("mcp-server-memory"),
        "folders": [{"path": str(notes), "write": True}],
        "env": {"MEMORY_FILE_PATH": str(notes / "memory.json")},
    }
    served = Served(program, "graph", place)
    ada = {"name": "Ada", "entityType": "person", "observations": ["likes tea"]}
    made = served.use("create_entities", {"entities": [ada]}, "It waits.")
    assert served.approve(made)["status"] == "executed"
    found = served.use("search_nodes", {"query": "tea"}, "Ada likes tea.")
    assert "likes tea" in found["text"]
    served.remove()


def test_everything_over_http(program: Acting) -> None:
    port = free_port()
    running = subprocess.Popen(
        node("mcp-server-everything", "streamableHttp"),
        env=clean_environment({"PORT": str(port)}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:

        def listens() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        wait_until(listens, 60, "the server's start")
        served = Served(program, "everything", {"url": f"http://127.0.0.1:{port}/mcp"})
        echo = served.use("echo", {"message": "Hello"}, "It says hello.")
        assert echo["text"] == "Echo: Hello"
        added = served.use("get-sum", {"a": 2, "b": 3}, "That is 5.")
        assert "5" in added["text"]
        picture = served.use("get-tiny-image", {}, "A picture.")
        assert "[image: not shown]" in picture["text"]
        served.remove()
    finally:
        running.terminate()
        running.wait(PATIENCE_S)
