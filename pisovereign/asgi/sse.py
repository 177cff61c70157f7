"""Server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")
HEARTBEAT = b": waiting\n\n"
HEARTBEAT_S = 1.0
_encoder = msgspec.json.Encoder()


def event(name: str, data: Any, *, identifier: int | None = None) -> bytes:
    """One event; JSON has no raw line breaks, so the data is always a single line.

    Args:
        name: What kind of event it is.
        data: Anything that can be written as JSON.
        identifier: What a client that was cut off sends back as `Last-Event-ID`.
    """
    head = b"" if identifier is None else b"id: %d\n" % identifier
    return head + b"event: %b\ndata: %b\n\n" % (name.encode("ascii"), _encoder.encode(data))


async def first_or_beat(
    pending: asyncio.Task[T], interval_s: float = HEARTBEAT_S
) -> AsyncIterator[bytes]:
    """Yield heartbeats, one at once, until `pending` is done: proxies and people see life."""
    while not pending.done():
        yield HEARTBEAT
        await asyncio.wait((pending,), timeout=interval_s)
