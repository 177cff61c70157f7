"""A folder on a WebDAV server: Nextcloud, ownCloud, Apache, a NAS.

A file is sent under another name, read back, and then moved to its own, which every server does in
one step: what has that name is whole.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from pisovereign.connectors.file_stores.server import Server, digest, try_out
from pisovereign.connectors.file_stores.types import MOST_FILES, PART, StoredFile
from pisovereign.connectors.file_stores.xml_reading import read_xml
from pisovereign.errors import UpstreamError
from pisovereign.outbound.client import FileBody, OutboundClient

_DAV = "{DAV:}"
_ASK = (
    b'<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:"><prop>'
    b"<resourcetype/><getcontentlength/></prop></propfind>"
)
_LISTED = 207


class WebdavStore:
    """A folder on a WebDAV server; a `FileStore`.

    Args:
        client: The way out.
        url: Of the folder.
        username: Who signs in.
        password: Their password, sent with each request, over https but on the local network.
        timeout_s: Longest wait for an answer without a file.
    """

    def __init__(
        self, client: OutboundClient, url: str, username: str, password: str, timeout_s: float
    ) -> None:
        self._server = Server(client, url, timeout_s)
        self._url = f"{url.rstrip('/')}/"
        self._headers: dict[str, str] = {}
        if username:
            word = base64.b64encode(f"{username}:{password}".encode()).decode()
            self._headers = {"Authorization": f"Basic {word}"}

    async def files(self) -> list[StoredFile]:
        """Return the files that are whole."""
        return [file for file in await self._list() if not file.name.endswith(PART)]

    async def put(self, name: str, source: Path, sha256: str) -> None:
        """Store a file: sent under another name, read back, and moved."""
        await self._make_folder()
        part = f"{name}{PART}"
        await self._change("PUT", part, body=FileBody.of(source))
        if await digest(self.read(part)) != sha256:
            await self.delete(part)
            raise UpstreamError(f"{self._server.host} does not give back what was sent")
        await self._change("MOVE", part, Destination=self._place(name), Overwrite="T")

    async def read(self, name: str) -> AsyncIterator[bytes]:
        """Yield the contents of a file in pieces."""
        async for piece in self._server.download(self._place(name), self._headers):
            yield piece

    async def delete(self, name: str) -> None:
        """Delete a file."""
        reply = await self._server.ask("DELETE", self._place(name), self._headers)
        if reply.status not in (200, 202, 204, 404):
            self._server.refuse(reply.status, "delete a file")

    async def tidy(self, beginning: str) -> None:
        """Delete what was begun of files whose names begin so, and did not become whole."""
        for file in await self._list():
            if file.name.startswith(beginning) and file.name.endswith(PART):
                await self.delete(file.name)

    async def check(self) -> None:
        """Require that the server is there, and lets us in."""
        status = await self._look()
        if status not in (_LISTED, 404):  # it is made when it is needed
            self._server.refuse(status, "read the folder")

    async def probe(self) -> str:
        """Write a small file, read it and delete it."""

        async def write(name: str, content: bytes) -> None:
            await self._make_folder()
            await self._change("PUT", name, body=content)

        return await try_out(self, self._server.host, write)

    async def close(self) -> None:
        """Nothing is open."""

    async def _change(
        self, method: str, name: str, body: bytes | FileBody | None = None, **headers: str
    ) -> None:
        reply = await self._server.ask(
            method, self._place(name), {**self._headers, **headers}, body
        )
        if reply.status not in (200, 201, 204):
            self._server.refuse(reply.status, "store a file")

    async def _look(self) -> int:
        """Return the status of a question about the folder itself."""
        headers = self._headers | {"Depth": "0", "Content-Type": "application/xml"}
        return (await self._server.ask("PROPFIND", self._url, headers, _ASK)).status

    async def _make_folder(self) -> None:
        status = await self._look()
        if status == 404:
            made = await self._server.ask("MKCOL", self._url, self._headers)
            status = _LISTED if made.status in (200, 201, 405) else made.status
        if status != _LISTED:
            self._server.refuse(status, "make the folder")

    async def _list(self) -> list[StoredFile]:
        headers = self._headers | {"Depth": "1", "Content-Type": "application/xml"}
        reply = await self._server.ask("PROPFIND", self._url, headers, _ASK)
        if reply.status == 404:
            return []
        if reply.status != _LISTED:
            self._server.refuse(reply.status, "read the folder")
        root = read_xml(reply.body, self._server.host)
        found: list[StoredFile] = []
        for answer in root.iter(f"{_DAV}response"):
            href = answer.findtext(f"{_DAV}href") or ""
            size = answer.findtext(f".//{_DAV}getcontentlength") or ""
            name = unquote(urlsplit(href).path.rpartition("/")[2])
            is_folder = answer.find(f".//{_DAV}resourcetype/{_DAV}collection") is not None
            if name and not is_folder and size.isdecimal() and len(found) < MOST_FILES:
                found.append(StoredFile(name, int(size)))
        return found

    def _place(self, name: str) -> str:
        return self._url + quote(name, safe="")
