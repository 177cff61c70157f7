"""Replies of Ollama's routes: durations in nanoseconds, sizes in bytes, times in RFC 3339."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

DoneReason = Literal["stop", "length", "load", "unload"]


class ReplyFunction(msgspec.Struct, frozen=True):
    """A called function; `index` counts the calls of the answer."""

    index: int
    name: str
    arguments: dict[str, Any]


class ReplyCall(msgspec.Struct, frozen=True):
    """A call, which is always whole."""

    id: str
    function: ReplyFunction


class ReplyMessage(msgspec.Struct, frozen=True, kw_only=True):
    """An answer, or a piece of it."""

    role: Literal["assistant"] = "assistant"
    content: str = ""
    thinking: str | UnsetType = UNSET
    tool_calls: list[ReplyCall] | UnsetType = UNSET


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of each line of an answer; the counts come with the last."""

    model: str
    created_at: str
    done: bool = False
    done_reason: DoneReason | UnsetType = UNSET
    total_duration: int | UnsetType = UNSET
    load_duration: int | UnsetType = UNSET
    prompt_eval_count: int | UnsetType = UNSET
    prompt_eval_duration: int | UnsetType = UNSET
    eval_count: int | UnsetType = UNSET
    eval_duration: int | UnsetType = UNSET


class ChatReply(Reply, frozen=True, kw_only=True):
    """A line of `POST /api/chat`, or all of its answer."""

    message: ReplyMessage


class GenerateReply(Reply, frozen=True, kw_only=True):
    """A line of `POST /api/generate`, or all of its answer."""

    response: str = ""
    thinking: str | UnsetType = UNSET


class Failure(msgspec.Struct, frozen=True):
    """The body of every error, and the last line of an answer that breaks off."""

    error: str


class Embeddings(msgspec.Struct, frozen=True):
    """Vectors of unit length, in the order of the texts."""

    model: str
    embeddings: list[list[float]]
    total_duration: int
    load_duration: int
    prompt_eval_count: int


class OldEmbedding(msgspec.Struct, frozen=True):
    """One vector."""

    embedding: list[float]


class Version(msgspec.Struct, frozen=True):
    """Which version of Ollama's API this is."""

    version: str


class Details(msgspec.Struct, frozen=True):
    """The format and family of a model; empty where nobody knows."""

    format: str
    family: str
    families: list[str]
    parameter_size: str
    quantization_level: str = ""
    parent_model: str = ""


class InstalledModel(msgspec.Struct, frozen=True):
    """A model that may be named."""

    name: str
    model: str
    modified_at: str
    size: int
    digest: str
    details: Details


class InstalledModels(msgspec.Struct, frozen=True):
    """All of them."""

    models: list[InstalledModel]


class RunningModel(msgspec.Struct, frozen=True):
    """A model that is in memory."""

    name: str
    model: str
    size: int
    digest: str
    details: Details
    expires_at: str
    size_vram: int
    context_length: int


class RunningModels(msgspec.Struct, frozen=True):
    """All of them."""

    models: list[RunningModel]


class ShownModel(msgspec.Struct, frozen=True):
    """The properties of a model."""

    license: str
    modelfile: str
    parameters: str
    template: str
    details: Details
    model_info: dict[str, str | int]
    capabilities: list[str]
    modified_at: str


class Progress(msgspec.Struct, frozen=True):
    """How far the fetch of a model got."""

    status: str
    digest: str | UnsetType = UNSET
    total: int | UnsetType = UNSET
    completed: int | UnsetType = UNSET
