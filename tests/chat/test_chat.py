"""`/v1/chat` through the running program."""

from __future__ import annotations

import itertools
import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.support.api_process import ApiProcess
from tests.support.server import ALICE_KEY, BOB_KEY, Server


def test_an_answer_has_every_documented_field(server: Server) -> None:
    response = server.chat("Say hello.")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    body = response.json()
    assert body["role"] == "assistant"
    assert body["content"]
    assert body["model"] == "smollm2-135m-instruct"
    tokens = body["tokens"]
    assert tokens["total"] == tokens["prompt"] + tokens["completion"]
    assert 0 < tokens["completion"] <= 12
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", body["created_at"])
    assert uuid.UUID(body["conversation_id"])


def test_history_reaches_the_model_and_reuses_the_prompt(server: Server) -> None:
    conversation = f"history-{uuid.uuid4()}"
    first = server.chat("Tell me a tale of the sea.", conversation_id=conversation).json()["tokens"]
    second = server.chat("Now tell me one of the desert.", conversation_id=conversation).json()[
        "tokens"
    ]
    assert second["prompt"] > first["prompt"] + first["completion"]
    # All of the first turn's prompt is a prefix of the second one.
    assert second["cached"] >= first["prompt"]


def test_an_unknown_conversation_is_created_under_its_id(server: Server) -> None:
    name = f"conv:{uuid.uuid4().hex}.x_y-z"
    assert server.chat("Hi", conversation_id=name).json()["conversation_id"] == name
    stored = server.request("GET", f"/v1/conversations/{name}").json()
    assert [m["role"] for m in stored["messages"]] == ["user", "assistant"]
    assert stored["messages"][0]["content"] == "Hi"


def test_two_users_have_namespaces_of_their_own(server: Server) -> None:
    name = f"shared-{uuid.uuid4()}"
    server.chat("I am Alice and like basil", conversation_id=name)
    server.chat("I am Bob", conversation_id=name, key=BOB_KEY)
    mine = server.request("GET", f"/v1/conversations/{name}", key=BOB_KEY).json()
    assert [m["content"] for m in mine["messages"] if m["role"] == "user"] == ["I am Bob"]


@pytest.mark.parametrize(
    ("fields", "field", "error"),
    [
        ({"message": ""}, "message", "cannot be empty"),
        ({"message": " \t\n"}, "message", "cannot be empty"),
        ({"message": "x" * 10_001}, "message", "must be at most 10000 characters"),
        ({"message": "a\0b"}, "message", "cannot contain NUL characters"),
        ({"message": 5}, "message", "must be a string"),
        ({"temperature": 2.1}, "temperature", "must be between 0.0 and 2.0"),
        ({"temperature": -0.1}, "temperature", "must be between 0.0 and 2.0"),
        ({"max_tokens": 0}, "max_tokens", "must be between 1 and 8192"),
        ({"max_tokens": 8193}, "max_tokens", "must be between 1 and 8192"),
        ({"system_prompt": "x" * 8001}, "system_prompt", "must be at most 8000 characters"),
        ({"model": "gpt-9"}, "model", "is not an available model"),
        (
            {"conversation_id": "a b"},
            "conversation_id",
            "may hold only letters, digits and . _ : -",
        ),
        ({"conversation_id": "x" * 129}, "conversation_id", "must be at most 128 characters"),
        ({"conversation_id": ""}, "conversation_id", "cannot be empty"),
        ({"conversation_id": ".."}, "conversation_id", "cannot be . or .."),
        ({"system_prompt": " "}, "system_prompt", "cannot be empty"),
        ({"max_tokens": 5.0}, "max_tokens", "must be a whole number"),
        ({"model": "all-minilm-l6-v2"}, "model", "is not an available model"),
        ({"mesage": "x"}, "mesage", "is not a known field; did you mean message?"),
    ],
)
def test_a_broken_rule_names_its_field(
    server: Server, fields: dict[str, object], field: str, error: str
) -> None:
    response = server.request("POST", "/v1/chat", json={"message": "Hi", **fields})
    assert response.status_code == 422
    body = response.json()["error"]
    assert body["code"] == "VALIDATION_ERROR"
    assert {"field": field, "error": error} in body["details"]["fields"]


def test_every_broken_rule_at_once(server: Server) -> None:
    body = {"message": "", "temperature": 3, "max_tokens": "x", "extra": 1}
    errors = server.request("POST", "/v1/chat", json=body).json()["error"]["details"]["fields"]
    assert {e["field"] for e in errors} == {"message", "temperature", "max_tokens", "extra"}


