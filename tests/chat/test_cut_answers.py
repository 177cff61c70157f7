"""Answers that end before they are complete, and say so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from pisovereign.languages.messages import load_messages
from tests.chat.test_stream import events
from tests.support.api_process import ApiProcess
from tests.support.scripted_model import Cut, ScriptedModel, Slow
from tests.support.server import Server

NOTE = load_messages("en", "chat").say("cut")
QUESTION = "List every country in the world with its capital."


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
        PISOVEREIGN_INFERENCE__MAX_ANSWER_S="1",
        PISOVEREIGN_MEMORY__LEARN="false",
    ) as process:
        yield process


def ask(api: ApiProcess, **fields: Any) -> dict[str, Any]:
    response = api.request("POST", "/v1/chat", json={"message": QUESTION, **fields})
    answer: dict[str, Any] = response.json()
    return answer


def test_a_cut_answer_says_so(api: ApiProcess, model: ScriptedModel) -> None:
    model.script["other"] += [Cut("One is Peru. Another"), Cut("One is Peru. Another")]
    answer = ask(api)
    assert answer["content"] == f"One is Peru. Another\n\n{NOTE}"
    assert answer["finish_reason"] == "length"
    streamed = api.request("POST", "/v1/chat/stream", json={"message": QUESTION}, stream=True)
    *pieces, (_, done) = events(streamed)
    assert "".join(data["delta"] for kind, data in pieces if kind == "message") == answer["content"]
    assert done["finish_reason"] == "length"


def test_who_says_how_long_an_answer_may_be_gets_only_that(
    api: ApiProcess, model: ScriptedModel
) -> None:
    model.script["other"].append(Cut("One is"))
    answer = ask(api, max_tokens=2)
    assert (answer["content"], answer["finish_reason"]) == ("One is", "length")


def test_no_answer_is_empty(api: ApiProcess, model: ScriptedModel) -> None:
    model.script["other"] += ["", Cut("")]
    assert ask(api)["content"] == load_messages("en", "chat").say("no_answer")
    assert ask(api)["content"] == NOTE


def test_a_slow_model_ends_in_time(api: ApiProcess, model: ScriptedModel) -> None:
    words = " ".join(f"{number} is no country." for number in range(1000))
    model.script["other"].append(Slow(words))
    answer = ask(api)
    assert answer["finish_reason"] == "length"
    shown = answer["content"].removesuffix(f"\n\n{NOTE}")
    assert shown != answer["content"]
    assert shown
    assert words.startswith(shown.strip())


def test_a_model_that_says_nothing_more_ends_in_time(api: ApiProcess, model: ScriptedModel) -> None:
    """The engine holds back what repeats itself, for as long as that may still be told."""
    model.script["other"].append(Slow("One"))
    answer = ask(api)
    assert answer["finish_reason"] == "length"
    assert answer["content"].split() == f"One {NOTE}".split()
