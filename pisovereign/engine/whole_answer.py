"""An answer that is not streamed, put together from its events."""

from __future__ import annotations

from dataclasses import dataclass, field

from msgspec import UNSET

from pisovereign.engine.jobs import AnswerPiece, CallArguments, CallStarted, Delta, Reasoning
from pisovereign.engine_client.types import AnswerMessage, FunctionCall, ToolCall


@dataclass(slots=True)
class _Call:
    id: str
    name: str
    arguments: list[str] = field(default_factory=list)


class WholeAnswer:
    """Collects the pieces of one answer."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._calls: dict[int, _Call] = {}

    def add(self, event: AnswerPiece) -> None:
        """Take the next piece."""
        match event:
            case Delta(text):
                self._text.append(text)
            case Reasoning(text):
                self._reasoning.append(text)
            case CallStarted(index, call, name):
                self._calls[index] = _Call(call, name)
            case CallArguments(index, text):
                self._calls[index].arguments.append(text)

    def message(self) -> AnswerMessage:
        """Return all of it; the text of an answer that only calls is None."""
        text = "".join(self._text)
        calls = [
            ToolCall(call.id, FunctionCall(call.name, "".join(call.arguments)))
            for call in self._calls.values()
        ]
        return AnswerMessage(
            "assistant",
            text or None if calls else text,
            calls or UNSET,
            "".join(self._reasoning) or UNSET,
        )
