"""The streamed answer with tools of docs/conversation.md, as the program gives it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from tests.docs.blocks import blocks, read
from tests.support.api_process import ApiProcess
from tests.support.equipped import Equipped
from tests.support.scripted_model import Calls

# What is another one each time.
_NEXT_PIECE = re.compile(r'"}\n\nevent: message\ndata: {"delta": ?"')
_VARYING = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|call_[0-9a-f]+|\d{4}-\d\d-\d\dT[\d:.]+Z|until [^:]*:\d\d"
    r'|"tokens":\{[^}]*\}|"model":"[^"]*"|"speed":\{[^}]*\}'
    r'|event: message\ndata: \{"delta":"[^\\"]*"\}\n\n'
)


@pytest.fixture
def acting(equipped: Equipped) -> Iterator[ApiProcess]:
    """The equipped program's API, where the model is given tools."""
    with ApiProcess(equipped.server, PISOVEREIGN_CHAT__TOOLS="on") as api:
        yield api


def block(language: str, kind: str) -> str:
    (found,) = [
        one.text
        for one in blocks(read("docs/conversation.md"))
        if (one.language, one.kind) == (language, kind)
    ]
    return found


def test_two_calls_and_an_approval(equipped: Equipped, acting: ApiProcess) -> None:
    equipped.model.script["other"] = [
        Calls(("weather", {"location": "Berlin"})),
        Calls(("create_reminder", {"title": "dentist", "remind_at": "2099-07-01T08:30"})),
        "It is dry until noon, so take the bike.",
    ]
    before = acting.request("GET", "/v1/reminders").json()
    request = json.loads(block("json", "request"))
    response = acting.request("POST", "/v1/chat/stream", json=request)
    shown, told = block("text", "events"), response.content.decode()
    events = "\n\n".join(e for e in told.strip().split("\n\n") if not e.startswith(":"))
    # In how many pieces an answer comes is told by nobody.
    came, expected = (_NEXT_PIECE.sub("", text) for text in (events, shown.strip()))
    assert _VARYING.sub("…", came) == _VARYING.sub("…", expected), told
    approval = re.findall(r'"approval_id": ?"([^"]+)"', told)[0]
    decided = acting.request("POST", f"/v1/approvals/{approval}/approve", json={})
    assert decided.json()["result"]["title"] == "dentist"
    after = acting.request("GET", "/v1/reminders").json()
    (reminder,) = [reminder for reminder in after if reminder not in before]
    acting.request("DELETE", f"/v1/reminders/{reminder['id']}")
