"""Reading the bodies of the engine's requests, and writing those of its replies."""

from __future__ import annotations

import asyncio
from typing import Any, TypeVar

import falcon
import falcon.asgi
import msgspec

from pisovereign.engine.errors import InvalidRequest
from pisovereign.engine_client.types import encode

_BODY_LIMIT = 8 * 1024 * 1024
_BODY_TIMEOUT_S = 15.0

Body = TypeVar("Body", bound=msgspec.Struct)


async def read_body(req: falcon.asgi.Request, decoder: msgspec.json.Decoder[Body]) -> Body:
    """Return a body, read and checked within a size and a time.

    Raises:
        InvalidRequest: it is something else, or does not arrive in time.
        falcon.HTTPContentTooLarge: it is too large.
    """
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(_BODY_TIMEOUT_S):
            async for part in req.stream:
                size += len(part)
                if size > _BODY_LIMIT:
                    raise falcon.HTTPContentTooLarge(description="The body is too large.")
                parts.append(part)
    except TimeoutError:
        raise InvalidRequest("The body did not arrive in time.") from None
    try:
        return decoder.decode(b"".join(parts))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidRequest(str(error)) from None
    except RecursionError:
        raise InvalidRequest("The body is nested too deeply.") from None


def reply(resp: falcon.asgi.Response, body: Any) -> None:
    """Answer with `body` in JSON."""
    resp.content_type = "application/json"
    resp.data = encode(body)
