"""Files that clients send: as they are, or as a part of a form, as browsers do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple, Protocol
from uuid import UUID

import falcon
import falcon.asgi
from falcon.media.multipart import MultipartFormHandler

from pisovereign.errors import BadRequest, PayloadTooLarge, RateLimited

FORM_BYTES = 64 * 1024
"""What a form may have beside its file."""
_CHUNK = 256 * 1024
_MOST_PARTS = 16
# A file is in memory as a whole, for as long as its sender takes.
_AT_ONCE = 2
_MOST_WAITING = 20
_AGAIN_S = 10


class Upload(NamedTuple):
    """A file: its bytes, and what its sender calls it; empty: nothing."""

    name: str
    data: bytes


class _Stream(Protocol):
    async def read(self, size: int) -> bytes: ...


class _Turns:
    """The uploads of one user: those that are read, and those that wait."""

    def __init__(self) -> None:
        self.free = asyncio.Semaphore(_AT_ONCE)
        self.asked = 0


class UploadReader:
    """Reads files from the bodies of requests, within limits.

    Args:
        limit_bytes: Of a file.
        timeout_s: That a client may take.
    """

    def __init__(self, limit_bytes: int, timeout_s: float) -> None:
        self._limit = limit_bytes
        self._timeout = timeout_s
        self._turns: dict[UUID, _Turns] = {}

    @asynccontextmanager
    async def taken(self, req: falcon.asgi.Request, user: UUID) -> AsyncIterator[Upload]:
        """Hold the file of a request; of more than two at once of a user, the others wait unread.

        Raises:
            BadRequest: there is none, or it did not arrive in time.
            PayloadTooLarge: it is too large.
            RateLimited: too many wait already, or this one did for too long.
        """
        turns = self._turns.setdefault(user, _Turns())
        if turns.asked >= _AT_ONCE + _MOST_WAITING:
            raise RateLimited(_AGAIN_S)
        turns.asked += 1
        try:
            try:
                async with asyncio.timeout(self._timeout):
                    await turns.free.acquire()
            except TimeoutError:
                raise RateLimited(_AGAIN_S) from None
            try:
                yield await self._read(req)
            finally:
                turns.free.release()
        finally:
            turns.asked -= 1
            if not turns.asked:
                self._turns.pop(user, None)

    async def _read(self, req: falcon.asgi.Request) -> Upload:
        kind = falcon.parse_header(req.content_type or "")[0].lower()
        try:
            async with asyncio.timeout(self._timeout):
                if kind == "multipart/form-data":
                    return await self._from_form(req)
                return Upload("", await self._bounded(req.stream))
        except TimeoutError:
            raise BadRequest(f"The file did not arrive within {self._timeout:g} seconds") from None

    async def _from_form(self, req: falcon.asgi.Request) -> Upload:
        handler = MultipartFormHandler()
        handler.parse_options.max_body_part_count = _MOST_PARTS
        try:
            form = await handler.deserialize_async(req.stream, req.content_type, req.content_length)
            async for part in form:
                if part.filename:
                    return Upload(part.filename, await self._bounded(part.stream))
        except (falcon.MediaMalformedError, falcon.HTTPInvalidHeader, ValueError):
            raise BadRequest("The form cannot be read") from None
        raise BadRequest("The form has no part that is a file")

    async def _bounded(self, stream: _Stream) -> bytes:
        data = bytearray()
        while piece := await stream.read(_CHUNK):
            data += piece
            if len(data) > self._limit:
                raise PayloadTooLarge(f"The file is larger than {self._limit} bytes")
        return bytes(data)
