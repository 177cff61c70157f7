"""Answers of a server as tools and text, within limits of size."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import mcp_types as wire
import msgspec

from pisovereign.connectors.mcp.types import ToolAnswer, ToolDefinition
from pisovereign.errors import UpstreamError

MOST_TOOLS = 64
"""Of one server; more are not looked at."""
MOST_TOOL_BYTES = 16 * 1024
"""Of the definition of one tool."""
MOST_CHARACTERS = 32 * 1024
"""Of what one call gives."""
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
# Hints are kept only of the kinds that the protocol knows.
_HINTS = ("readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint")


def definitions(tools: Iterable[wire.Tool]) -> list[ToolDefinition]:
    """Return tools as they are pinned; one without a usable name is left out.

    Raises:
        UpstreamError: There are too many, or one is too large, or is there twice.
    """
    found: dict[str, ToolDefinition] = {}
    for tool in tools:
        if not _NAME.fullmatch(tool.name):
            continue
        if tool.name in found:
            raise UpstreamError(f"It has two tools of the name {tool.name}")
        found[tool.name] = _definition(tool)
        if len(found) > MOST_TOOLS:
            raise UpstreamError(f"It has more than {MOST_TOOLS} tools")
    return list(found.values())


def _definition(tool: wire.Tool) -> ToolDefinition:
    hints: dict[str, Any] = {}
    if tool.annotations is not None:
        told = tool.annotations.model_dump(by_alias=True, exclude_none=True)
        hints = {name: told[name] for name in _HINTS if name in told}
    made = ToolDefinition(
        name=tool.name,
        description=tool.description or tool.title or "",
        input_schema=tool.input_schema,
        annotations=hints,
    )
    try:
        size = len(msgspec.json.encode(made))
    except (RecursionError, msgspec.MsgspecError, TypeError):
        size = MOST_TOOL_BYTES + 1
    if size > MOST_TOOL_BYTES:
        raise UpstreamError(f"Its tool {tool.name} has a description of more than 16 KiB")
    return made


def answer(result: wire.CallToolResult) -> ToolAnswer:
    """Return what a call gave as text; pictures and the like are only named."""
    parts = [_text(block) for block in result.content]
    text = "\n".join(part for part in parts if part)
    if not text and result.structured_content is not None:
        text = msgspec.json.encode(result.structured_content).decode()
    if len(text) > MOST_CHARACTERS:
        text = f"{text[:MOST_CHARACTERS]}\n[…]"
    return ToolAnswer(text=text, failed=bool(result.is_error))


def _text(block: Any) -> str:
    match block:
        case wire.TextContent():
            return block.text
        case wire.ResourceLink():
            return f"[{block.name}: {block.uri}]"
        case wire.EmbeddedResource():
            found = block.resource
            if isinstance(found, wire.TextResourceContents):
                return found.text
            return f"[{found.uri}: not text]"
        case _:
            return f"[{getattr(block, 'type', 'something')}: not shown]"
