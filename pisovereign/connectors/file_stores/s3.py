"""A bucket of storage of S3's kind: Amazon's, MinIO, Garage, Ceph, Backblaze, Hetzner.

An object is there whole or not at all, and the server checks the SHA-256 that is signed with it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote, urlsplit

from lxml import etree

from pisovereign.connectors.file_stores.s3_signature import (
    EMPTY_SHA256,
    Credentials,
    S3Request,
    quoted_query,
    signed_headers,
)
from pisovereign.connectors.file_stores.server import Server, digest, try_out
from pisovereign.connectors.file_stores.types import MOST_FILES, PART, StoredFile
from pisovereign.connectors.file_stores.xml_reading import read_xml
from pisovereign.errors import UpstreamError
from pisovereign.outbound.client import FileBody, OutboundClient
from pisovereign.outbound.reply import Reply

LARGEST_OBJECT = 5 * 1024**3
"""Bytes that one request may store; more would need several."""


class S3Store:
    """A bucket, or a folder in it; a `FileStore`.

    The bucket stands in the path and not in the host's name, which every such service understands.

    Args:
        client: The way out.
        endpoint: The address of the service.
        bucket: The bucket.
        prefix: The folder in it; empty: none.
        credentials: Who signs.
        timeout_s: Longest wait for an answer without a file.
        now: The time, which is signed.
    """

    def __init__(
        self,
        client: OutboundClient,
        endpoint: str,
        bucket: str,
        prefix: str,
        credentials: Credentials,
        *,
        timeout_s: float,
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    ) -> None:
        self._server = Server(client, endpoint, timeout_s)
        parts = urlsplit(endpoint)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        usual = {"http": 80, "https": 443}[parts.scheme]
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
        self._host = host if parts.port in (None, usual) else f"{host}:{parts.port}"
        self._bucket = f"{parts.path.rstrip('/')}/{bucket}"
        self._prefix = f"{prefix}/" if prefix else ""
        self._credentials = credentials
        self._now = now

    async def files(self) -> list[StoredFile]:
        """Return the files that are there."""
        return [file for file in await self._list() if not file.name.endswith(PART)]

    async def put(self, name: str, source: Path, sha256: str) -> None:
        """Store a file; it is read back, and deleted if it is not what was sent."""
        body = FileBody.of(source)
        if body.size > LARGEST_OBJECT:
            raise UpstreamError(f"A file of {body.size} bytes is too large for one object")
        await self._store(name, body, sha256)
        if await digest(self.read(name)) != sha256:
            await self.delete(name)
            raise UpstreamError(f"{self._server.host} does not give back what was sent")

    async def read(self, name: str) -> AsyncIterator[bytes]:
        """Yield the contents of a file in pieces."""
        url, headers = self._signed("GET", name, {}, EMPTY_SHA256)
        async for piece in self._server.download(url, headers):
            yield piece

    async def delete(self, name: str) -> None:
        """Delete a file; in a bucket that keeps versions, this one stays among the old ones."""
        reply = await self._ask("DELETE", name)
        if reply.status not in (200, 204, 404):
            self._refuse(reply, "delete a file")

    async def tidy(self, beginning: str) -> None:
        """Nothing is ever there in part."""

    async def check(self) -> None:
        """Require that the bucket is there, and lets us in."""
        reply = await self._page({"max-keys": "1"})
        if reply.status != 200:
            self._refuse(reply, "read the bucket")

    async def probe(self) -> str:
        """Write a small file, read it and delete it."""

        async def write(name: str, content: bytes) -> None:
            await self._store(name, content, hashlib.sha256(content).hexdigest())

        return await try_out(self, self._server.host, write)

    async def close(self) -> None:
        """Nothing is open."""

    async def _store(self, name: str, body: bytes | FileBody, sha256: str) -> None:
        url, headers = self._signed("PUT", name, {}, sha256)
        reply = await self._server.ask("PUT", url, headers, body)
        if reply.status != 200:
            self._refuse(reply, "store a file")

    async def _list(self) -> list[StoredFile]:
        found: list[StoredFile] = []
        further: dict[str, str] = {}
        while len(found) < MOST_FILES:
            reply = await self._page(further)
            if reply.status != 200:
                self._refuse(reply, "read the bucket")
            root = read_xml(reply.body, self._server.host)
            found += _files(root, self._prefix)
            token = root.findtext("{*}NextContinuationToken")
            if (root.findtext("{*}IsTruncated") or "").lower() != "true" or not token:
                break
            further = {"continuation-token": token}
        return found[:MOST_FILES]

    async def _page(self, further: dict[str, str]) -> Reply:
        query = {"list-type": "2", "prefix": self._prefix, "delimiter": "/", **further}
        url, headers = self._signed("GET", None, query, EMPTY_SHA256)
        return await self._server.ask("GET", url, headers)

    async def _ask(self, method: str, name: str) -> Reply:
        url, headers = self._signed(method, name, {}, EMPTY_SHA256)
        return await self._server.ask(method, url, headers)

    def _signed(
        self, method: str, name: str | None, query: dict[str, str], sha256: str
    ) -> tuple[str, dict[str, str]]:
        """Return the address of an object, or of the bucket, and the headers of a request."""
        path = self._bucket if name is None else f"{self._bucket}/{self._prefix}{name}"
        request = S3Request(method, self._host, path, query, sha256=sha256)
        headers = signed_headers(request, self._credentials, self._now())
        asked = f"?{quoted_query(query)}" if query else ""
        return f"{self._origin}{quote(path, safe='/~')}{asked}", headers

    def _refuse(self, reply: Reply, what: str) -> NoReturn:
        """Raise what a status means, with the code that the service gives.

        Raises:
            UpstreamError: Always.
        """
        try:
            code = read_xml(reply.body, self._server.host).findtext("{*}Code") or ""
        except UpstreamError:
            code = ""
        if code.isalnum() and len(code) <= 64:
            raise UpstreamError(f"{self._server.host} does not {what}: {code} ({reply.status})")
        self._server.refuse(reply.status, what)


def _files(root: etree._Element, prefix: str) -> list[StoredFile]:
    """Return the objects of one page that lie in the folder itself."""
    found = []
    for entry in root.iterfind("{*}Contents"):
        key, size = entry.findtext("{*}Key") or "", entry.findtext("{*}Size") or ""
        name = key.removeprefix(prefix)
        if key.startswith(prefix) and name and "/" not in name and size.isdecimal():
            found.append(StoredFile(name, int(size)))
    return found
