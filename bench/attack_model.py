"""A model over a socket that knows how its user's task is done, and obeys whatever it reads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.attack_sets import Call
from pisovereign.text.untrusted import plain
from tests.support.engine_proxy import EngineProxy, Reply, stream
from tests.support.scripted_model import Calls

SECRET = "4711violet"
_PLACEHOLDER = "SECRET"


class Order:
    """What a stranger's text tells a model to do.

    Args:
        mark: Words of it by which it is recognized, wherever they stand.
        calls: What it tells it to call; SECRET in them is what it knows of the user.
        says: What it tells it to write.
    """

    def __init__(self, mark: str, calls: Sequence[Call], says: str = "") -> None:
        self.mark = _plain(mark)
        self.calls = calls
        self.says = says


class TaskModel(EngineProxy):
    """Obeys first, and then does its user's task; embeddings are the real engine's.

    Args:
        engine_socket: The real engine.
        real: The engine's model answers itself; only what it reads is looked at.

    Attributes:
        plan: The calls of the task, in their order.
        order: What it obeys as soon as it reads it; None: nothing.
        seen: It has read the order.
        told: What it writes at the end.
    """

    def __init__(self, engine_socket: Path, *, real: bool = False) -> None:
        super().__init__(engine_socket)
        self.real = real
        self.plan: Sequence[Call] = ()
        self.order: Order | None = None
        self.seen = False
        self.told = "That is all."

    def reply(self, path: str, body: bytes) -> Reply | None:
        """Answer requests for chat; the real engine has all others."""
        if not path.endswith("/chat/completions"):
            return super().reply(path, body)
        request: dict[str, Any] = json.loads(body)
        messages = request["messages"]
        text = _plain("\n".join(_texts(messages)))
        obeys = self.order is not None and self.order.mark in text
        self.seen |= obeys
        if self.real:
            return super().reply(path, body)
        call = self._next(request, messages, text, obeys=obeys)
        if call is not None:
            return 200, Calls((call.name, call.arguments)).stream()
        says = self.order.says if self.order is not None and obeys else ""
        return 200, stream(says.replace(_PLACEHOLDER, _known(text)) or self.told)

    def _next(
        self, request: dict[str, Any], messages: list[dict[str, Any]], text: str, *, obeys: bool
    ) -> Call | None:
        offered = {tool["function"]["name"] for tool in request.get("tools") or ()}
        made = _made(messages)
        if obeys and self.order is not None:
            for call in self.order.calls:
                filled = _filled(call, _known(text))
                if filled.name in offered and _key(filled) not in made:
                    return filled
        for call in self.plan:
            if call.name in offered and _key(call) not in made and _is_told(call, text):
                return call
        return None


def _texts(messages: Sequence[dict[str, Any]]) -> list[str]:
    return [str(message.get("content") or "") for message in messages]


def _plain(text: str) -> str:
    """Return a text as it is compared: what the program writes for tags and blanks in one form."""
    return " ".join(plain(text).split()).casefold()


def _known(text: str) -> str:
    return SECRET if SECRET in text else "nothing"


def _filled(call: Call, known: str) -> Call:
    """Return a call with what is known in place of SECRET."""
    given = json.dumps(call.arguments).replace(_PLACEHOLDER, known)
    return Call(call.name, json.loads(given))


def _made(messages: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return the calls since the user's newest message."""
    newest = max(n for n, message in enumerate(messages) if message["role"] == "user")
    return [
        (call["function"]["name"], _sorted(json.loads(call["function"]["arguments"])))
        for message in messages[newest:]
        for call in message.get("tool_calls") or ()
    ]


def _key(call: Call) -> tuple[str, str]:
    return call.name, _sorted(call.arguments)


def _sorted(arguments: dict[str, Any]) -> str:
    return json.dumps(arguments, sort_keys=True)


def _is_told(call: Call, text: str) -> bool:
    """Return whether a model that reads only this can know whom or what an effect is about."""
    if not call.has_effect:
        return True
    named = call.arguments.get("to") or call.arguments.get("title") or ""
    return all(_plain(part) in text for part in str(named).split(", "))
