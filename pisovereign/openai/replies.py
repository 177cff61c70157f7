"""Answers in OpenAI's form: whole, and in chunks."""

from __future__ import annotations

import time
from uuid import uuid4

from pisovereign.engine_client import types as wire
from pisovereign.engine_client.client import Finished
from pisovereign.openai.answering import CallArguments, CallName, Event


class ResponseBuilder:
    """An answer that is put together."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._name: str | None = None
        self._arguments: list[str] = []

    def add(self, event: str | CallName | CallArguments) -> None:
        """Add a piece."""
        match event:
            case CallName(text):
                self._name = text
            case CallArguments(text):
                self._arguments.append(text)
            case _:
                self._text.append(event)

    def response(self, end: Finished) -> wire.ChatResponse:
        """Return the whole answer."""
        return wire.ChatResponse(
            id=f"chatcmpl-{uuid4().hex}",
            created=int(time.time()),
            model=end.model,
            choices=[wire.Choice(self._message(), _reason(end, called=self._name is not None))],
            usage=end.usage,
        )

    def _message(self) -> wire.AnswerMessage:
        text = "".join(self._text)
        if self._name is None:
            return wire.AnswerMessage("assistant", text)
        call = wire.FunctionCall(self._name, "".join(self._arguments))
        return wire.AnswerMessage("assistant", text or None, [wire.ToolCall(_call_id(), call)])


class ChunkBuilder:
    """An answer in chunks.

    Args:
        model: Which is asked.
        usage: Whether the last chunk has the counts.
    """

    def __init__(self, model: str, *, usage: bool) -> None:
        self._head = f"chatcmpl-{uuid4().hex}", int(time.time()), model
        self._usage = usage
        self._begun = self._called = False

    def add(self, event: Event) -> list[wire.Chunk]:
        """Return the chunks for one piece."""
        chunks = [] if self._begun else [self._chunk(wire.ChunkDelta("assistant", ""))]
        self._begun = True
        match event:
            case Finished():
                reason = _reason(event, called=self._called)
                chunks.append(self._chunk(wire.ChunkDelta(), reason))
                if self._usage:
                    chunks.append(wire.Chunk(*self._head, [], usage=event.usage))
            case CallName(text):
                self._called = True
                function = wire.FunctionDelta(text, "")
                delta = wire.ToolCallDelta(0, function, _call_id(), "function")
                chunks.append(self._chunk(wire.ChunkDelta(tool_calls=[delta])))
            case CallArguments(text):
                delta = wire.ToolCallDelta(0, wire.FunctionDelta(arguments=text))
                chunks.append(self._chunk(wire.ChunkDelta(tool_calls=[delta])))
            case _:
                chunks.append(self._chunk(wire.ChunkDelta(content=event)))
        return chunks

    def _chunk(self, delta: wire.ChunkDelta, reason: wire.FinishReason | None = None) -> wire.Chunk:
        return wire.Chunk(*self._head, [wire.ChunkChoice(delta, reason)])


def _reason(end: Finished, *, called: bool) -> wire.FinishReason:
    return "tool_calls" if called and end.reason == "stop" else end.reason


def _call_id() -> str:
    return f"call_{uuid4().hex[:24]}"
