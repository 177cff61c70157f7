"""Home Assistant's own Wyoming integration, unmodified, with our door for voice."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from tests.home_assistant.test_ollama import available, speech
from tests.support.api_process import ApiProcess
from tests.support.home_assistant import HomeAssistant
from tests.support.server import Server, free_port, wait_until
from tests.wyoming.client import can_connect
from tests.wyoming.conftest import settings

AGENT = "conversation.pisovereign"


@pytest.fixture(scope="module")
def voice(home_assistant: HomeAssistant, server: Server) -> Iterator[ApiProcess]:
    """What listens, set up in Home Assistant by its own flow."""
    port = free_port()
    with ApiProcess(server, **settings(port)) as api:
        wait_until(lambda: can_connect(port), 60, "the door for voice")
        step = home_assistant.set_up("wyoming", {"host": "127.0.0.1", "port": port})
        assert step["title"] == "PiSovereign"
        available(home_assistant, AGENT)
        yield api


def test_its_agent_speaks_every_language(home_assistant: HomeAssistant, voice: ApiProcess) -> None:
    (found,) = home_assistant.commands({"type": "conversation/agent/list"})
    (agent,) = [each for each in found["agents"] if each["id"] == AGENT]
    assert {"en", "de", "fr"} <= set(agent["supported_languages"])


def test_a_conversation_goes_on(home_assistant: HomeAssistant, voice: ApiProcess) -> None:
    title = f"feed the cat {uuid.uuid4().hex[:6]}"
    first = home_assistant.converse(f"Remind me to {title} tomorrow at 8", AGENT)
    conversation = first["conversation_id"]
    assert first["response"]["response_type"] == "action_done"
    assert title in speech(first)
    second = home_assistant.converse("make it 9:30", AGENT, conversation=conversation)
    assert "09:30" in speech(second)
    entries = voice.request("GET", "/v1/reminders?status=open").json()
    (mine,) = [each for each in entries if each["title"] == title]
    voice.request("DELETE", f"/v1/reminders/{mine['id']}")
    stored = voice.request("GET", f"/v1/conversations/voice-{conversation}")
    assert stored.status_code == 200
    print(f"\n> Remind me to {title} tomorrow at 8\n{speech(first)}\n> make it 9:30")
    print(speech(second))


def test_german_is_answered_in_german(home_assistant: HomeAssistant, voice: ApiProcess) -> None:
    said = home_assistant.converse("Wie viel ist sechs mal sieben?", AGENT, language="de")
    assert "42" in speech(said)
    print(f"\n> Wie viel ist sechs mal sieben?\n{speech(said)}")


def test_what_needs_an_approval_waits(home_assistant: HomeAssistant, voice: ApiProcess) -> None:
    said = home_assistant.converse("Restart the service", AGENT)
    assert "approval" in speech(said)
    home_assistant.converse("yes", AGENT, conversation=said["conversation_id"])
    newest = voice.request("GET", "/v1/approvals?limit=1").json()[0]
    assert newest["status"] == "pending"
    voice.request("POST", f"/v1/approvals/{newest['id']}/cancel")
    print(f"\n> Restart the service\n{speech(said)}")


def test_a_model_answers(home_assistant: HomeAssistant, voice: ApiProcess) -> None:
    said = home_assistant.converse("Tell me something about the sea.", AGENT)
    assert said["response"]["response_type"] == "action_done"
    assert speech(said).strip()
    print(f"\n> Tell me something about the sea.\n{speech(said)}")


def test_what_cannot_be_answered_is_an_error_in_words(
    home_assistant: HomeAssistant, voice: ApiProcess
) -> None:
    said = home_assistant.converse("x" * 10_001, AGENT)
    assert said["response"]["response_type"] == "error"
    assert speech(said) == "Sorry, that is too long for me."
