"""Conversations in which each message goes on from those before it, with the running program."""

from __future__ import annotations

import uuid

import pytest

from tests.channels.whatsapp.test_events import say
from tests.dialogue.conversations import (
    FOLDER,
    Conversation,
    check_stored,
    check_words,
    forget_everything,
    hold,
    load,
)
from tests.mcp.test_client import text_of, use
from tests.support.equipped import Equipped
from tests.support.server import AGENT_KEY

FILES = sorted(path.name for path in FOLDER.glob("??.toml"))
CONVERSATIONS = [conversation for file in FILES for conversation in load(file)]


def name_of(conversation: Conversation) -> str:
    return f"{conversation.language}: {conversation.name}"


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=name_of)
def test_in_chat(equipped: Equipped, conversation: Conversation) -> None:
    hold(equipped.server, conversation)


@pytest.mark.parametrize("conversation", [c for c in CONVERSATIONS if not c.anew], ids=name_of)
def test_on_whatsapp(equipped: Equipped, conversation: Conversation) -> None:
    forget_everything(equipped.server)
    for line in conversation.lines:
        answer = say(equipped, line.say)
        check_words(line, answer)
        check_stored(equipped.server, line, answer)


def test_over_mcp_everything_only_asks(equipped: Equipped) -> None:
    forget_everything(equipped.server)
    title = f"water the palm {uuid.uuid4().hex[:8]}"
    conversation = f"mcp-{uuid.uuid4()}"

    def tell(message: str) -> tuple[str, dict[str, object]]:
        given = {"message": message, "conversation_id": conversation}
        result = use(equipped.server, "converse", given, key=AGENT_KEY)
        assert not result.is_error, text_of(result)
        assert result.structured_content["conversation_id"] == conversation
        (command,) = result.structured_content["commands"]
        return text_of(result), command

    def status(approval: object) -> str:
        shown = equipped.server.request("GET", f"/v1/approvals/{approval}", key=AGENT_KEY).json()
        return str(shown["status"])

    _, asked = tell(f"Remind me to {title} tomorrow at 9 am")
    assert (asked["type"], asked["status"]) == ("CreateReminder", "pending_approval")
    text, changed = tell("make it 10")
    assert "10:00" in text
    assert changed["status"] == "pending_approval"
    assert status(asked["approval_id"]) == "cancelled"
    assert status(changed["approval_id"]) == "pending"
    _, withdrawn = tell("cancel that")
    assert withdrawn["status"] == "withdrawn"
    assert status(changed["approval_id"]) == "cancelled"


def test_what_a_model_has_led_up_to_only_asks_when_a_person_goes_on(equipped: Equipped) -> None:
    forget_everything(equipped.server)
    conversation = f"mcp-{uuid.uuid4()}"
    given = {"message": "Remind me to water the palm", "conversation_id": conversation}
    result = use(equipped.server, "converse", given, key=AGENT_KEY)
    (asked,) = result.structured_content["commands"]
    assert (asked["type"], asked["status"]) == ("CreateReminder", "incomplete")
    body = {"message": "tomorrow at 9 am", "conversation_id": conversation}
    answer = equipped.server.request("POST", "/v1/chat", json=body).json()
    assert answer["command"]["type"] == "CreateReminder"
    assert answer["command"]["status"] == "pending_approval"
