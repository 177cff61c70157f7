"""What the OpenAI routes take. Unknown fields are ignored, as OpenAI's clients expect.

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


class TextPart(msgspec.Struct, frozen=True, tag_field="type", tag="text"):
    """A part of a message; other kinds than text are not understood."""

    text: str


class CalledFunction(msgspec.Struct, frozen=True):
    """What was called; `arguments` is a JSON object as text."""

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
    n: Annotated[int, Meta(ge=1, le=1)] = 1
    response_format: TextFormat | JsonObjectFormat | JsonSchemaFormat | None = None
    tools: Annotated[list[Tool], Meta(max_length=MOST_TOOLS)] | None = None
    tool_choice: ToolChoice | None = None
    parallel_tool_calls: bool = True
    reasoning_effort: ReasoningEffort | None = None


class Embeddings(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /v1/embeddings`."""

    input: (
        Annotated[str, Meta(min_length=1, max_length=1 << 17)]
        | Annotated[
            list[Annotated[str, Meta(min_length=1, max_length=1 << 17)]],
            Meta(min_length=1, max_length=MOST_TEXTS),
        ]
    )
    model: Annotated[str, Meta(max_length=200)] = ""
    encoding_format: Literal["float", "base64"] = "float"


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
