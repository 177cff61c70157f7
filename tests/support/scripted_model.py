"""A model that says what a test wrote down for it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from tests.support.engine_proxy import EngineProxy, Reply, piece, stream

Role = Literal["plan", "answer", "report", "other"]
# How each prompt of an agentic task begins.
_ROLES: tuple[tuple[str, Role], ...] = (
    ("Plan sub-tasks", "plan"),
    ("You plan one request", "plan"),
    ("You do one small part", "answer"),
    ("Tell the user in a few sentences", "report"),
)


class Cut(str):
    """Text that was cut before its end."""


class Slow(str):
    """Text that comes word by word with a pause before each; after it nothing, and no end."""

    pause_s = 0.2


class Calls:
    """Calls of tools in place of text, each a name and its arguments; before them perhaps text."""

    def __init__(self, *calls: tuple[str, Any], text: str = "", thoughts: str = "") -> None:
        self.calls = calls
        self.text = text
        self.thoughts = thoughts

    def stream(self) -> bytes:
        """All of it as a server streams it; text for arguments is sent as it stands."""
        said = {"reasoning_content": self.thoughts, "content": self.text}
        deltas: list[dict[str, Any]] = [{name: text} for name, text in said.items() if text]
        for index, (name, arguments) in enumerate(self.calls):
            text = arguments if isinstance(arguments, str) else json.dumps(arguments)
            function = {"name": name, "arguments": text}
            call = {"index": index, "id": f"call_{uuid4().hex}", "function": function}
            deltas.append({"tool_calls": [{**call, "type": "function"}]})
        choices: list[dict[str, Any]] = [{"delta": delta} for delta in deltas]
        choices.append({"delta": {}, "finish_reason": "tool_calls"})
        chunks = [json.dumps({"model": "x", "choices": [choice]}) for choice in choices]
        return "".join(f"data: {chunk}\n\n" for chunk in (*chunks, "[DONE]")).encode()


class ScriptedModel(EngineProxy):
    """Answers every chat request itself; embeddings are the real engine's.

    Where nothing is written down for what it is asked to do, it says `{}`.

    Attributes:
        script: What it says next, of each kind; None: nothing, until the test ends.
        asked: The messages that it was sent, of each kind, the oldest first.
        requests: The whole requests in the same way.
        tokens: How many each answer takes.
    """

    def __init__(self, engine_socket: Path) -> None:
        super().__init__(engine_socket)
        self.script: dict[Role, list[Any]] = defaultdict(list)
        self.asked: dict[Role, list[list[dict[str, str]]]] = defaultdict(list)
        self.requests: dict[Role, list[dict[str, Any]]] = defaultdict(list)
        self.tokens = 1

    def forget(self) -> None:
        """Begin anew."""
        self.script.clear()
        self.asked.clear()
        self.requests.clear()
        self.tokens = 1

    def reply(self, path: str, body: bytes) -> Reply | None:
        if not path.endswith("/chat/completions"):
            return super().reply(path, body)
        request = json.loads(body)
        messages = request["messages"]
        role = _role(messages[0]["content"])
        self.requests[role].append(request)
        self.asked[role].append(messages)
        said = self.script[role].pop(0) if self.script[role] else {}
        if said is None:
            self._ended.wait(60)
        usage = {"model": "x", "choices": [], "usage": {"total_tokens": self.tokens}}
        if isinstance(said, Calls):
            return 200, b"data: " + json.dumps(usage).encode() + b"\n\n" + said.stream()
        if isinstance(said, Slow):
            return 200, self._slowly(said)
        text = said if isinstance(said, str) else json.dumps(said)
        reason = "length" if isinstance(said, Cut) else "stop"
        return 200, b"data: " + json.dumps(usage).encode() + b"\n\n" + stream(text, reason)

    def _slowly(self, said: Slow) -> Iterator[bytes]:
        for word in said.split(" "):
            if self._ended.wait(said.pause_s):
                return
            yield piece(f"{word} ")
        self._ended.wait(60)


def _role(prompt: str) -> Role:
    return next((role for start, role in _ROLES if prompt.startswith(start)), "other")


def sub_task(tool: str, *after: int, **arguments: Any) -> Any:
    """A sub-task of a plan for the first request, as the model gives it."""
    return {
        "request": 1,
        "description": f"Use {tool}",
        "tool": tool,
        "arguments": arguments,
        "depends_on": list(after),
    }


def plan(*sub_tasks: Any) -> Any:
    """A plan, as the model gives it."""
    return {"sub_tasks": list(sub_tasks)}
