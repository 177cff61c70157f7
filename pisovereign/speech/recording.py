"""A recording in a request: the body itself, or a part of a form as OpenAI's clients send it."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

import falcon
from falcon.asgi import Request

from pisovereign.errors import BadRequest, PayloadTooLarge, ValidationFailed

LARGEST = 12 * 1024 * 1024
"""Bytes of a request: two minutes of plain audio at 48 kHz, and what surrounds it."""
_LONGEST_FIELD = 10_000
_FIELDS = ("language", "response_format")
_MOST_PARTS = 20


class Recording(NamedTuple):
    """A file, and what was said about it."""

    data: bytes
    fields: dict[str, str]


async def read_recording(req: Request, limit_s: float) -> Recording:
    """Return the recording of a request.

    Args:
        req: Its body is a file, or a form with a part `file`.
        limit_s: How long it may take to arrive, in seconds.

    Raises:
        BadRequest: It did not arrive in time, or is no form.
        PayloadTooLarge: It is larger than `LARGEST`.
        ValidationFailed: There is no file.
    """
    kind, _ = falcon.parse_header(req.content_type or "")
    try:
        async with asyncio.timeout(limit_s):
            if kind.lower() == "multipart/form-data":
                found = await _of_form(req)
            else:
                found = Recording(_bounded(await req.stream.read(LARGEST + 1)), {})
    except TimeoutError:
        raise BadRequest(f"The request body did not arrive within {limit_s:g} seconds") from None
    if not found.data:
        raise ValidationFailed([{"field": "file", "error": "is required"}])
    return found


async def _of_form(req: Request) -> Recording:
    data, fields, parts = b"", {}, 0
    async for part in await req.get_media():
        parts += 1
        if parts > _MOST_PARTS:
            raise BadRequest("The form has too many parts")
        if part.name == "file":
            data = _bounded(await part.stream.read(LARGEST + 1))
        elif part.name in _FIELDS:
            text = await part.stream.read(_LONGEST_FIELD)
            fields[part.name] = text.decode("utf-8", "replace").strip()
    return Recording(data, fields)


def _bounded(data: bytes) -> bytes:
    if len(data) > LARGEST:
        raise PayloadTooLarge(f"The request body is larger than {LARGEST} bytes")
    return data
