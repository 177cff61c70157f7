"""The events of an answer's stream."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from pisovereign.chat.types import ChatResponse, Promise, ToolCall, ToolResult

Piece = str | Promise | ToolCall | ToolResult | ChatResponse
_OPTIONAL = ("command", "commands", "degraded", "claim_withheld", "tools", "speed", "passages")


def event_of(piece: Piece) -> tuple[str, Any]:
    """Return the name of a piece's event, and its data, to be written as JSON."""
    match piece:
        case str():
            return "message", {"delta": piece}
        case Promise():
            return "expected", piece
        case ToolCall():
            return "tool_call", piece
        case ToolResult():
            return "tool_result", piece
        case ChatResponse():
            return "done", _done(piece)


def _done(piece: ChatResponse) -> dict[str, Any]:
    done: dict[str, Any] = {
        "tokens": piece.tokens,
        "id": piece.id,
        "conversation_id": piece.conversation_id,
        "model": piece.model,
        "finish_reason": piece.finish_reason,
        "memories": piece.memories,
        "created_at": piece.created_at,
    }
    given = {name: getattr(piece, name) for name in _OPTIONAL}
    return done | {name: value for name, value in given.items() if value is not UNSET}
