"""Tools and their results; and one message of the protocol, for its description."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import msgspec


class ToolSpec(NamedTuple):
    """A tool; `arguments` is a JSON Schema."""

    name: str
    description: str
    arguments: dict[str, Any]
    read_only: bool


class ToolResult(NamedTuple):
    """The result of a tool: in words, and as an object of JSON."""

    text: str
    data: dict[str, Any]
    failed: bool = False


class Reply(NamedTuple):
    """The response to the client; `body` is JSON, or empty."""

    status: int
    body: bytes


class RpcMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message to the server; without an `id` it is a notification, which gets no answer."""

    jsonrpc: Literal["2.0"]
    method: str
    id: str | int | None = None
    params: dict[str, Any] | None = None


class RpcAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The answer: `result`, or `error` with `code` and `message`."""

    jsonrpc: Literal["2.0"]
    id: str | int | None
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
