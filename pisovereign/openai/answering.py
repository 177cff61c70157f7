"""The model's answer to a request, piece by piece: text, or the call of a tool."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import NamedTuple
from uuid import UUID

import msgspec

from pisovereign.engine_client import types as wire
from pisovereign.engine_client.answer_cache import CachedAnswers
from pisovereign.engine_client.client import ContextExceeded, Delta, Finished
from pisovereign.engine_client.meter import AnswerReader
from pisovereign.errors import EngineMisbehaved, EngineRefused, ValidationFailed

_HEAD = re.compile(r'\s*\{\s*"name"\s*:\s*("(?:[^"\\]|\\.)*")\s*,\s*"arguments"\s*:\s*')
_TAIL = re.compile(r"[}\s]*\Z")
# How models begin a call when nothing holds them to it.
_MARKS = ("<tool_call>", '{"name"', '{ "name"')


class CallName(NamedTuple):
    """The name of the function that is called."""

    text: str


class CallArguments(NamedTuple):
    """More of a call's arguments, as JSON text."""

    text: str


class CallReader:
    """Reads `{"name": …, "arguments": {…}}`, which the schema of a call makes the model write."""

    def __init__(self) -> None:
        self._held = ""
        self.named = False
        self._begun = False

    def feed(self, text: str) -> list[CallName | CallArguments]:
        """Return what is certain after some more text."""
        self._held += text
        told: list[CallName | CallArguments] = []
        if not self.named:
            head = _HEAD.match(self._held)
            if head is None:
                return []
            self.named = True
            self._held = self._held[head.end() :]
            told.append(CallName(json.loads(head[1])))
        if not self._begun:
            self._held = self._held.lstrip()
            self._begun = bool(self._held)
        # What ends the call is not the arguments' own, so the last brackets wait for the end.
        tail = _TAIL.search(self._held)
        assert tail is not None
        certain, self._held = self._held[: tail.start()], self._held[tail.start() :]
        return [*told, CallArguments(certain)] if certain else told

    def finish(self) -> list[CallName | CallArguments]:
        """Return what is left at the end of the answer, without the call's own bracket."""
        rest = self._held.rstrip().removesuffix("}").rstrip() if self.named else ""
        return [CallArguments(rest)] if rest else []


class CallDetector:
    """Holds back the beginning of an answer until it is known whether it is a call."""

    def __init__(self) -> None:
        self._held = ""
        self._decided = False

    def feed(self, text: str) -> str | None:
        """Return what may be shown of the answer so far; None: it is a call."""
        if self._decided:
            return text
        self._held += text
        start = self._held.lstrip()
        if start.startswith(_MARKS):
            return None
        if any(mark.startswith(start) for mark in _MARKS):
            return ""
        return self.finish()

    def finish(self) -> str:
        """Return what was held back, once nothing more comes."""
        self._decided = True
        held, self._held = self._held, ""
        return held


Event = str | CallName | CallArguments | Finished


class PreparedRequest(msgspec.Struct, frozen=True):
    """A request as the engine takes it.

    `call` asks for the call of a tool; None: there are none. With `forced`, nothing else is asked
    for.
    """

    user: UUID
    request: wire.ChatRequest
    call: wire.ChatRequest | None = None
    forced: bool = False


class CompletionRunner:
    """Asks the model.

    A model that may choose is asked without a form first. Once it begins to call a tool, it is
    asked again in the form of a call, which costs little: the prompt is computed already.
    """

    def __init__(self, answers: CachedAnswers) -> None:
        self._answers = answers

    async def events(self, asked: PreparedRequest) -> AsyncGenerator[Event]:
        """Yield the answer in pieces; the last is `Finished`.

        Raises:
            EngineUnavailable: The engine is gone, also in the middle.
            EngineMisbehaved: It does not keep to the form of a call.
            ValidationFailed: The messages do not fit, or the engine refuses a schema.
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

    async def _text(self, asked: PreparedRequest) -> AsyncGenerator[str | Finished | None]:
        """Yield text, or None once it turns out to be a call."""
        detector = CallDetector() if asked.call is not None else None
        reader = AnswerReader()
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

    async def _call(self, asked: PreparedRequest) -> AsyncGenerator[Event]:
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
        self, user: UUID, request: wire.ChatRequest, reader: AnswerReader | None = None
    ) -> AsyncGenerator[str | Finished]:
        try:
            async with aclosing(self._answers.chat(user, request, reader=reader)) as events:
                async for event in events:
                    if isinstance(event, Finished):
                        yield event
                    elif isinstance(event, Delta):
                        yield event.text
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
