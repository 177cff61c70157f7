"""The Model Context Protocol."""

from __future__ import annotations

from pisovereign.mcp.types import RpcAnswer, RpcMessage
from pisovereign.openapi.operation import Answer, Operation

TAG = "MCP"
OPERATIONS = (
    Operation(
        method="post",
        path="/mcp",
        id="mcp",
        tag=TAG,
        summary="Speak the Model Context Protocol",
        description=(
            "Streamable HTTP without sessions, answered in JSON. What the protocol itself refuses "
            "is a JSON-RPC error with status 400, 404 or 406; a notification gets 202."
        ),
        request=RpcMessage,
        open_body=True,
        answer=Answer(type=RpcAnswer),
    ),
)
