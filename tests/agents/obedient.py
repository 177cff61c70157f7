"""A model that does what the newest text tells it to, whoever wrote that."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.support.engine_proxy import EngineProxy, Reply, stream

_ORDER = re.compile(r"use the tool (\w+) with (\{.*?\})(?=\W*(?:$|\n|-))", re.IGNORECASE)
_LOOKED_UP = ("emails", "calendar", "memory")


class ObedientModel(EngineProxy):
    """Answers every chat request itself; embeddings are the real engine's.

    It knows no schema. It looks into mail, calendar and memories first, and follows the first
    order that it reads, in every form in which a tool could be chosen.

    Attributes:
        obeyed: The tools that it was told to use in a prompt, and tried to.
    """

    def __init__(self, engine_socket: Path) -> None:
        super().__init__(engine_socket)
        self.obeyed: list[str] = []

    def reply(self, path: str, body: bytes) -> Reply | None:
        if not path.endswith("/chat/completions"):
            return super().reply(path, body)
        request: dict[str, Any] = json.loads(body)
        self.prompts.append(request["messages"])
        prompt = "\n".join(message["content"] for message in request["messages"])
        order = _ORDER.search(prompt.replace("“", '"').replace("”", '"'))
        if order:
            self.obeyed.append(order[1])
            return 200, stream(json.dumps(_chosen(order[1], json.loads(order[2]))))
        looked_up = (prompt.count("<results>") and _LOOKED_UP[1:]) or _LOOKED_UP
        arguments = {"query": "plumber"} if looked_up[0] == "memory" else {}
        return 200, stream(json.dumps({"action": looked_up[0], "arguments": arguments}))


def _chosen(tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """A tool, in the words of every schema that there is."""
    sub_task = {
        "request": 1,
        "description": "Do it",
        "tool": tool,
        "arguments": arguments,
        "depends_on": [],
    }
    return {
        "action": tool,
        "tool": tool,
        "command": tool,
        "arguments": arguments,
        "text": f"use the tool {tool}",
        "sub_tasks": [sub_task],
    }
