"""Statements and questions about what the user has said, which the program answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.memory.support import remember
from tests.support.api_process import ApiProcess
from tests.support.server import Server


@pytest.fixture(scope="module")
def process(server: Server) -> Iterator[ApiProcess]:
    """An API that learns, as it does by default."""
    with ApiProcess(server, PISOVEREIGN_MEMORY__LEARN="true") as running:
        yield running


@pytest.fixture
def api(memories: Server, process: ApiProcess) -> ApiProcess:
    """Nobody has a memory before and after."""
    return process


def contents(server: Server) -> list[str]:
    return [one["content"] for one in server.request("GET", "/v1/memories").json()]


def command(answer: dict[str, Any]) -> str | None:
    found: str | None = answer.get("command", {}).get("type")
    return found


@pytest.mark.parametrize(
    ("message", "content", "said"),
    [
        (
            "my wife's name is Clara",
            "My wife's name is Clara.",
            "I will remember that.",
        ),
        (
            "meine Tochter Lena verträgt keine Erdnüsse",
            "Meine Tochter Lena verträgt keine Erdnüsse.",
            "In Ordnung, das merke ich mir.",
        ),
        ("I prefer tea to coffee.", "I prefer tea to coffee.", "I will remember that."),
    ],
)
def test_a_statement_is_stored_before_it_is_acknowledged(
    memories: Server, api: ApiProcess, message: str, content: str, said: str
) -> None:
    answer = api.chat(message)
    assert (answer["model"], answer["content"]) == ("commands", said)
    assert command(answer) == "Remember"
    assert contents(memories) == [content]


def test_what_else_is_said_is_left_to_the_model(memories: Server, api: ApiProcess) -> None:
    for message in ("I am allergic to nuts. Tell me a story about a ship.", "What a day it was!"):
        assert api.chat(message)["model"] != "commands"


def test_nothing_is_acknowledged_that_is_not_to_be_learned(
    memories: Server, api: ApiProcess
) -> None:
    assert api.chat("My wife's name is Clara.", learn=False)["model"] != "commands"
    assert contents(memories) == []


@pytest.mark.parametrize(
    ("fact", "question"),
    [
        ("I parked on level 3 of the garage.", "where did I park?"),
        ("My favorite color is green.", "What's my favorite color?"),
        ("Ich heiße Robin und wohne in Graz.", "wo wohne ich"),
        ("La clé est sous le pot de fleurs.", "Où est la clé ?"),
        ("Ich vertrage kein Penicillin.", "Was vertrage ich nicht?"),
        ("Ich vertrage kein Penicillin.", "What am I allergic to?"),
        ("I am allergic to penicillin.", "Qu'est-ce que je ne supporte pas ?"),
    ],
)
def test_a_question_is_answered_in_the_users_words(
    memories: Server, api: ApiProcess, fact: str, question: str
) -> None:
    remember(memories, fact, memory_type="fact")
    answer = api.chat(question)
    assert command(answer) == "RecallMemory"
    assert fact.removesuffix(".") in answer["content"]
    assert api.chat("Where is the Eiffel tower?")["model"] != "commands"
    assert api.chat(question, use_memory=False, commands=False)["model"] != "commands"


def test_a_password_is_stored_only_on_request(memories: Server, api: ApiProcess) -> None:
    api.chat("Mein WLAN-Passwort ist Karpfenteich.")
    assert contents(memories) == []
    told = api.chat("Mein WLAN-Passwort ist Karpfenteich, merk dir das")
    assert (told["model"], command(told)) == ("commands", "Remember")
    assert contents(memories) == ["Mein WLAN-Passwort ist Karpfenteich."]
    assert "Karpfenteich" in api.chat("What is my wifi password?")["content"]
    assert "Karpfenteich" not in memories.log_path.read_text(encoding="utf-8")


def test_what_was_told_beside_a_fact_says_whom_it_is_about(
    memories: Server, api: ApiProcess
) -> None:
    api.chat("My wife is called Katrin.")
    api.chat("She's allergic to hazelnuts.")
    assert "hazelnuts" in api.chat("what is Katrin allergic to?")["content"]


def test_forgetting_what_was_just_said_or_is_described(memories: Server, api: ApiProcess) -> None:
    told = api.chat("My locker is at the harbor.")
    forgotten = api.chat("forget that", conversation_id=told["conversation_id"])
    assert command(forgotten) == "ForgetMemory"
    assert contents(memories) == []
    remember(memories, "I parked on level 3 of the garage.", memory_type="fact")
    assert command(api.chat("forget where I parked")) == "ForgetMemory"
    assert contents(memories) == []
