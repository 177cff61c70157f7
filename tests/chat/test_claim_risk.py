"""For which answers words are held, known before the first of them."""

from __future__ import annotations

import asyncio
from typing import cast
from uuid import UUID, uuid4

import pytest

from pisovereign.chat.claim_risk import ClaimRisk
from pisovereign.chat.claims import ClaimDetector
from pisovereign.chat.types import ANSWERED_BY, Turn
from pisovereign.memory.service import MemoryService
from pisovereign.parsing.service import ParseService

USER = uuid4()


class Asks:
    """What the intent model would say of each text."""

    def __init__(self, probability: float) -> None:
        self.probability = probability

    async def asks_for_deeds(self, user: UUID, text: str) -> float:
        assert user == USER
        return self.probability


class Learns:
    """What the memory would make of each text."""

    def __init__(self, *, anything: bool) -> None:
        self.anything = anything

    async def would_learn(self, message: str) -> bool:
        return self.anything


def said(text: str, seq: int = 0) -> Turn:
    return Turn(seq=seq, role="user", sent=text, said=text)


def answered(text: str, *, model: str = "smollm2-135m-instruct", seq: int = 1) -> Turn:
    return Turn(seq=seq, role="assistant", sent=text, model=model)


def may_claim(
    message: str,
    *history: Turn,
    asks: float = 0.01,
    learns: bool = False,
    others: tuple[str | None, ...] = (),
) -> bool:
    parsing, memory = cast(ParseService, Asks(asks)), cast(MemoryService, Learns(anything=learns))
    risk = ClaimRisk(ClaimDetector(), parsing, memory)
    return asyncio.run(risk.of(USER, message, history, others))


@pytest.mark.parametrize(
    "message",
    [
        "Why do cats purr?",
        "How does a bicycle stay upright?",
        "Warum ist der Himmel blau?",
        "Pourquoi le ciel est-il bleu ?",
    ],
)
def test_a_question_about_the_world_may_not(message: str) -> None:
    assert not may_claim(message)
    assert not may_claim(message, said("Hello"), answered("Hello! How are you?"), others=(None, ""))


@pytest.mark.parametrize(
    "message",
    [
        "Remind me to call mum",
        "Did you set the alarm?",
        "Hast du die Erinnerung eingetragen?",
        "As-tu ajouté le lait ?",
    ],
)
def test_whoever_names_a_deed_may_be_told_of_one(message: str) -> None:
    assert may_claim(message)
    assert may_claim("Why?", said(message), answered("I cannot say."))
    assert may_claim("Why?", others=(message,))


def test_what_the_intent_model_takes_for_a_request_is_held() -> None:
    assert may_claim("It is rather dark in here", asks=0.3)
    assert not may_claim("It is rather dark in here", asks=0.1)


def test_what_commands_answered_just_before_may_be_claimed_again() -> None:
    told = answered("Two things.", model=ANSWERED_BY)
    assert may_claim("And?", said("What is up?"), told)
    later = [turn for n in range(3) for turn in (said("And?"), answered("Cats purr."))]
    assert not may_claim("And?", said("What is up?"), told, *later)


def test_what_is_stated_may_be_claimed_to_have_been_noted() -> None:
    assert may_claim("I am allergic to hazelnuts", learns=True)
    assert not may_claim("I am allergic to hazelnuts")
    assert not may_claim("Are hazelnuts nuts?", learns=True)


@pytest.mark.parametrize(
    ("message", "is_talk"),
    [
        ("Why do cats purr?", True),
        ("Why do onions make people cry?", True),
        ("Add milk to my list", False),
        ("Can you send the mail?", False),
        ("yes, please", False),
    ],
)
def test_what_looks_like_talk_at_once(message: str, is_talk: bool) -> None:
    parsing, memory = cast(ParseService, Asks(0)), cast(MemoryService, Learns(anything=False))
    assert ClaimRisk(ClaimDetector(), parsing, memory).looks_like_talk(message) is is_talk
