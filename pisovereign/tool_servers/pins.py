"""Tools as models are offered them, and what keeps one from being offered.

What a server says of its tools is text of strangers in every prompt: it is shortened, kept on one
line without tags, and every schema has to be one that a model can be held to.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from pisovereign.connectors.mcp.types import ToolDefinition
from pisovereign.engine.errors import InvalidRequest
from pisovereign.engine.schemas.reading import read_schema
from pisovereign.engine_client.tool_schemas import supported_part
from pisovereign.text.untrusted import one_line
from pisovereign.tool_servers.store import StoredTool
from pisovereign.tool_servers.types import Change, ServerTool, ToolStatus
from pisovereign.tool_use.types import OfferedTool

MOST_SCHEMA_BYTES = 4_000
_MOST_NAME = 64
_MOST_DESCRIPTION = 400
_MOST_NOTE = 160
_PROPERTY = re.compile(r"[A-Za-z0-9_.$-]{1,64}")
_LEFT_OUT = frozenset(
    {"title", "default", "examples", "deprecated", "readOnly", "writeOnly"}
    | {"$schema", "$id", "$comment"}
)
_FIGURES = frozenset({"integer", "number", "boolean", "null"})


def called(server: str, tool: str) -> str:
    """Return the name that models call a tool by; names of servers hold no underscores."""
    return f"{server}__{re.sub(r'[^A-Za-z0-9_-]', '_', tool)}"


def why_unusable(server: str, tool: ToolDefinition) -> str:
    """Return what keeps a tool from being offered; empty: nothing."""
    if len(called(server, tool.name)) > _MOST_NAME:
        return "Its name is too long"
    if tool.input_schema.get("type") != "object":
        return "Its arguments are no object"
    try:
        schema = _told(tool)
        size = len(msgspec.json.encode(schema))
        names = _property_names(schema)
        read_schema(schema, "Its schema")
    except InvalidRequest as error:
        return one_line(error.message, _MOST_NOTE)
    except (RecursionError, TypeError, ValueError, AttributeError):
        return "Its schema cannot be read"
    if size > MOST_SCHEMA_BYTES:
        return "The schema of its arguments is too large"
    if not all(_PROPERTY.fullmatch(name) for name in names):
        return "An argument has a name that models cannot write"
    return ""


def offered(tool: StoredTool, *, sends: bool) -> OfferedTool | None:
    """Return a tool as a model is offered it; None: it is not.

    Args:
        tool: One that is as it was allowed.
        sends: Whether its arguments leave this machine.
    """
    if tool.now is None or why_unusable(tool.server, tool.now):
        return None
    schema = _told(tool.now)
    properties: dict[str, Any] = schema.get("properties", {})
    said = one_line(tool.now.description, _MOST_DESCRIPTION)
    free = frozenset(name for name, each in properties.items() if not _is_figure(each))
    return OfferedTool(
        name=called(tool.server, tool.name),
        description=f"A tool of the server {tool.server}, which says of it: {said}",
        parameters=schema,
        has_effects=not runs_directly(tool),
        sends=free if sends else frozenset(),
        foreign=True,
    )


def runs_directly(tool: StoredTool) -> bool:
    """Return whether a tool runs without an approval: its server and its owner both say so."""
    return tool.direct and tool.now is not None and tool.now.reads_only


def shown(tool: StoredTool) -> ServerTool:
    """Return a tool as its owner sees it."""
    now = tool.now or ToolDefinition(name=tool.name, input_schema={})
    reason = why_unusable(tool.server, now) if tool.now else "It cannot be read; try the server"
    changes = []
    if tool.before is not None and tool.allowed != tool.fingerprint and tool.fingerprint:
        changes = [
            Change(part=part, before=getattr(tool.before, part), now=getattr(now, part))
            for part in now.changes(tool.before)
        ]
    return ServerTool(
        name=tool.name,
        called=called(tool.server, tool.name),
        description=now.description,
        input_schema=now.input_schema,
        annotations=now.annotations,
        reads_only=now.reads_only,
        status=_status(tool, reason),
        direct=tool.direct,
        fingerprint=(tool.fingerprint or b"").hex(),
        changes=changes,
        reason=reason,
    )


def _status(tool: StoredTool, reason: str) -> ToolStatus:
    if tool.fingerprint is None:
        return "gone"
    if reason:
        return "unusable"
    if tool.allowed is None:
        return "new"
    return "allowed" if tool.allowed == tool.fingerprint else "changed"


def _told(tool: ToolDefinition) -> dict[str, Any]:
    """Return the schema of the arguments as models get it."""
    schema: dict[str, Any] = _clean(supported_part(tool.input_schema))
    return schema


def _clean(schema: Any, *, names: bool = False) -> Any:
    """Return a schema without what only costs tokens, with notes on one line.

    Args:
        schema: It, or a part of it.
        names: Whether its keys are names of arguments, and no keywords.
    """
    if isinstance(schema, list):
        return [_clean(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept: dict[str, Any] = {}
    for key, value in schema.items():
        if not names and key in _LEFT_OUT:
            continue
        if not names and key == "description":
            kept[key] = one_line(str(value), _MOST_NOTE)
        elif not names and key in ("enum", "const", "required"):
            kept[key] = value
        else:
            inner = not names and key in ("properties", "$defs", "definitions")
            kept[key] = _clean(value, names=inner)
    return kept


def _property_names(schema: Any) -> list[str]:
    if isinstance(schema, list):
        return [name for part in schema for name in _property_names(part)]
    if not isinstance(schema, dict):
        return []
    own = schema.get("properties")
    names = list(own) if isinstance(own, dict) else []
    return names + [name for part in schema.values() for name in _property_names(part)]


def _is_figure(schema: Any) -> bool:
    """Return whether an argument is a figure or one of a few words, which carry no text away."""
    if not isinstance(schema, dict):
        return False
    kind = schema.get("type")
    return "enum" in schema or (isinstance(kind, str) and kind in _FIGURES)
