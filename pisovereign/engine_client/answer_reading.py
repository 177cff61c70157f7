"""Putting the chunks of any server's streamed answer into events."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from pisovereign.engine_client.answer_events import (
    AnswerPiece,
    CallArguments,
    CallStarted,
    Delta,
    Expected,
    Finished,
    Reasoning,
)
from pisovereign.engine_client.meter import AnswerRecord
from pisovereign.engine_client.replies import CallReply, ChunkReply, read_expected, translate_event
from pisovereign.engine_client.types import MOST_TOOLS, FinishReason, Usage, encode
from pisovereign.errors import EngineMisbehaved, EngineUnavailable

_REASONS: dict[str, FinishReason] = {
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
}
_MOST_NAME = 256


class ChunkReader:
    """A reader of an answer's chunks, which keeps what is known of the answer.

    Args:
        model: the model that was asked for; some servers name none.
        record: is told of the end.
    """

    def __init__(self, model: str, record: AnswerRecord) -> None:
        self._model = model
        self._record = record
        self._usage = Usage()
        self._reason: FinishReason | None = None
        self._calls = CallsReader()

    def take(self, chunk: ChunkReply) -> list[AnswerPiece | Expected]:
        """Take a chunk and return what it adds.

        Raises:
            EngineUnavailable: it says that the answer broke off.
            ContextExceeded: or that the prompt does not fit.
            EngineMisbehaved: its calls make no sense.
        """
        if chunk.error and bytes(chunk.error) != b"null":
            raise translate_event(bytes(chunk.error))
        if chunk.usage is not None:
            self._usage = chunk.usage.usage()
        if chunk.model:
            self._model = chunk.model
        told: list[AnswerPiece | Expected] = list(read_expected(chunk))
        if not chunk.choices:
            return told
        choice = chunk.choices[0]
        if choice.finish_reason:
            self._reason = _REASONS.get(choice.finish_reason, "stop")
        delta = choice.delta
        if delta is None:
            return told
        pieces: list[AnswerPiece] = []
        if thought := delta.reasoning_content or delta.reasoning:
            pieces.append(Reasoning(thought))
        if delta.content:
            pieces.append(Delta(delta.content))
        for call in delta.tool_calls or ():
            pieces += self._calls.take(call)
        if pieces:
            self._record.begin()
        return [*told, *pieces]

    def finish(self) -> Finished:
        """End the stream: with a whole answer, or an error if it broke off."""
        if self._reason is None:
            raise EngineUnavailable("The engine stopped in the middle of its answer")
        self._calls.finish()
        reason = self._reason
        if reason == "stop" and self._calls.count:
            reason = "tool_calls"  # not every server says so
        self._record.complete(self._usage)
        return Finished(reason, self._usage, self._model)


@dataclass(slots=True)
class _Call:
    number: int
    id: str | None = None
    named: bool = False
    held: str = ""


class CallsReader:
    """Tells the calls of one answer apart.

    OpenAI numbers them, names each once, with its id, and sends the arguments as pieces of text.
    Others send a call whole in one chunk, without number or id, give all of them the number 0, or
    the arguments as an object.

    Attributes:
        count: how many calls there are.
    """

    def __init__(self) -> None:
        self._by_index: dict[int, _Call] = {}
        self._newest: _Call | None = None
        self.count = 0

    def take(self, reply: CallReply) -> list[AnswerPiece]:
        """Return what a delta adds: nothing before a call has its name.

        Raises:
            EngineMisbehaved: too many calls, or arguments without a name.
        """
        function = reply.function
        name = function.name if function is not None else None
        call = self._call(reply.index, reply.id, name)
        text = ""
        if function is not None and function.arguments is not None:
            given = function.arguments
            text = given if isinstance(given, str) else encode(given).decode()
        if call.named:
            return [CallArguments(call.number, text)] if text else []
        call.held += text
        if not name:
            return []
        if len(name) > _MOST_NAME:
            raise EngineMisbehaved("The engine calls a function with too long a name")
        call.named = True
        call.id = call.id or f"call_{uuid.uuid4().hex[:24]}"
        pieces: list[AnswerPiece] = [CallStarted(call.number, call.id, name)]
        if call.held:
            pieces.append(CallArguments(call.number, call.held))
            call.held = ""
        return pieces

    def finish(self) -> None:
        """Raise EngineMisbehaved if a call has no name at the end."""
        calls = [*self._by_index.values()]
        if self._newest is not None:
            calls.append(self._newest)
        if not all(call.named for call in calls):
            raise EngineMisbehaved("The engine calls a function without a name")

    def _call(self, index: int | None, given: str | None, name: str | None) -> _Call:
        known = self._newest if index is None else self._by_index.get(index)
        if known is None or _is_other(known, given, name, numbered=index is not None):
            if self.count >= MOST_TOOLS:
                raise EngineMisbehaved("The engine calls too many functions at once")
            known = _Call(self.count)
            self.count += 1
        known.id = known.id or given
        self._newest = known
        if index is not None:
            self._by_index[index] = known
        return known


def _is_other(known: _Call, given: str | None, name: str | None, *, numbered: bool) -> bool:
    """Return whether a delta belongs to another call than the one at its place."""
    if not name or not known.named:
        return False
    if given and known.id:
        return given != known.id
    return not numbered
