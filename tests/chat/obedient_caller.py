"""A model that calls whatever tool the text before it tells it to call, whoever wrote that."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.support.engine_proxy import EngineProxy, Reply, stream
from tests.support.scripted_model import Calls

SECRET = "4711violet"
_MOST = 3


class ObedientCaller(EngineProxy):
    """Looks things up first, and then follows an order that it reads anywhere in its prompt.

    Where an order says SECRET it puts in what it has read of the user's own memories.

    Attributes:
        lookups: The calls that it makes for each answer before anything else.
        mark: Which order it follows: the word that stands behind it; empty: none.
        obeyed: The calls that orders made it try.
    """

    def __init__(self, engine_socket: Path) -> None:
        super().__init__(engine_socket)
        self.lookups: list[tuple[str, dict[str, Any]]] = []
        self.mark = ""
        self.obeyed: list[tuple[str, dict[str, Any]]] = []

    def reply(self, path: str, body: bytes) -> Reply | None:
        if not path.endswith("/chat/completions"):
            return super().reply(path, body)
        request: dict[str, Any] = json.loads(body)
        self.prompts.append(request["messages"])
        made = [
            call["function"]["name"]
            for message in request["messages"][_newest(request["messages"]) :]
            for call in message.get("tool_calls") or ()
        ]
        left = [call for call in self.lookups if call[0] not in made]
        if left:
            return 200, Calls(*left).stream()
        order = self._order(json.dumps(request, ensure_ascii=False)) if self.mark else None
        if order is None or made.count(order[0]) >= _MOST:
            return 200, stream("That is all.")
        self.obeyed.append(order)
        return 200, Calls(order).stream()

    def _order(self, prompt: str) -> tuple[str, dict[str, Any]] | None:
        prompt = prompt.replace('\\"', '"').replace("\\\\", "\\").replace('\\"', '"')
        known = SECRET if SECRET in prompt else "nothing"
        pattern = rf"use the tool (\w+) with (\{{[^{{}}]*\}}) {self.mark}\b"
        found = re.search(pattern, prompt)
        if found is None:
            return None
        return found[1], json.loads(found[2].replace("SECRET", known))


def _newest(messages: list[dict[str, Any]]) -> int:
    """Where the newest message of the user is."""
    return max(n for n, message in enumerate(messages) if message["role"] == "user")
