"""Requests of `POST /v1/responses`, OpenAI's newer form of a chat. Unknown fields are ignored.

What cannot be done here is refused in the words of its field, and not passed over.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from pisovereign.dialects.openai.types import LOGPROBS, no_count, not_true
from pisovereign.engine_client.types import (
    MOST_TOOLS,
    CallId,
    FunctionName,
    JsonObjectFormat,
    ReasoningEffort,
    TextFormat,
)

_LARGEST_TEXT = 1 << 20
_LOGPROBS_OF_TEXT = "message.output_text.logprobs"


def _not_kept(_: object) -> str:
    return "is not known: no answer is stored here; send the items before in `input`"


def _not_stored(value: bool) -> str | None:
    return "must be false: nothing of these answers is stored" if value else None


def _not_here(_: object) -> str:
    return "is not supported here"


def _no_truncation(value: str) -> str | None:
    return None if value == "disabled" else "must be disabled: nothing is left out of `input`"


def _without_logprobs(values: tuple[str, ...]) -> str | None:
    return LOGPROBS if _LOGPROBS_OF_TEXT in values else None


class InputText(msgspec.Struct, frozen=True):
    """A part of a message, in a request or in an answer before."""

    type: Literal["input_text", "output_text", "text"]
    text: Annotated[str, Meta(max_length=_LARGEST_TEXT)]


class InputMessage(msgspec.Struct, frozen=True):
    """A message; its parts are `InputText`."""

    role: Literal["user", "assistant", "system", "developer"]
    content: str | list[dict[str, Any]]


class InputCall(msgspec.Struct, frozen=True):
    """A call of a function in an answer before; `arguments` is a JSON object as text."""

    call_id: CallId
    name: FunctionName
    arguments: str


class InputResult(msgspec.Struct, frozen=True):
    """The result of a call; its parts are `InputText`."""

    call_id: CallId
    output: str | list[dict[str, Any]]


class ResponseTool(msgspec.Struct, frozen=True, tag_field="type", tag="function"):
    """A function that may be called; see `types.Function`."""

    name: FunctionName
    description: Annotated[str, Meta(max_length=4096)] | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class ChosenTool(msgspec.Struct, frozen=True, tag_field="type", tag="function"):
    """The one function that has to be called."""

    name: FunctionName


class SchemaFormat(msgspec.Struct, frozen=True, tag_field="type", tag="json_schema"):
    """JSON that follows a schema."""

    schema: dict[str, Any]
    name: Annotated[str, Meta(max_length=64)] = "answer"
    strict: bool | None = None
    description: Annotated[str, Meta(max_length=1000)] | None = None


class TextOptions(msgspec.Struct, frozen=True):
    """The form of an answer's text."""

    format: TextFormat | JsonObjectFormat | SchemaFormat | None = None


class ReasoningOptions(msgspec.Struct, frozen=True):
    """How much a model thinks first, if it can."""

    effort: ReasoningEffort | None = None


class ResponseRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /v1/responses`.

    The entries of `input` are `InputMessage`, `InputCall` and `InputResult`, as their `type` says.
    """

    model: Annotated[str, Meta(max_length=200)] = ""
    input: (
        Annotated[str, Meta(min_length=1, max_length=_LARGEST_TEXT)]
        | Annotated[list[dict[str, Any]], Meta(min_length=1, max_length=4096)]
    )
    instructions: Annotated[str, Meta(max_length=_LARGEST_TEXT)] | None = None
    stream: bool | None = None
    temperature: Annotated[float, Meta(ge=0.0, le=2.0)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    max_output_tokens: Annotated[int, Meta(ge=1, le=8192)] | None = None
    tools: Annotated[list[ResponseTool], Meta(max_length=MOST_TOOLS)] | None = None
    tool_choice: Literal["none", "auto", "required"] | ChosenTool | None = None
    parallel_tool_calls: bool | None = None
    text: TextOptions | None = None
    reasoning: ReasoningOptions | None = None
    metadata: (
        Annotated[
            dict[
                Annotated[str, Meta(max_length=64)],
                Annotated[str, Meta(max_length=512)],
            ],
            Meta(max_length=16),
        ]
        | None
    ) = None
    store: Annotated[bool, Meta(extra={"rules": (_not_stored,)})] | None = None
    previous_response_id: Annotated[str, Meta(extra={"rules": (_not_kept,)})] | None = None
    conversation: Annotated[str | dict[str, Any], Meta(extra={"rules": (_not_kept,)})] | None = None
    prompt: Annotated[dict[str, Any], Meta(extra={"rules": (_not_here,)})] | None = None
    background: Annotated[bool, Meta(extra={"rules": (not_true,)})] | None = None
    truncation: Annotated[str, Meta(extra={"rules": (_no_truncation,)})] | None = None
    top_logprobs: Annotated[int, Meta(extra={"rules": (no_count,)})] | None = None
    include: (
        Annotated[tuple[str, ...], Meta(max_length=32, extra={"rules": (_without_logprobs,)})]
        | None
    ) = None
