"""Responses of one JSON object a line, which are as long as what is exported."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import msgspec
from falcon.asgi import Response

JSON_LINES = "application/x-ndjson"


def send_json_lines(resp: Response, parts: AsyncIterator[Sequence[msgspec.Struct]]) -> None:
    """Respond with the objects of all parts, which nobody on the way may keep."""
    resp.content_type = f"{JSON_LINES}; charset=utf-8"
    resp.set_header("Cache-Control", "no-store")
    resp.stream = _lines(parts)


async def _lines(parts: AsyncIterator[Sequence[msgspec.Struct]]) -> AsyncIterator[bytes]:
    encoder = msgspec.json.Encoder()
    async for part in parts:
        yield encoder.encode_lines(part)
