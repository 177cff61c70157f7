"""The common part of both kinds of servers: requests, times for files, meanings of statuses."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import NoReturn

from pisovereign.connectors.file_stores.types import PART, FileStore
from pisovereign.errors import HostFailed, LoginRefused, UpstreamError
from pisovereign.net.hosts import parse_url
from pisovereign.outbound.client import FileBody, OutboundClient
from pisovereign.outbound.reply import Reply

# What a file may take: a slow line of 160 kbit/s, and a minute for the server's own work.
_LEAST_BYTES_S, _FURTHER_S = 20_000, 60.0
_LONGEST_S = 24 * 3600.0
LARGEST = 1 << 42
_TRIAL = b"PiSovereign can write here.\n"


class Server:
    """A server that keeps files, and how it is asked.

    Args:
        client: The way out.
        url: What requests are about.
        timeout_s: Longest wait for an answer without a file.
    """

    def __init__(self, client: OutboundClient, url: str, timeout_s: float) -> None:
        self.host = parse_url(url).host
        self._client = client
        self._timeout_s = timeout_s

    async def ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        body: bytes | FileBody | None = None,
    ) -> Reply:
        """Send a request once, and return its answer, whatever its status.

        Raises:
            UpstreamError: There is none.
        """
        await self._client.require_tls_beyond_local(url)
        limit_s = self._timeout_s
        if isinstance(body, FileBody):
            limit_s += time_for(body.size)
        asking = self._client.stream(method, url, timeout_s=limit_s, headers=headers, body=body)
        async with asking as reply:
            parts = [part async for part in reply.parts()]
            return Reply(reply.status, reply.headers, b"".join(parts))

    async def download(self, url: str, headers: Mapping[str, str]) -> AsyncIterator[bytes]:
        """Yield a file in the parts in which it comes.

        Raises:
            UpstreamError: It is not there, or stops in the middle.
        """
        await self._client.require_tls_beyond_local(url)
        asking = self._client.stream(
            "GET", url, timeout_s=_LONGEST_S, headers=headers, most_bytes=LARGEST
        )
        async with asking as reply:
            if reply.status != 200:
                self.refuse(reply.status, "read a file")
            parts = reply.parts()
            while True:
                try:
                    async with asyncio.timeout(self._timeout_s + _FURTHER_S):
                        part = await anext(parts, None)
                except TimeoutError:
                    raise HostFailed(f"{self.host} stopped in the middle of a file") from None
                if part is None:
                    return
                yield part

    def refuse(self, status: int, what: str) -> NoReturn:
        """Raise what a status means.

        Raises:
            UpstreamError: Always.
        """
        match status:
            case 401:
                raise LoginRefused(f"{self.host} refuses the user name or the password")
            case 403:
                raise LoginRefused(f"{self.host} does not let us {what} (403)")
            case 404:
                raise UpstreamError(f"{self.host} knows no such folder or file")
            case 413 | 507:
                raise UpstreamError(f"{self.host} has no room for it ({status})")
            case _:
                raise UpstreamError(f"{self.host} does not {what}: HTTP status {status}")


def time_for(size: int) -> float:
    """Return how long a file of so many bytes may take, in seconds."""
    return min(_FURTHER_S + size / _LEAST_BYTES_S, _LONGEST_S)


async def try_out(
    store: FileStore, host: str, write: Callable[[str, bytes], Awaitable[None]]
) -> str:
    """Write a small file, read it and delete it; return what is there, in a few words.

    Args:
        store: The place.
        host: Of its server.
        write: Stores bytes under a name.

    Raises:
        UpstreamError: The server refuses, or gives back something else.
    """
    name = f"trial-{secrets.token_hex(8)}{PART}"
    await write(name, _TRIAL)
    try:
        found = b"".join([piece async for piece in store.read(name)])
    finally:
        await store.delete(name)
    if found != _TRIAL:
        raise UpstreamError(f"{host} does not give back what was sent")
    return f"{len(await store.files())} files"


async def digest(pieces: AsyncIterator[bytes]) -> str:
    """Return the SHA-256 of what comes in pieces, in hexadecimal digits."""
    found = hashlib.sha256()
    async for piece in pieces:
        found.update(piece)
    return found.hexdigest()
