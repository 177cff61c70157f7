"""An engine without a model that streams one token at a time, as a real one does."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from bench.stub_engine import HEALTH, Receive, Send, delta_event, end_events

EVERY_S = 0.004


async def app(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """`/health` and, at every other path, as many tokens as `max_tokens` says."""
    if scope["type"] != "http":
        raise RuntimeError("serve with --lifespan off --ws none")
    body = b""
    while (message := await receive()).get("more_body") or message.get("body"):
        body += message["body"]
        if not message.get("more_body"):
            break
    health = scope["path"] == "/health"
    media_type = b"application/json" if health else b"text/event-stream"
    headers = [(b"content-type", media_type)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if health:
        await send({"type": "http.response.body", "body": HEALTH})
        return
    count = msgspec.json.decode(body)["max_tokens"]
    for number in range(count):
        await asyncio.sleep(EVERY_S)
        part = {"type": "http.response.body", "body": delta_event(f" w{number}"), "more_body": True}
        await send(part)
    await send({"type": "http.response.body", "body": end_events(count), "more_body": True})
    await send({"type": "http.response.body", "body": b""})
