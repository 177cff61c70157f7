"""What people are told of how long an answer takes, and what follows from it."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pisovereign.languages.messages import load_messages
from tests.chat.test_answer_streams import ask, read
from tests.support.patience import PATIENCE_S
from tests.support.server import TWO_USERS, Server, wait_until


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory, models_dir: Path) -> Iterator[Server]:
    """Reads for a second at most, and takes any answer for a long one."""
    server = Server(
        tmp_path_factory.mktemp("impatient") / "data",
        models_dir,
        TWO_USERS,
        PISOVEREIGN_INFERENCE__MAX_PROMPT_S="1",
        PISOVEREIGN_CHAT__TOLD_AFTER_S="0",
        PISOVEREIGN_CHAT__RESUME_GRACE_S="0",
    )
    try:
        server.start()
        yield server
    finally:
        server.remove()


def say(server: Server, message: str, **fields: Any) -> list[tuple[str, Any]]:
    """The events of an answer."""
    body = {"message": message, "temperature": 0.0, "commands": False, **fields}
    text = server.request("POST", "/v1/chat/stream", json=body).text
    blocks = [block.split("\n") for block in text.split("\n\n") if block.startswith("event: ")]
    return [(name.removeprefix("event: "), json.loads(data[6:])) for name, data in blocks]


def told(server: Server) -> list[dict[str, Any]]:
    """What was told of answers that are ready."""
    text = server.request("GET", "/v1/events?after=0&follow=false").text
    events = [block.split("\n") for block in text.split("\n\n") if "event: answer_ready" in block]
    return [
        json.loads(line.removeprefix("data: "))
        for lines in events
        for line in lines
        if line.startswith("data: ")
    ]


def test_the_first_event_says_how_long_it_takes(server: Server) -> None:
    events = say(server, "What is tea?", max_tokens=12)
    assert [kind for kind, _ in events].count("expected") == 1
    kind, data = events[0]
    assert kind == "expected"
    assert 0 < data["expected_s"]["first"] <= data["expected_s"]["end"]
    assert "notice" not in data
    assert events[-1][0] == "done"


def test_an_answer_that_can_be_taken_up_again_says_so_too(server: Server) -> None:
    asked = ask(server, "What is coffee?", commands=False, max_tokens=12)
    kinds = [kind for _, kind, _ in read(asked)]
    assert kinds[:2] == ["started", "expected"]
    assert kinds[-1] == "done"


def test_who_need_not_wait_is_told_once_it_is_there(impatient: Server) -> None:
    response = ask(impatient, "Tell me a story about a ship.", commands=False, max_tokens=120)
    message = ""
    for _, kind, data in read(response):
        message = message or data.get("message_id", "")
        if kind == "expected":
            assert data["notice"] == load_messages("en", "chat").say("when_done")
            break
    response.close()

    def ready() -> list[dict[str, Any]]:
        return [each for each in told(impatient) if each["message_id"] == message]

    # Without a promise it would have ended with its client.
    wait_until(ready, PATIENCE_S, "the notice")
    (notice,) = ready()
    path = f"/v1/conversations/{notice['conversation_id']}/messages"
    question, answer = impatient.request("GET", path).json()
    assert question["id"] == message
    assert answer["details"]["finish_reason"] != "stopped"
    assert notice["text"].startswith("Your answer is ready: ")


def test_a_message_that_takes_too_long_is_read_in_part(impatient: Server) -> None:
    chance = random.Random(1)
    words = ("river", "table", "green", "window", "paper", "garden", "winter", "stone", "music")
    text = ". ".join(" ".join(chance.choice(words) for _ in range(8)) for _ in range(190))
    asked = f"What is this about?\n\n{text}"
    events = say(impatient, asked, max_tokens=16)
    content = "".join(data["delta"] for kind, data in events if kind == "message")
    note = load_messages("en", "chat").say("left_out.message")
    assert content.endswith(note), events
    # Each word is a token at least.
    assert events[-1][1]["tokens"]["prompt"] < len(asked.split())
    usual = say(impatient, "What is tea?", max_tokens=16)
    assert note not in "".join(data["delta"] for kind, data in usual if kind == "message")
