"""Answers of the model that claim what was not done, through the running program."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from pisovereign.languages import LANGUAGES
from pisovereign.languages.messages import load_messages
from pisovereign.memory.learning import LEAST_CHARACTERS
from tests.chat.test_stream import events
from tests.support.api_process import ApiProcess
from tests.support.scripted_model import ScriptedModel
from tests.support.server import Server

QUESTION = "Tell me about the sea."
CLAIM = "It is wide. I've set a reminder for 8. Anything else?"
TRUE = "It is wide.\n\nNothing was changed by this."


@pytest.fixture(scope="module")
def model(server: Server) -> Iterator[ScriptedModel]:
    with ScriptedModel(server.data_dir / "run" / "engine.sock") as running:
        yield running


@pytest.fixture(scope="module")
def api(server: Server, model: ScriptedModel) -> Iterator[ApiProcess]:
    with ApiProcess(
        server,
        PISOVEREIGN_INFERENCE__BASE_URL=model.url,
        PISOVEREIGN_INFERENCE__MODEL="scripted",
        PISOVEREIGN_INFERENCE__CONTEXT_LENGTH="2048",
        PISOVEREIGN_MEMORY__LEARN="false",
    ) as process:
        yield process


@pytest.fixture
def says(api: ApiProcess, model: ScriptedModel) -> Iterator[list[Any]]:
    """What the model says next."""
    model.forget()
    yield model.script["other"]
    model.forget()


def ask(api: ApiProcess, message: str, **fields: Any) -> dict[str, Any]:
    response = api.request("POST", "/v1/chat", json={"message": message, **fields})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def test_a_claim_is_replaced_by_what_is_true(api: ApiProcess, says: list[Any]) -> None:
    says.append(CLAIM)
    answer = ask(api, QUESTION)
    assert answer["content"] == TRUE
    assert answer["claim_withheld"] is True
    assert answer["finish_reason"] == "stop"


def test_it_says_so_in_the_language_of_the_message(api: ApiProcess, says: list[Any]) -> None:
    says.append("Klar! Ich habe das für dich eingetragen.")
    answer = ask(api, "Und was ist mit dem Rasen, wie geht das?")
    assert answer["content"].startswith("Ich habe nichts getan")


def test_a_stream_shows_what_is_stored(api: ApiProcess, says: list[Any]) -> None:
    says.append(CLAIM)
    name = f"withheld-{uuid.uuid4()}"
    response = api.request(
        "POST", "/v1/chat/stream", json={"message": QUESTION, "conversation_id": name}
    )
    found = events(response)
    assert "".join(data["delta"] for kind, data in found if kind == "message") == TRUE
    assert found[-1][1]["claim_withheld"] is True
    stored = api.request("GET", f"/v1/conversations/{name}").json()["messages"]
    assert stored[1]["content"] == TRUE


def test_the_model_is_not_told_its_claim_later(
    api: ApiProcess, says: list[Any], model: ScriptedModel
) -> None:
    name = f"withheld-{uuid.uuid4()}"
    says.extend((CLAIM, "It is salty."))
    ask(api, QUESTION, conversation_id=name)
    assert ask(api, "Why is it wide?", conversation_id=name)["content"] == "It is salty."
    assert all("reminder" not in message["content"] for message in model.asked["other"][-1])


def test_what_claims_nothing_is_as_the_model_said_it(api: ApiProcess, says: list[Any]) -> None:
    text = "Sure. Water is wet.\n\n- one\n- two\n"
    says.append(text)
    answer = ask(api, QUESTION)
    assert answer["content"] == text
    assert "claim_withheld" not in answer


def test_what_was_not_sure_is_offered_and_a_yes_does_it(api: ApiProcess, says: list[Any]) -> None:
    says.append("Sure! I've added dinner to your calendar.")
    name = f"offer-{uuid.uuid4()}"
    answer = ask(api, "Put dinner with Ada into my calendar on Friday", conversation_id=name)
    assert answer["content"].startswith("I have not done anything. Do you want this: ")
    assert "dinner with Ada" in answer["content"]
    yes = ask(api, "yes", conversation_id=name)
    assert yes["command"]["type"] == "CreateCalendarEvent"
    assert yes["command"]["status"] == "completed"


@pytest.mark.parametrize("language", LANGUAGES)
def test_after_saying_so_it_is_learned(language: str) -> None:
    assert len(load_messages(language, "chat").say("learned")) >= LEAST_CHARACTERS


def test_what_is_learned_is_said_to_be_remembered(
    memories: Server, model: ScriptedModel, says: list[Any]
) -> None:
    says.append("Got it! I've saved that to your notes.")
    with ApiProcess(
        memories,
        PISOVEREIGN_INFERENCE__BASE_URL=model.url,
        PISOVEREIGN_INFERENCE__MODEL="scripted",
        PISOVEREIGN_INFERENCE__CONTEXT_LENGTH="2048",
        PISOVEREIGN_MEMORY__LEARN="true",
    ) as learning:
        # As a command it would be acknowledged without a model.
        answer = ask(learning, "I am allergic to hazelnuts and walnuts.", commands=False)
    assert answer["content"] == "I will remember that."
    assert answer["claim_withheld"] is True
