"""Answers of `POST /v1/responses`."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from pisovereign.dialects.openai.response_types import ChosenTool, ResponseTool, SchemaFormat
from pisovereign.engine_client.types import JsonObjectFormat, TextFormat

Status = Literal["in_progress", "completed", "incomplete", "failed"]


class OutputText(msgspec.Struct, frozen=True, tag_field="type", tag="output_text"):
    """The text of a message; there are no annotations and no probabilities."""

    text: str
    annotations: list[str] = msgspec.field(default_factory=list)
    logprobs: list[str] = msgspec.field(default_factory=list)


class ReasoningText(msgspec.Struct, frozen=True, tag_field="type", tag="reasoning_text"):
    """A model's thoughts."""

    text: str


class OutputMessage(msgspec.Struct, frozen=True, tag_field="type", tag="message"):
    """A message of the assistant."""

    id: str
    status: Status
    content: list[OutputText]
    role: Literal["assistant"] = "assistant"


class OutputCall(msgspec.Struct, frozen=True, tag_field="type", tag="function_call"):
    """A call of a function; `call_id` is what its result is sent with."""

    id: str
    status: Status
    call_id: str
    name: str
    arguments: str


class OutputReasoning(msgspec.Struct, frozen=True, tag_field="type", tag="reasoning"):
    """A model's thoughts before it answered; nobody sums them up."""

    id: str
    status: Status
    content: list[ReasoningText]
    summary: list[str] = msgspec.field(default_factory=list)


OutputItem = OutputMessage | OutputCall | OutputReasoning


class InputTokensDetails(msgspec.Struct, frozen=True):
    """How many tokens did not have to be computed."""

    cached_tokens: int


class OutputTokensDetails(msgspec.Struct, frozen=True):
    """How many tokens were thoughts, where that is counted; 0 where it is not."""

    reasoning_tokens: int = 0


class ResponseUsage(msgspec.Struct, frozen=True):
    """Token counts of one response."""

    input_tokens: int
    input_tokens_details: InputTokensDetails
    output_tokens: int
    output_tokens_details: OutputTokensDetails
    total_tokens: int


class ResponseError(msgspec.Struct, frozen=True):
    """Why a response broke off."""

    code: str
    message: str


class IncompleteDetails(msgspec.Struct, frozen=True):
    """Why a response is cut."""

    reason: Literal["max_output_tokens"]


class TextForm(msgspec.Struct, frozen=True):
    """The form of the text, as it was asked for."""

    format: TextFormat | JsonObjectFormat | SchemaFormat


class ReasoningForm(msgspec.Struct, frozen=True):
    """How much was to be thought."""

    effort: str | None
    summary: None = None


class ModelResponse(msgspec.Struct, frozen=True, kw_only=True):
    """A response: what was asked for, and the `output`. It is not stored."""

    id: str
    object: Literal["response"] = "response"
    created_at: int
    status: Status
    error: ResponseError | None = None
    incomplete_details: IncompleteDetails | None = None
    instructions: str | None
    max_output_tokens: int | None
    metadata: dict[str, str]
    model: str
    output: list[OutputItem]
    parallel_tool_calls: bool
    previous_response_id: None = None
    reasoning: ReasoningForm
    store: bool = False
    temperature: float
    text: TextForm
    tool_choice: Literal["none", "auto", "required"] | ChosenTool
    tools: list[ResponseTool]
    top_p: float
    truncation: Literal["disabled"] = "disabled"
    usage: ResponseUsage | None = None


ResponseEvent = dict[str, Any]
"""An event of a stream: `type`, `sequence_number`, and what belongs to it."""
