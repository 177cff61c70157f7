"""Fetching files from addresses that people give: https only, and each address is judged.

Redirects are followed one at a time, by the rules of the first address. A name is resolved once,
and only what the outbound gate lets through is connected to.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import aiohttp
import msgspec
import yarl

from pisovereign.config import Config
from pisovereign.errors import Refused, UpstreamError
from pisovereign.models.errors import DownloadFailed, WrongContent
from pisovereign.models.http_retries import (
    ATTEMPTS,
    PIECE,
    RANGE,
    RETRIED,
    TIMEOUT,
    Again,
    fill,
)
from pisovereign.models.partial_file import PartialFile
from pisovereign.net.hosts import AllowedHost, literal, parse_url
from pisovereign.outbound.gate import Gate, gated_connector
from pisovereign.outbound.outbound import configured_hosts
from pisovereign.outbound.tls import Tls

LARGEST = 256 * 1024**3
_MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# A compressed answer would make byte positions meaningless.
_HEADERS = {"User-Agent": "PiSovereign", "Accept-Encoding": "identity"}


class RemoteFile(msgspec.Struct, frozen=True):
    """A file at an address: its size in bytes, and the server's mark of its version, or empty."""

    url: str
    size: int
    etag: str = ""


class Web:
    """The web as models are fetched from it; used as a context, on one event loop.

    Args:
        gate: decides which addresses may be contacted; closed with this.
        tls: verifies the servers.
        pause_s: wait before another attempt; twice as long before each further one.
    """

    def __init__(
        self, gate: Gate | None = None, tls: Tls | None = None, pause_s: float = 1.0
    ) -> None:
        self._gate = gate or Gate()
        self._tls = tls or Tls()
        self._pause_s = pause_s
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        try:
            context = await asyncio.to_thread(lambda: self._tls.context)
        except Refused as error:
            raise DownloadFailed(str(error)) from None
        connector = gated_connector(
            self._gate, context, limit=4, limit_per_host=2, keepalive_s=10.0
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            headers=_HEADERS,
            timeout=TIMEOUT,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()
        self._gate.close()

    async def look(self, url: str) -> RemoteFile:
        """Ask for the size of a file, without its content.

        Raises:
            DownloadFailed: the address may not be contacted, or does not deliver in parts.
        """
        for attempt in range(ATTEMPTS):
            try:
                async with self._get(url, {"Range": "bytes=0-0"}) as response:
                    return _remote(url, response)
            except (aiohttp.ClientError, TimeoutError, Again) as error:
                if attempt == ATTEMPTS - 1:
                    raise DownloadFailed(str(error) or "no answer in time") from error
                await asyncio.sleep(self._pause_s * 2**attempt)
        raise AssertionError

    async def fetch(self, remote: RemoteFile, part: PartialFile, until: int | None = None) -> None:
        """Append to `part` until it holds `until` bytes, or all of them.

        Raises:
            DownloadFailed: the server stops to deliver.
            WrongContent: the file is another one meanwhile.
        """
        end = min(until or remote.size, remote.size)
        await fill(part, end, lambda: self._attempt(remote, part, end), self._pause_s)

    async def _attempt(self, remote: RemoteFile, part: PartialFile, end: int) -> None:
        held = part.held
        async with self._get(remote.url, {"Range": f"bytes={held}-{end - 1}"}) as response:
            now = _remote(remote.url, response)
            if (now.size, now.etag) != (remote.size, remote.etag):
                part.delete()
                raise WrongContent("the file at this address was replaced by another one meanwhile")
            match = RANGE.fullmatch(response.headers["Content-Range"])
            if match is None or int(match[1]) != held:
                raise DownloadFailed("the server sent a range that was not asked for")
            with part.writing_from(held) as out:
                async for piece in response.content.iter_chunked(PIECE):
                    out.write(piece)

    @contextlib.asynccontextmanager
    async def _get(
        self, url: str, headers: Mapping[str, str]
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Yield the answer that the last of the redirects leads to."""
        for _ in range(_MOST_REDIRECTS + 1):
            try:
                target = await self._judged(url)
                response = await self._session.get(target, headers=headers, allow_redirects=False)
            except UpstreamError as error:
                raise DownloadFailed(str(error)) from None
            async with response:
                if response.status in _REDIRECTS:
                    url = urljoin(url, response.headers.get("Location", ""))
                    continue
                yield response
                return
        raise DownloadFailed("the address leads from one to the next without end")

    async def _judged(self, url: str) -> yarl.URL:
        target = parse_url(url)
        if target.scheme != "https":
            raise Refused("models are fetched with https only")
        if literal(target.host) is not None:
            # aiohttp asks no resolver about these.
            await self._gate.check(target.host, target.port)
        return yarl.URL(url, encoded=True)


def open_web(config: Config, *, allow: str = "") -> Web:
    """Return the web by the outbound rules of the configuration.

    Args:
        config: the configuration.
        allow: an address that may be on the local network; empty: none.

    Raises:
        DownloadFailed: that is no address.
    """
    hosts = configured_hosts(config)
    try:
        if allow:
            target = parse_url(allow)
            hosts.append(AllowedHost(target.host, target.port))
    except Refused as error:
        raise DownloadFailed(str(error)) from None
    settings = config.outbound
    return Web(Gate(hosts, timeout_s=settings.connect_timeout_s), Tls(settings.ca_file))


def _remote(url: str, response: aiohttp.ClientResponse) -> RemoteFile:
    """Return what an answer tells of its file."""
    if response.status in RETRIED:
        raise Again(f"HTTP {response.status}")
    if response.status == 200:
        raise DownloadFailed("the server does not deliver parts of a file")
    match = RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if response.status != 206 or match is None:
        raise DownloadFailed(f"HTTP {response.status}")
    size = int(match[2])
    if not 0 < size <= LARGEST:
        raise DownloadFailed(f"it says that it has {size} bytes")
    etag = response.headers.get("ETag", "")
    return RemoteFile(url, size, "" if etag.startswith("W/") else etag[:200])


def keep_only(remote: RemoteFile, part: PartialFile, note: Path) -> None:
    """Delete what an earlier attempt left, unless it is of this version of the file.

    Args:
        remote: the file as it is now.
        part: what is there of it.
        note: a file that tells of which version that is; it is written.
    """
    mark = msgspec.json.encode(RemoteFile("", remote.size, remote.etag))
    if not note.is_file() or note.read_bytes() != mark:
        part.delete()
        note.write_bytes(mark)
