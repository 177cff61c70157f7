"""The examples of README.md are run as they stand there; only address and key are replaced."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.docs.blocks import ROOT, blocks, read
from tests.support.browser import browser_page
from tests.support.server import ALICE_KEY, Server

ADDRESS, KEY = "http://127.0.0.1:3000", "YOUR_API_KEY"
LIMIT_S = 150


def examples(language: str, mark: str = "") -> list[str]:
    """The README's blocks in one language that hold `mark`."""
    found = [b.text for b in blocks(read("README.md")) if b.language == language and mark in b.text]
    assert found, f"README.md has no {language} example with {mark!r}"
    return found


def for_server(example: str, server: Server) -> str:
    assert ADDRESS in example
    assert KEY in example
    return example.replace(ADDRESS, server.url).replace(KEY, ALICE_KEY)


def run(command: list[str], **options: Any) -> str:
    """What a command prints; it must succeed."""
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=LIMIT_S, check=False, **options
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return str(done.stdout)


def newest_answer(server: Server) -> str:
    """The last answer of the conversation that was used last."""
    newest = server.request("GET", "/v1/conversations?limit=1").json()[0]["id"]
    messages = server.request("GET", f"/v1/conversations/{newest}").json()["messages"]
    assert messages[-1]["role"] == "assistant"
    return str(messages[-1]["content"])


def test_every_block_is_run_or_needs_no_run() -> None:
    # `console` is what sets the machine up; tests/tools covers what is behind it.
    known = {"console", "bash", "python", "javascript"}
    assert {block.language for block in blocks(read("README.md"))} == known


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs the package curl")
def test_curl(server: Server) -> None:
    whole, stream = examples("bash", "/v1/chat")
    answer = json.loads(run(["bash", "-euc", for_server(whole, server)]))
    assert answer["conversation_id"] == "geography"
    assert answer["content"] == newest_answer(server)
    events = run(["bash", "-euc", for_server(stream, server)])
    assert "event: message\ndata: {" in events
    done = events.partition("event: done\ndata: ")[2]
    assert json.loads(done)["conversation_id"] == "geography"
    stored = server.request("GET", "/v1/conversations/geography").json()
    assert [m["role"] for m in stored["messages"]] == ["user", "assistant"] * 2


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs the package curl")
def test_memories(server: Server) -> None:
    server.request("DELETE", "/v1/memories?confirm=all")
    (example,) = examples("bash", "/v1/memories")
    printed = run(["bash", "-euc", for_server(example, server)])
    assert printed.count("The boiler was last serviced in November") == 2


def test_python(server: Server) -> None:
    (example,) = examples("python")
    printed = run([sys.executable, "-c", for_server(example, server)])
    assert printed.removesuffix("\n") == newest_answer(server)


def test_terminal(server: Server, tmp_path: Path) -> None:
    (example,) = examples("bash", "pisovereign-cli")
    program = tmp_path / ".venv" / "bin" / "pisovereign-cli"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pisovereign.cli.main "$@"\n')
    program.chmod(0o755)
    environment = server.environment | {
        "PISOVEREIGN_URL": server.url,
        "PISOVEREIGN_API_KEY": ALICE_KEY,
        # For an environment that the project is not installed in.
        "PYTHONPATH": f"{ROOT}:{ROOT / 'native'}",
    }
    printed = run(["bash", "-euc", example], cwd=tmp_path, env=environment)
    assert printed.startswith("PiSovereign is ready\n")
    assert printed.endswith(newest_answer(server) + "\n")


def test_javascript(server: Server) -> None:
    (example,) = examples("javascript")
    with browser_page() as page:
        page.goto(f"{server.url}/health")
        printed: list[str] = []
        page.on("console", lambda m: printed.append(m.text) if m.type == "log" else None)
        page.evaluate(f"async () => {{\n{for_server(example, server)}\n}}")
    assert printed == [newest_answer(server)]


def test_javascript_reports_a_refusal(server: Server) -> None:
    (example,) = examples("javascript")
    with browser_page() as page:
        page.goto(f"{server.url}/health")
        script = example.replace(ADDRESS, server.url)
        with pytest.raises(Exception, match="Invalid or missing API key"):
            page.evaluate(f"async () => {{\n{script}\n}}")


def test_the_readme_stays_short() -> None:
    assert len(read("README.md").splitlines()) <= 150