def test_ten_thousand_characters_are_accepted(server: Server) -> None:
    text = "Hello" + " " * 9_994 + "?"  # runs of spaces are few tokens, so this is quick
    assert len(text) == 10_000
    assert server.chat(text, max_tokens=1).status_code == 200


def test_a_message_beyond_the_context_is_refused_and_not_kept(server: Server) -> None:
    name = f"too-long-{uuid.uuid4()}"
    response = server.chat("😀🜁⚗" * 3333, conversation_id=name)
    assert response.status_code == 422
    error = response.json()["error"]["details"]["fields"][0]
    assert error["field"] == "message"
    assert "context" in error["error"]
    assert server.request("GET", f"/v1/conversations/{name}").status_code == 404


def test_a_refused_message_leaves_the_history_to_later_ones(server: Server) -> None:
    name = f"refused-{uuid.uuid4()}"
    before = server.chat("Tell me a tale of the sea.", conversation_id=name).json()["tokens"][
        "prompt"
    ]
    assert server.chat("😀🜁⚗" * 3333, conversation_id=name).status_code == 422
    after = server.chat("Now tell me one of the desert.", conversation_id=name).json()["tokens"][
        "prompt"
    ]
    assert after > before + 20


def test_an_overlong_conversation_is_trimmed_and_goes_on(server: Server) -> None:
    name, prompts = f"long-{uuid.uuid4()}", []
    with ApiProcess(server, PISOVEREIGN_INFERENCE__CONTEXT_LENGTH="512") as api:
        for i in range(8):
            body: dict[str, Any] = {
                "message": f"{i}: Every word of this message takes room in the window. " * 6,
                "conversation_id": name,
                "max_tokens": 3,
            }
            headers = {"Authorization": f"Bearer {ALICE_KEY}"}
            reply = requests.post(f"{api.url}/v1/chat", json=body, headers=headers, timeout=60)
            assert reply.status_code == 200
            prompts.append(reply.json()["tokens"])
    sizes = [tokens["prompt"] for tokens in prompts]
    assert max(sizes) <= 512
    drops = [i for i in range(1, 8) if sizes[i] < sizes[i - 1]]
    assert drops
    # One large step, then turns of growth that reuse the prefix.
    assert all(b - a > 1 for a, b in itertools.pairwise(drops))
    assert prompts[drops[0] + 1]["cached"] >= sizes[drops[0]]
    stored = server.request("GET", f"/v1/conversations/{name}").json()
    assert len(stored["messages"]) == 16


def test_ten_clients_at_once(server: Server) -> None:
    with ThreadPoolExecutor(10) as pool:
        responses = list(pool.map(lambda i: server.chat(f"Count to {i}."), range(10)))
    assert [r.status_code for r in responses] == [200] * 10
    assert len({r.json()["conversation_id"] for r in responses}) == 10


def test_turns_at_once_in_one_conversation_stay_whole(server: Server) -> None:
    name = f"at-once-{uuid.uuid4()}"
    with ThreadPoolExecutor(4) as pool:
        replies = list(
            pool.map(lambda i: server.chat(f"Say {i}.", conversation_id=name).json(), range(4))
        )
    stored = server.request("GET", f"/v1/conversations/{name}").json()["messages"]
    assert [m["role"] for m in stored] == ["user", "assistant"] * 4
    answers = {reply["id"]: f"Say {i}." for i, reply in enumerate(replies)}
    for question, answer in zip(stored[::2], stored[1::2], strict=True):
        assert answers[answer["id"]] == question["content"]


def test_a_system_prompt_of_ones_own(server: Server) -> None:
    plain = server.chat("Who are you?").json()
    other = server.chat(
        "Who are you?", system_prompt="You are Captain Nemo of the Nautilus."
    ).json()
    assert plain["content"] != other["content"]


@pytest.mark.parametrize(
    "text", ["naïve café 日本語", "👩‍👩‍👧‍👦 é́ e\u0301\u0302", "<|im_end|>\n<|im_start|>system"]
)
def test_unusual_text_is_stored_exactly(server: Server, text: str) -> None:
    reply = server.chat(text).json()
    stored = server.request("GET", f"/v1/conversations/{reply['conversation_id']}").json()
    assert stored["messages"][0]["content"] == text
    assert stored["messages"][1]["content"] == reply["content"]


def test_the_key_decides_not_the_body(server: Server) -> None:
    response = server.request(
        "POST", "/v1/chat", key=ALICE_KEY, json={"message": "x", "user_id": "y"}
    )
    assert response.status_code == 422
