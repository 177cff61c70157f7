"""An engine without a model: OpenAI's streaming form, the whole answer at once.

What remains of the program's time is its own. It is a bare ASGI app, to be served by uvicorn.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

MODEL = "smollm2-135m-instruct"
TOKENS = 16


def _event(choices: list[dict[str, Any]], **more: Any) -> bytes:
    chunk = {
        "id": "chatcmpl-0",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": MODEL,
        "choices": choices,
        **more,
    }
    return b"data: " + msgspec.json.encode(chunk) + b"\n\n"


def delta_event(content: str | None, finish_reason: str | None = None) -> bytes:
    """One chunk of an answer."""
    delta = {} if content is None else {"content": content}
    return _event([{"index": 0, "delta": delta, "finish_reason": finish_reason}])


def end_events(tokens: int) -> bytes:
    """Return what comes after the last of so many tokens."""
    usage = {"prompt_tokens": 40, "completion_tokens": tokens, "total_tokens": 40 + tokens}
    return delta_event(None, "stop") + _event([], usage=usage) + b"data: [DONE]\n\n"


ANSWER = b"".join(
    (
        *(delta_event(f" word{number}") for number in range(TOKENS)),
        end_events(TOKENS),
    )
)
HEALTH = msgspec.json.encode({"status": "ok", "model": MODEL, "context_length": 8192})

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """`/health` and, at every other path, the answer."""
    if scope["type"] != "http":
        raise RuntimeError("serve with --lifespan off --ws none")
    while (await receive()).get("more_body"):
        pass
    health = scope["path"] == "/health"
    media_type = b"application/json" if health else b"text/event-stream"
    headers = [(b"content-type", media_type)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    # Not the last message of the body: a stream's end is only known after its last event.
    await send(
        {"type": "http.response.body", "body": HEALTH if health else ANSWER, "more_body": True}
    )
    await send({"type": "http.response.body"})
