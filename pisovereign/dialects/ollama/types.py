"""Requests of Ollama's routes. Unknown fields are ignored, as its clients expect.

Fields that could not be kept to (`context`, `keep_alive` but for the empty request, `num_ctx` and
most other options of a machine) are not here, and so ignored with them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from pisovereign.engine_client.types import MOST_TOOLS, CallId, FunctionName, Role, StopString

ModelName = Annotated[str, Meta(min_length=1, max_length=200)]
Format = Literal["", "json"] | dict[str, Any]
Think = bool | Literal["low", "medium", "high"]
Prompt = Annotated[str, Meta(max_length=1 << 17)]
MOST_TEXTS = 512


class CalledFunction(msgspec.Struct, frozen=True):
    """A called function, with the arguments as an object."""

    name: FunctionName
    arguments: dict[str, Any] = {}


class CalledTool(msgspec.Struct, frozen=True):
    """A call of an earlier answer; not every client sends back its id."""

    function: CalledFunction
    id: CallId = ""


class Message(msgspec.Struct, frozen=True):
    """One message; a result of the role `tool` says with luck which call it answers to."""

    role: Role
    content: str | None = None
    images: list[str] | None = None
    tool_calls: Annotated[list[CalledTool], Meta(max_length=MOST_TOOLS)] | None = None
    tool_name: Annotated[str, Meta(max_length=64)] | None = None
    tool_call_id: CallId | None = None


class Function(msgspec.Struct, frozen=True):
    """A function that may be called; `parameters` is a JSON Schema of its arguments."""

    name: FunctionName
    description: str | None = None
    parameters: dict[str, Any] | None = None


class Tool(msgspec.Struct, frozen=True):
    """A tool; only functions are known."""

    function: Function


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How an answer is written; tokens that it may have: -1 and -2 are as many as there may be."""

    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    top_k: Annotated[int, Meta(ge=0, le=100_000)] | None = None
    min_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    repeat_penalty: Annotated[float, Meta(ge=0.1, le=10)] | None = None
    seed: Annotated[int, Meta(ge=-(1 << 63), le=(1 << 63) - 1)] | None = None
    num_predict: Annotated[int, Meta(ge=-2, le=1 << 31)] | None = None
    stop: Annotated[list[StopString], Meta(max_length=16)] | StopString | None = None


class Chat(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /api/chat`."""

    model: ModelName
    messages: Annotated[list[Message], Meta(max_length=4096)] | None = None
    tools: Annotated[list[Tool], Meta(max_length=MOST_TOOLS)] | None = None
    stream: bool | None = None
    format: Format | None = None
    think: Think | None = None
    options: Options | None = None
    keep_alive: float | str | None = None


class Generate(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /api/generate`."""

    model: ModelName
    prompt: Prompt | None = None
    system: Prompt | None = None
    suffix: str | None = None
    template: str | None = None
    raw: bool | None = None
    images: list[str] | None = None
    stream: bool | None = None
    format: Format | None = None
    think: Think | None = None
    options: Options | None = None
    keep_alive: float | str | None = None


class Embed(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /api/embed`."""

    model: ModelName
    input: Prompt | Annotated[list[Prompt], Meta(max_length=MOST_TEXTS)]
    dimensions: Annotated[int, Meta(ge=1, le=65_536)] | None = None


class OldEmbed(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /api/embeddings`."""

    model: ModelName
    prompt: Prompt | None = None


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """A body that names a model; `name` is the older word."""

    model: ModelName | None = None
    name: ModelName | None = None
    stream: bool | None = None

    @property
    def wanted(self) -> str:
        """Return the name; empty if there is none."""
        return self.model or self.name or ""
