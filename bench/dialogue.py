"""What is said to a chat server and what comes back, whatever protocol it speaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A chat server.

    Attributes:
        dialect: `pisovereign` is `/v1/chat/stream`, where the server keeps the conversation;
            `dialects/openai` is `/v1/chat/completions`, where the client sends all of it each time.
        url: address of that route.
        headers: HTTP headers of each request.
        extra: fields of each request's body.
        system_prompt: sent in front by an `dialects/openai` client; the other server has its own.
        model: named by an `dialects/openai` client, where the server wants that.
        socket: path of a UNIX socket, if it does not listen on the network.
    """

    dialect: Literal["pisovereign", "openai"]
    url: str
    headers: Mapping[str, str] = {}
    extra: Mapping[str, int | float | bool] = {}
    system_prompt: str = ""
    model: str = ""
    socket: str = ""


class Say(msgspec.Struct, frozen=True, kw_only=True):
    """One message.

    Attributes:
        conversation: its name; a new one begins a conversation.
        message: the text.
        max_tokens: of the answer.
        at_s: when it is sent, counted from the start of its phase.
        cancel_s: when the client leaves, counted from `at_s`; 0 if it stays.
    """

    conversation: str
    message: str
    max_tokens: int
    at_s: float = 0.0
    cancel_s: float = 0.0


class Dialogue(msgspec.Struct, frozen=True):
    """Messages in phases: the next one starts when the last answer of the one before is complete.

    Within a phase nobody waits for anybody: it is an open loop.
    """

    target: Target
    phases: Sequence[Sequence[Say]]


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """One answer; times in seconds after the message was due.

    Attributes:
        due_s: when the message was due, after the start of its phase.
        first_s: the first text; 0 if there was none.
        end_s: the end of the answer.
        gaps_s: times between one piece of text and the next.
        tokens: tokens of the answer.
        prompt_tokens: tokens of the prompt,
        cached_tokens: and how many of them were not computed.
        problem: why the answer is not complete; empty if it is.
    """

    due_s: float
    first_s: float
    end_s: float
    gaps_s: list[float]
    tokens: int
    prompt_tokens: int
    cached_tokens: int
    problem: str = ""


Phases = list[list[Heard]]


def tokens_per_second(phase: Sequence[Heard]) -> float:
    """Tokens of all answers over the time from the first message to the end of the last answer."""
    start = min(heard.due_s for heard in phase)
    end = max(heard.due_s + heard.end_s for heard in phase)
    return sum(heard.tokens for heard in phase) / (end - start)
