"""Answers in OpenAI's form: whole, and in chunks."""

from __future__ import annotations

import time
from uuid import uuid4

from msgspec import UNSET

from pisovereign.engine_client import types as wire
from pisovereign.engine_client.client import (
    AnswerEvent,
    AnswerPiece,
    CallArguments,
    CallStarted,
    Delta,
    Finished,
    Reasoning,
)


class ResponseBuilder:
    """An answer that is put together."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._thoughts: list[str] = []
        self._calls: dict[int, tuple[CallStarted, list[str]]] = {}

    def add(self, piece: AnswerPiece) -> None:
        """Add a piece."""
        match piece:
            case Delta(text):
                self._text.append(text)
            case Reasoning(text):
                self._thoughts.append(text)
            case CallStarted():
                self._calls[piece.index] = (piece, [])
            case CallArguments(index, text):
                self._calls[index][1].append(text)

    def response(self, end: Finished) -> wire.ChatResponse:
        """Return the whole answer."""
        return wire.ChatResponse(
            id=f"chatcmpl-{uuid4().hex}",
            created=int(time.time()),
            model=end.model,
            choices=[wire.Choice(self._message(), end.reason)],
            usage=end.usage,
        )

    def _message(self) -> wire.AnswerMessage:
        text = "".join(self._text)
        calls = [
            wire.ToolCall(begun.id, wire.FunctionCall(begun.name, "".join(pieces)))
            for _, (begun, pieces) in sorted(self._calls.items())
        ]
        return wire.AnswerMessage(
            "assistant",
            (text or None) if calls else text,
            tool_calls=calls or UNSET,
            reasoning_content="".join(self._thoughts) or UNSET,
        )


class ChunkBuilder:
    """An answer in chunks.

    Args:
        model: Which is asked.
        usage: Whether the last chunk has the counts.
    """

    def __init__(self, model: str, *, usage: bool) -> None:
        self._head = f"chatcmpl-{uuid4().hex}", int(time.time()), model
        self._usage = usage
        self._begun = False

    def add(self, event: AnswerEvent) -> list[wire.Chunk]:
        """Return the chunks for one piece."""
        chunks = [] if self._begun else [self._chunk(wire.ChunkDelta("assistant", ""))]
        self._begun = True
        match event:
            case Finished():
                chunks.append(self._chunk(wire.ChunkDelta(), event.reason))
                if self._usage:
                    chunks.append(wire.Chunk(*self._head, [], usage=event.usage))
            case CallStarted(index, identifier, name):
                function = wire.FunctionDelta(name, "")
                delta = wire.ToolCallDelta(index, function, identifier, "function")
                chunks.append(self._chunk(wire.ChunkDelta(tool_calls=[delta])))
            case CallArguments(index, text):
                delta = wire.ToolCallDelta(index, wire.FunctionDelta(arguments=text))
                chunks.append(self._chunk(wire.ChunkDelta(tool_calls=[delta])))
            case Reasoning(text):
                chunks.append(self._chunk(wire.ChunkDelta(reasoning_content=text)))
            case Delta(text):
                chunks.append(self._chunk(wire.ChunkDelta(content=text)))
        return chunks

    def _chunk(self, delta: wire.ChunkDelta, reason: wire.FinishReason | None = None) -> wire.Chunk:
        return wire.Chunk(*self._head, [wire.ChunkChoice(delta, reason)])
