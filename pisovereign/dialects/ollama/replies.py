"""Answers in Ollama's form: line by line, or whole."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any, Generic, Protocol, TypeVar

from msgspec import UNSET, UnsetType

from pisovereign.dialects.ollama.reply_types import (
    ChatReply,
    DoneReason,
    GenerateReply,
    Reply,
    ReplyCall,
    ReplyFunction,
    ReplyMessage,
)
from pisovereign.engine_client.arguments import decode_arguments
from pisovereign.engine_client.client import (
    AnswerEvent,
    AnswerPiece,
    CallArguments,
    CallStarted,
    Delta,
    EngineMisbehaved,
    Expected,
    Finished,
    Reasoning,
)

R = TypeVar("R", bound=Reply)
R_co = TypeVar("R_co", bound=Reply, covariant=True)


class Form(Protocol[R_co]):
    """How a piece of an answer is written."""

    def __call__(
        self, *, text: str, thinking: str | UnsetType, calls: list[ReplyCall], **fields: Any
    ) -> R_co:
        """Return a line with a piece, and the fields that all lines have."""


def chat_line(
    *, text: str, thinking: str | UnsetType, calls: list[ReplyCall], **fields: Any
) -> ChatReply:
    """Return a line of a chat."""
    message = ReplyMessage(content=text, thinking=thinking, tool_calls=calls or UNSET)
    return ChatReply(message=message, **fields)


def generate_line(
    *, text: str, thinking: str | UnsetType, calls: list[ReplyCall], **fields: Any
) -> GenerateReply:
    """Return a line of a generated text; there are no tools to call."""
    return GenerateReply(response=text, thinking=thinking, **fields)


def now() -> str:
    """Return the time as Ollama writes it."""
    return dt.datetime.now(dt.UTC).isoformat().replace("+00:00", "Z")


class AnswerWriter(Generic[R]):
    """Writes one answer.

    Args:
        model: its name, as the client said it.
        form: how a piece is written.
    """

    def __init__(self, model: str, form: Form[R]) -> None:
        self._model = model
        self._form = form
        self._begun = time.monotonic_ns()
        self._first: int | None = None
        self._text: list[str] = []
        self._thoughts: list[str] = []
        self._calls: list[ReplyCall] = []
        self._open: tuple[CallStarted, list[str]] | None = None

    def add(self, piece: AnswerPiece) -> list[R]:
        """Take a piece, and return the lines for what is whole now: a call is one line.

        Raises:
            EngineMisbehaved: the arguments of a call are no object.
        """
        if self._first is None:
            self._first = time.monotonic_ns()
        match piece:
            case Delta(text):
                self._text.append(text)
                return [*self._close(), self._line(text=text)]
            case Reasoning(text):
                self._thoughts.append(text)
                return [*self._close(), self._line(thinking=text)]
            case CallStarted():
                lines = self._close()
                self._open = (piece, [])
                return lines
            case CallArguments(index, text):
                if self._open is None or self._open[0].index != index:
                    raise EngineMisbehaved("The engine goes on with a call that it had ended")
                self._open[1].append(text)
                return []

    def take(self, event: AnswerEvent) -> list[R]:
        """Take a piece or the end, and return the lines for it; the very last has the counts.

        Raises:
            EngineMisbehaved: as `add`.
        """
        if isinstance(event, Finished):
            return [*self._close(), self._line(**self._end(event))]
        return [] if isinstance(event, Expected) else self.add(event)

    def whole(self, end: Finished) -> R:
        """Return all of the answer in one.

        Raises:
            EngineMisbehaved: as `add`.
        """
        self._close()
        return self._line(
            text="".join(self._text),
            thinking="".join(self._thoughts) or UNSET,
            calls=self._calls,
            **self._end(end),
        )

    def nothing(self, reason: DoneReason) -> R:
        """Return the answer to a request that only wants the model to be there, or not."""
        return self._line(done=True, done_reason=reason)

    def _close(self) -> list[R]:
        """End the open call."""
        if self._open is None:
            return []
        begun, pieces = self._open
        self._open = None
        arguments = decode_arguments("".join(pieces))
        if arguments is None:
            raise EngineMisbehaved("The model called a function with arguments that are no object")
        function = ReplyFunction(len(self._calls), begun.name, arguments)
        call = ReplyCall(begun.id, function)
        self._calls.append(call)
        return [self._line(calls=[call])]

    def _end(self, end: Finished) -> dict[str, Any]:
        now_ns = time.monotonic_ns()
        first = self._first or now_ns
        return {
            "done": True,
            "done_reason": "length" if end.reason == "length" else "stop",
            "total_duration": now_ns - self._begun,
            "load_duration": 0,
            "prompt_eval_count": end.usage.prompt_tokens,
            "prompt_eval_duration": first - self._begun,
            "eval_count": end.usage.completion_tokens,
            "eval_duration": now_ns - first,
        }

    def _line(
        self,
        *,
        text: str = "",
        thinking: str | UnsetType = UNSET,
        calls: list[ReplyCall] | None = None,
        **fields: Any,
    ) -> R:
        return self._form(
            text=text,
            thinking=thinking,
            calls=calls or [],
            model=self._model,
            created_at=now(),
            **fields,
        )
