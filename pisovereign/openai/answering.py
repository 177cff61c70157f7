"""The model's answer to a request: text, or the call of a tool."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from uuid import UUID

import msgspec

from pisovereign.engine_client import types as wire
from pisovereign.engine_client.answer_cache import Answers
from pisovereign.engine_client.client import ContextExceeded, Finished
from pisovereign.engine_client.meter import Reader
from pisovereign.errors import EngineMisbehaved, EngineRefused, ValidationFailed
from pisovereign.openai.calls import Arguments, CallDetector, CallReader, Name

Event = str | Name | Arguments | Finished


class Prepared(msgspec.Struct, frozen=True):
    """A request as the engine takes it.

    `call` asks for the call of a tool; None: there are none. With `forced`, nothing else is asked
    for.
    """

    user: UUID
    request: wire.ChatRequest
    call: wire.ChatRequest | None = None
    forced: bool = False


class Answering:
    """Asks the model.

    A model that may choose is asked without a form first. Once it begins to call a tool, it is
    asked again in the form of a call, which costs little: the prompt is computed already.
    """

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    async def events(self, asked: Prepared) -> AsyncGenerator[Event]:
        """The answer in pieces; the last is `Finished`.

        Raises:
            EngineUnavailable: the engine is gone, also in the middle.
            EngineMisbehaved: it does not keep to the form of a call.
            ValidationFailed: the messages do not fit, or the engine refuses a schema.
        """
        calling = asked.call is not None and asked.forced
        if not calling:
            async with aclosing(self._text(asked)) as events:
                async for event in events:
                    if event is None:
                        calling = True
                        break
                    yield event
        if calling:
            async with aclosing(self._call(asked)) as called:
                async for piece in called:
                    yield piece

    async def _text(self, asked: Prepared) -> AsyncGenerator[str | Finished | None]:
        """Text, or None once it turns out to be a call."""
        detector = CallDetector() if asked.call is not None else None
        reader = Reader()
        async with aclosing(self._model(asked.user, asked.request, reader)) as events:
            async for event in events:
                if detector is None:
                    yield event
                elif isinstance(event, Finished):
                    if rest := detector.finish():
                        yield rest
                    yield event
                elif (shown := detector.feed(event)) is None:
                    reader.enough = True
                    yield None
                    return
                elif shown:
                    yield shown

    async def _call(self, asked: Prepared) -> AsyncGenerator[Event]:
        assert asked.call is not None
        reader = CallReader()
        async with aclosing(self._model(asked.user, asked.call)) as events:
            async for event in events:
                if isinstance(event, str):
                    for piece in reader.feed(event):
                        yield piece
                    continue
                if not reader.named and event.reason != "length":
                    raise EngineMisbehaved("The model was to call a tool, and has not")
                for piece in reader.finish():
                    yield piece
                yield event

    async def _model(
        self, user: UUID, request: wire.ChatRequest, reader: Reader | None = None
    ) -> AsyncGenerator[str | Finished]:
        try:
            async with aclosing(self._answers.chat(user, request, reader=reader)) as events:
                async for event in events:
                    yield event if isinstance(event, Finished) else event.text
        except ContextExceeded as error:
            limit = f" of {error.context_length} tokens" if error.context_length else ""
            raise _wrong("messages", f"do not fit into the model's context{limit}") from None
        except EngineRefused as error:
            if request.response_format is None:
                raise
            raise _wrong(
                "response_format", error.reason.removeprefix("response_format: ")
            ) from None


def _wrong(field: str, error: str) -> ValidationFailed:
    return ValidationFailed([{"field": field, "error": error}])
