"""Answers in the form of `/v1/responses`: whole, and as events."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import msgspec

from pisovereign.dialects.openai.response_answers import (
    IncompleteDetails,
    InputTokensDetails,
    ModelResponse,
    OutputCall,
    OutputItem,
    OutputMessage,
    OutputReasoning,
    OutputText,
    OutputTokensDetails,
    ReasoningForm,
    ReasoningText,
    ResponseError,
    ResponseEvent,
    ResponseUsage,
    Status,
    TextForm,
)
from pisovereign.dialects.openai.response_types import ResponseRequest
from pisovereign.engine_client import types as wire
from pisovereign.engine_client.client import (
    AnswerEvent,
    CallArguments,
    CallStarted,
    Delta,
    Finished,
    Reasoning,
)


class ResponseWriter:
    """One response, which grows with each event of the engine.

    Args:
        request: What was asked for.
        asked: The same as the engine is asked.
    """

    def __init__(self, request: ResponseRequest, asked: wire.ChatRequest) -> None:
        self._number = 0
        self._items: list[_Item] = []
        self._calls: dict[int, _Item] = {}
        self._response = ModelResponse(
            id=_identifier("resp"),
            created_at=int(time.time()),
            status="in_progress",
            instructions=request.instructions,
            max_output_tokens=request.max_output_tokens,
            metadata=request.metadata or {},
            model=asked.model,
            output=[],
            parallel_tool_calls=asked.parallel_tool_calls,
            reasoning=ReasoningForm(request.reasoning.effort if request.reasoning else None),
            temperature=asked.temperature or 0.0,
            text=TextForm((request.text and request.text.format) or wire.TextFormat()),
            tool_choice=request.tool_choice or "auto",
            tools=request.tools or [],
            top_p=1.0 if asked.top_p is None else asked.top_p,
        )

    @property
    def response(self) -> ModelResponse:
        """Return the response as it is by now."""
        return self._response

    def begin(self) -> Iterator[ResponseEvent]:
        """Yield the events before the first piece."""
        yield self._event("response.created", response=self._response)
        yield self._event("response.in_progress", response=self._response)

    def take(self, event: AnswerEvent) -> Iterator[ResponseEvent]:
        """Yield the events for one event of the engine."""
        match event:
            case Reasoning(text):
                yield from self._more("reasoning", text)
            case Delta(text):
                yield from self._more("message", text)
            case CallStarted():
                yield from self._open(_Item("function_call", _identifier("fc"), event))
                self._calls[event.index] = self._items[-1]
            case CallArguments(index, text):
                yield from self._add(self._calls[index], text)
            case Finished():
                yield from self._finish(event)

    def failed(self, code: str, message: str) -> Iterator[ResponseEvent]:
        """Yield the last event of a response that broke off; before it the first, if it was not."""
        if not self._number:
            yield from self.begin()
        self._response = msgspec.structs.replace(
            self._response,
            status="failed",
            error=ResponseError(code, message),
            output=[item.written("incomplete") for item in self._items],
        )
        yield self._event("response.failed", response=self._response)

    def _more(self, kind: str, text: str) -> Iterator[ResponseEvent]:
        last = self._items[-1] if self._items else None
        if last is None or last.kind != kind:
            prefix = "msg" if kind == "message" else "rs"
            yield from self._open(_Item(kind, _identifier(prefix)))
        yield from self._add(self._items[-1], text)

    def _open(self, item: _Item) -> Iterator[ResponseEvent]:
        yield from self._close("completed", but_calls=True)
        item.place = len(self._items)
        self._items.append(item)
        yield self._event(
            "response.output_item.added", output_index=item.place, item=item.written("in_progress")
        )
        if item.part() is not None:
            yield self._of("response.content_part.added", item, part=item.part())

    def _add(self, item: _Item, text: str) -> Iterator[ResponseEvent]:
        item.pieces.append(text)
        fields: dict[str, Any] = {"delta": text}
        if item.kind == "message":
            fields["logprobs"] = []
        yield self._of(f"{item.event}.delta", item, **fields)

    def _close(self, status: Status, *, but_calls: bool = False) -> Iterator[ResponseEvent]:
        for item in self._items:
            if item.closed or (but_calls and item.kind == "function_call"):
                continue
            item.closed = True
            yield self._of(f"{item.event}.done", item, **item.whole())
            if item.part() is not None:
                yield self._of("response.content_part.done", item, part=item.part())
            yield self._event(
                "response.output_item.done", output_index=item.place, item=item.written(status)
            )

    def _finish(self, end: Finished) -> Iterator[ResponseEvent]:
        cut = end.reason == "length"
        if not self._items:  # an answer without a word is still a message
            yield from self._open(_Item("message", _identifier("msg")))
        # What was open is what was cut; items before it were whole.
        opened = [item.closed for item in self._items]
        status: Status = "incomplete" if cut else "completed"
        yield from self._close(status)
        self._response = msgspec.structs.replace(
            self._response,
            status=status,
            incomplete_details=IncompleteDetails("max_output_tokens") if cut else None,
            model=end.model,
            output=[
                item.written("completed" if closed else status)
                for item, closed in zip(self._items, opened, strict=True)
            ],
            usage=_usage(end.usage),
        )
        yield self._event(f"response.{status}", response=self._response)

    def _of(self, kind: str, item: _Item, **fields: Any) -> ResponseEvent:
        """Return an event about an item, or about its only part."""
        place = {"item_id": item.id, "output_index": item.place}
        if item.kind != "function_call":
            place["content_index"] = 0
        return self._event(kind, **place, **fields)

    def _event(self, kind: str, **fields: Any) -> ResponseEvent:
        self._number += 1
        return {"type": kind, "sequence_number": self._number - 1, **fields}


class _Item:
    """An item of the output that is being written."""

    def __init__(self, kind: str, identifier: str, call: CallStarted | None = None) -> None:
        self.kind = kind
        self.id = identifier
        self.place = 0
        self.closed = False
        self.pieces: list[str] = []
        self._call = call

    @property
    def event(self) -> str:
        """Return how the names of events about its text begin."""
        names = {"message": "output_text", "reasoning": "reasoning_text"}
        return f"response.{names.get(self.kind, 'function_call_arguments')}"

    @property
    def _text(self) -> str:
        return "".join(self.pieces)

    def part(self) -> OutputText | ReasoningText | None:
        """Return its only part; a call has none."""
        if self._call is not None:
            return None
        return OutputText(self._text) if self.kind == "message" else ReasoningText(self._text)

    def whole(self) -> dict[str, Any]:
        """Return what the event that ends its text tells."""
        if self._call is not None:
            return {"name": self._call.name, "arguments": self._text}
        return {"text": self._text} | ({"logprobs": []} if self.kind == "message" else {})

    def written(self, status: Status) -> OutputItem:
        """Return it in the client's form; it has no part before the first is added."""
        text = self._text
        if self._call is not None:
            return OutputCall(self.id, status, self._call.id, self._call.name, text)
        begun = status != "in_progress"
        if self.kind == "reasoning":
            return OutputReasoning(self.id, status, [ReasoningText(text)] if begun else [])
        return OutputMessage(self.id, status, [OutputText(text)] if begun else [])


def _identifier(prefix: str) -> str:
    return f"{prefix}_{uuid4().hex}"


def _usage(usage: wire.Usage) -> ResponseUsage:
    cached = usage.prompt_tokens_details.cached_tokens if usage.prompt_tokens_details else 0
    return ResponseUsage(
        usage.prompt_tokens,
        InputTokensDetails(cached),
        usage.completion_tokens,
        OutputTokensDetails(),
        usage.total_tokens,
    )
