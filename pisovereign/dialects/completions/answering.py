"""Asking the engine, with its refusals told in the fields of the request."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from uuid import UUID

import msgspec

from pisovereign.engine_client import types as wire
from pisovereign.engine_client.answer_cache import CachedAnswers
from pisovereign.engine_client.client import AnswerEvent, ContextExceeded
from pisovereign.errors import EngineRefused, TooLong, ValidationFailed

# How our engine begins a refusal.
_FIELD = re.compile(r"((?:response_format|tools|tool_choice|messages)[\w.\[\]]*): (.+)", re.DOTALL)


class PreparedRequest(msgspec.Struct, frozen=True):
    """A request as the engine takes it, and whose it is."""

    user: UUID
    request: wire.ChatRequest

    @classmethod
    def of(cls, user: UUID, request: wire.ChatRequest) -> PreparedRequest:
        """Return a request of somebody, whose prompts share what was computed for theirs alone."""
        key = wire.prompt_cache_key(user)
        return cls(user, msgspec.structs.replace(request, prompt_cache_key=key))


class CompletionRunner:
    """Asks the model.

    Args:
        answers: The model.
    """

    def __init__(self, answers: CachedAnswers) -> None:
        self._answers = answers

    async def events(self, asked: PreparedRequest) -> AsyncGenerator[AnswerEvent]:
        """Yield the answer in pieces; the last is `Finished`.

        Raises:
            EngineUnavailable: The engine is gone, also in the middle.
            EngineMisbehaved: What it answers makes no sense.
            TooLong: The messages do not fit.
            ValidationFailed: The engine refuses a field.
        """
        try:
            async with aclosing(self._answers.chat(asked.user, asked.request)) as events:
                async for event in events:
                    yield event
        except ContextExceeded as error:
            limit = f" of {error.context_length} tokens" if error.context_length else ""
            text = f"do not fit into the model's context{limit}"
            raise TooLong([{"field": "messages", "error": text}]) from None
        except EngineRefused as error:
            named = _FIELD.fullmatch(error.reason)
            if named is not None:
                raise _wrong(named[1], named[2]) from None
            # Another server does not say which field it means.
            if asked.request.response_format is not None:
                raise _wrong("response_format", error.reason) from None
            if asked.request.tools:
                raise _wrong("tools", error.reason) from None
            raise


def _wrong(field: str, error: str) -> ValidationFailed:
    return ValidationFailed([{"field": field, "error": error}])
