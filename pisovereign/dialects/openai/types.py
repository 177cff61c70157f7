"""Requests of the OpenAI routes. Unknown fields are ignored, as OpenAI's clients expect.

What they give is in `engine_client.types`: the engine's private socket and these routes share it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from pisovereign.engine_client.types import (
    MOST_TOOLS,
    CallId,
    FunctionName,
    JsonObjectFormat,
    JsonSchemaFormat,
    ReasoningEffort,
    Role,
    StopString,
    TextFormat,
    ToolChoice,
)

MOST_TEXTS = 512
_LONGEST_TEXT = 1 << 17
LOGPROBS = "is not supported: no probabilities of tokens are told"
_TOKENS = (
    "must be text: numbers of tokens, which other models count otherwise, cannot be read"
    " (LangChain: check_embedding_ctx_length=False)"
)


def not_true(value: bool) -> str | None:
    """Refuse what cannot be done, where it is asked for."""
    return "is not supported: must be false" if value else None


def no_logprobs(value: bool) -> str | None:
    """Refuse to tell probabilities."""
    return LOGPROBS if value else None


def no_count(value: int) -> str | None:
    """Refuse to tell probabilities of other tokens."""
    return LOGPROBS if value else None


def _texts(entries: list[str | int | list[int]]) -> str | None:
    """Require texts, not too many and of a length that is read."""
    if not all(isinstance(entry, str) for entry in entries):
        return _TOKENS
    if len(entries) > MOST_TEXTS:
        return f"must have at most {MOST_TEXTS} entries"
    if "" in entries:
        return "entry cannot be empty"
    long = any(isinstance(entry, str) and len(entry) > _LONGEST_TEXT for entry in entries)
    return f"entry must be at most {_LONGEST_TEXT} characters" if long else None


def _one_answer(value: int) -> str | None:
    return "must be 1: a request gets one answer" if value > 1 else None


class TextPart(msgspec.Struct, frozen=True, tag_field="type", tag="text"):
    """A part of a message; other kinds than text are not understood."""

    text: str


class CalledFunction(msgspec.Struct, frozen=True):
    """A called function; `arguments` is a JSON object as text."""

    name: FunctionName
    arguments: str


class CalledTool(msgspec.Struct, frozen=True, tag_field="type", tag="function"):
    """A call of an earlier answer."""

    id: CallId
    function: CalledFunction


class Message(msgspec.Struct, frozen=True):
    """One message; `developer` is OpenAI's newer word for `system`.

    `tool_calls` are those of an earlier answer, which may have no `content` then; `tool_call_id`
    says which of them a message of the role `tool` answers to, and `name` perhaps its function.
    """

    role: Literal["developer"] | Role
    content: str | list[TextPart] | None = None
    tool_calls: Annotated[list[CalledTool], Meta(max_length=MOST_TOOLS)] | None = None
    tool_call_id: CallId | None = None
    name: Annotated[str, Meta(max_length=64)] | None = None

    @property
    def text(self) -> str:
        """Return all of its text."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content)
        return self.content or ""


class Function(msgspec.Struct, frozen=True):
    """A function that may be called; `parameters` is a JSON Schema of its arguments.

    With `strict`, what the schema has and the model cannot be held to is refused; else it is left
    out, and arguments may break it.
    """

    name: FunctionName
    description: Annotated[str, Meta(max_length=4096)] | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class Tool(msgspec.Struct, frozen=True, tag_field="type", tag="function"):
    """A tool; only functions are understood."""

    function: Function


class StreamOptions(msgspec.Struct, frozen=True):
    """Options of a stream."""

    include_usage: bool = False


class ChatCompletion(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /v1/chat/completions`."""

    model: Annotated[str, Meta(max_length=200)] = ""
    messages: Annotated[list[Message], Meta(min_length=1, max_length=4096)]
    stream: bool = False
    stream_options: StreamOptions | None = None
    temperature: Annotated[float, Meta(ge=0.0, le=2.0)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    top_k: Annotated[int, Meta(ge=0, le=100_000)] | None = None
    min_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    repeat_penalty: Annotated[float, Meta(ge=0.1, le=10)] | None = None
    seed: Annotated[int, Meta(ge=-(1 << 63), le=(1 << 63) - 1)] | None = None
    stop: StopString | Annotated[list[StopString], Meta(max_length=16)] | None = None
    max_tokens: Annotated[int, Meta(ge=1, le=8192)] | None = None
    max_completion_tokens: Annotated[int, Meta(ge=1, le=8192)] | None = None
    repetition_guard: bool = True
    n: Annotated[int, Meta(ge=1, extra={"rules": (_one_answer,)})] | None = None
    logprobs: Annotated[bool, Meta(extra={"rules": (no_logprobs,)})] | None = None
    top_logprobs: Annotated[int, Meta(extra={"rules": (no_count,)})] | None = None
    response_format: TextFormat | JsonObjectFormat | JsonSchemaFormat | None = None
    tools: Annotated[list[Tool], Meta(max_length=MOST_TOOLS)] | None = None
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool = True
    reasoning_effort: ReasoningEffort | None = None


class Embeddings(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /v1/embeddings`."""

    input: (
        Annotated[str, Meta(min_length=1, max_length=_LONGEST_TEXT)]
        | Annotated[
            # Numbers of tokens are read only to be refused in words.
            list[str | int | list[int]], Meta(min_length=1, extra={"rules": (_texts,)})
        ]
    )
    model: Annotated[str, Meta(max_length=200)] = ""
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: Annotated[int, Meta(ge=1, le=1 << 16)] | None = None

    @property
    def texts(self) -> list[str]:
        """Return the texts."""
        given = [self.input] if isinstance(self.input, str) else self.input
        return [text for text in given if isinstance(text, str)]


class EncodedVector(msgspec.Struct, frozen=True):
    """One vector: numbers, or base64 of them as little-endian float32."""

    embedding: list[float] | str
    index: int
    object: Literal["embedding"] = "embedding"


class EmbeddingUsage(msgspec.Struct, frozen=True):
    """Tokens that were read."""

    prompt_tokens: int
    total_tokens: int


class EncodedVectors(msgspec.Struct, frozen=True):
    """The answer with embeddings, in the order of the request."""

    data: list[EncodedVector]
    model: str
    usage: EmbeddingUsage
    object: Literal["list"] = "list"


class ModelEntry(msgspec.Struct, frozen=True):
    """One model."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "pisovereign"


class ModelList(msgspec.Struct, frozen=True):
    """All models."""

    data: list[ModelEntry]
    object: Literal["list"] = "list"
