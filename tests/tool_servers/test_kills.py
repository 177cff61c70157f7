"""Whatever is killed between a call and its answer, the call is made once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support.acting import Acting, acting
from tests.support.mcp_server import NotesServer
from tests.support.scripted_model import Calls
from tests.support.server import ADMIN_KEY, Server
from tests.tool_servers.test_chat import WRITES, Tools

ENDED = ("executed", "failed")


@pytest.fixture(scope="module")
def program(server: Server, models_dir: Path) -> Iterator[Acting]:
    """A program that is killed."""
    with acting(server, models_dir) as running:
        yield running


@pytest.fixture
def tools(program: Acting, served: NotesServer) -> Tools:
    program.model.forget()
    tools = Tools(program, served)
    tools.add()
    tools.allow("write_note")
    return tools


def asked(tools: Tools, text: str) -> str:
    """The id of the approval of a call."""
    answer = tools.chat(
        WRITES, Calls(("notes__write_note", {"name": "a", "text": text})), "It waits."
    )
    return str(answer["tools"][0]["approval_id"])


def approve(tools: Tools, approval: str) -> None:
    """Approve, whatever becomes of the connection."""
    try:
        tools.program.server.request(
            "POST", f"/v1/approvals/{approval}/approve", key=ADMIN_KEY, json={}, timeout=120
        )
    except requests.RequestException:
        return


def ended(tools: Tools, approval: str) -> dict[str, Any]:
    """The approval once nobody works on it any more."""
    until = time.monotonic() + 120
    while True:
        shown: dict[str, Any] = tools.program.server.request(
            "GET", f"/v1/approvals/{approval}", key=ADMIN_KEY
        ).json()
        if shown.get("status") in ENDED:
            return shown
        assert time.monotonic() < until, shown
        time.sleep(0.2)


def test_a_program_that_is_killed_in_a_call_does_not_make_it_again(tools: Tools) -> None:
    notes = tools.served.notes
    notes.die_after_writing = True
    approval = asked(tools, "killed program")
    deciding = threading.Thread(target=approve, args=(tools, approval))
    deciding.start()
    assert notes.called.wait(60)
    tools.program.server.kill_everything()
    deciding.join(120)
    notes.die_after_writing = False
    tools.program.server.start()
    done = ended(tools, approval)
    assert done["status"] == "failed"
    assert "may have been carried out" in done["reason"]
    assert "not repeated" in done["reason"]
    assert len(notes.calls) == 1
    tools.request("DELETE", "/notes")


def test_a_server_that_is_killed_in_a_call_is_not_asked_again(tools: Tools) -> None:
    notes = tools.served.notes
    notes.die_after_writing = True
    approval = asked(tools, "killed server")
    deciding = threading.Thread(target=approve, args=(tools, approval))
    deciding.start()
    assert notes.called.wait(60)
    tools.served.stop()
    deciding.join(120)
    notes.die_after_writing = False
    tools.served.start()
    done = ended(tools, approval)
    assert done["status"] == "failed"
    assert "whether it was done is not known" in done["reason"]
    assert len(notes.calls) == 1
    tools.request("DELETE", "/notes")


def test_a_server_that_is_away_leaves_the_approval_waiting(tools: Tools) -> None:
    approval = asked(tools, "away")
    tools.served.stop()
    approve(tools, approval)
    path = f"/v1/approvals/{approval}"
    assert tools.program.server.request("GET", path, key=ADMIN_KEY).json()["status"] == "pending"
    tools.served.start()
    assert len(tools.served.notes.calls) == 0
    tools.request("DELETE", "/notes")
