"""Trying a model before anybody depends on it: it has to read a message and write an answer."""

from __future__ import annotations

import asyncio

from pisovereign.engine.chat import Chat
from pisovereign.engine.errors import EngineError, ModelError
from pisovereign.engine.jobs import Done, Failed
from pisovereign.engine_client.types import ChatRequest, Message

LIMIT_S = 120.0
_TOKENS = 8
_LOOK_S = 5.0


async def probe(chat: Chat, model: str) -> None:
    """Have a model write one short answer, in the way that clients get theirs.

    Args:
        chat: prepares requests for the model.
        model: its id.

    Raises:
        ModelError: it does not, or not within two minutes.
    """
    request = ChatRequest(
        model=model,
        messages=[Message("system", "You are helpful."), Message("user", "Say hello.")],
        max_tokens=_TOKENS,
        temperature=0.0,
    )
    try:
        async with asyncio.timeout(LIMIT_S):
            tokens = await _answer(chat, request)
    except EngineError as error:
        raise ModelError(f"the model cannot answer: {error}") from None
    except TimeoutError:
        raise ModelError(f"the model did not answer within {LIMIT_S:g} s") from None
    if tokens == 0:
        raise ModelError("the model answers with nothing")


async def _answer(chat: Chat, request: ChatRequest) -> int:
    answer = await chat.start(request)
    try:
        while True:
            event = await answer.next(_LOOK_S)
            if isinstance(event, Failed):
                raise event.error
            if isinstance(event, Done):
                return event.completion_tokens
    finally:
        answer.close()
