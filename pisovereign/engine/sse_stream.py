"""An answer as server-sent events, in OpenAI's form."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from pisovereign.engine.chat import Answer
from pisovereign.engine.jobs import (
    AnswerPiece,
    CallArguments,
    CallStarted,
    Delta,
    Done,
    Event,
    Failed,
    Reasoning,
)
from pisovereign.engine_client.types import (
    Chunk,
    ChunkChoice,
    ChunkDelta,
    Expectation,
    FunctionDelta,
    PromptTokensDetails,
    ToolCallDelta,
    Usage,
    encode,
)

# While a request waits or its prompt is read there is no text for a long time: comments tell the
# client that the engine is alive, as long as it really gets on.
HEARTBEAT_S = 10.0
_HEARTBEAT = b": still working\n\n"
_DONE = b"data: [DONE]\n\n"


def usage_of(done: Done) -> Usage:
    """Return token counts in OpenAI's form."""
    return Usage(
        done.prompt_tokens,
        done.completion_tokens,
        done.prompt_tokens + done.completion_tokens,
        PromptTokensDetails(done.cached_tokens),
    )


class AnswerStream:
    """The bytes of a streamed reply; closing it stops the work on the answer.

    Args:
        answer: the answer.
        first: its first event, already taken, or None if it has not come yet.
        head: a chunk with the reply's id, time and model, whose choices are replaced.
        include_usage: whether the last chunk has the token counts.
        steps: counts what the engine has computed; grows while it is alive.
    """

    def __init__(
        self,
        answer: Answer,
        first: Event | None,
        head: Chunk,
        *,
        include_usage: bool,
        steps: Callable[[], int],
    ) -> None:
        self._answer = answer
        self._head = head
        self._include_usage = include_usage
        self._steps = steps
        self._parts = self._generate(first)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        return await anext(self._parts)

    async def close(self) -> None:
        """Stop the work; called by Falcon however the reply ends."""
        self._answer.close()

    async def _generate(self, event: Event | None) -> AsyncIterator[bytes]:
        yield self._begin()
        steps = -1
        while True:
            match event:
                case Done():
                    yield self._end(event)
                    return
                case Failed(error):
                    yield b"data: " + encode(error.body()) + b"\n\n"
                    return
                case Delta() | Reasoning() | CallStarted() | CallArguments():
                    yield self._chunk(ChunkChoice(_delta(event)))
                case None if (now := self._steps()) != steps:
                    steps = now
                    yield _HEARTBEAT
            event = await self._answer.next(HEARTBEAT_S)

    def _begin(self) -> bytes:
        expected = self._answer.expected
        told = None
        if expected is not None:
            told = Expectation(round(expected.first_s, 4), round(expected.token_s, 6))
        role = ChunkChoice(ChunkDelta(role="assistant", content=""))
        return self._chunk(role, expected=told)

    def _chunk(
        self,
        *choices: ChunkChoice,
        usage: Usage | None = None,
        expected: Expectation | None = None,
    ) -> bytes:
        head = self._head
        chunk = Chunk(
            head.id, head.created, head.model, list(choices), usage=usage, expected=expected
        )
        return b"data: " + encode(chunk) + b"\n\n"

    def _end(self, done: Done) -> bytes:
        parts = [self._chunk(ChunkChoice(ChunkDelta(), done.reason))]
        if self._include_usage:
            parts.append(self._chunk(usage=usage_of(done)))
        parts.append(_DONE)
        return b"".join(parts)


def _delta(event: AnswerPiece) -> ChunkDelta:
    match event:
        case Delta(text):
            return ChunkDelta(content=text)
        case Reasoning(text):
            return ChunkDelta(reasoning_content=text)
        case CallStarted(index, call, name):
            started = ToolCallDelta(index, FunctionDelta(name, ""), call, "function")
            return ChunkDelta(tool_calls=[started])
        case CallArguments(index, text):
            more = ToolCallDelta(index, FunctionDelta(arguments=text))
            return ChunkDelta(tool_calls=[more])
