"""A small HTTP server that answers as a test says, and counts connections and requests."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable

from tests.support.patience import PATIENCE_S

Answer = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]


def answer(status: int, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class HttpServer:
    """Gives the answers one after the other; the last one again and again."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.connections = 0
        self.requests: list[bytes] = []
        self.port = 0

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                self.requests.append(await reader.readuntil(b"\r\n\r\n"))
                reply = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
                if isinstance(reply, bytes):
                    writer.write(reply)
                    await writer.drain()
                else:
                    await reply(writer)
        writer.close()


@contextlib.asynccontextmanager
async def serving(*answers: Answer, tls: ssl.SSLContext | None = None) -> AsyncIterator[HttpServer]:
    """Listen on 127.0.0.1 while the block runs."""
    http = HttpServer(*answers)
    server = await asyncio.start_server(http.handle, "127.0.0.1", 0, ssl=tls)
    http.port = server.sockets[0].getsockname()[1]
    async with server:
        yield http
