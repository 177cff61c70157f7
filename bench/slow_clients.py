"""Clients that are slow on purpose: with headers, with bodies, with reading, and with events."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
from collections import Counter
from typing import Literal, cast

Way = Literal["headers", "body", "reading", "events"]
ADDRESS = "127.0.0.66"  # of loopback, and not that of anybody else here
_BEAT_S = 1.0
_SMALL = 4096


class SlowClients:
    """A process with many connections of one address, each opened anew soon after its end.

    Args:
        port: Of the API.
        key: What it sends.
        way: How it is slow.
        count: How many connections.

    Attributes:
        closed: At the end, how often each thing came of one: a status, `closed` by the server, or
            `refused`.
    """

    def __init__(self, port: int, key: str, way: Way, count: int) -> None:
        self._argv = [str(port), key, way, str(count)]
        self.closed: Counter[str] = Counter()

    def __enter__(self) -> SlowClients:
        self._process = subprocess.Popen(
            ["nice", "-n10", sys.executable, "-m", "bench.slow_clients", *self._argv],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.closed.update(json.loads(self._process.communicate(timeout=60)[0]))


class _Clients:
    """The connections, in that process."""

    def __init__(self, port: int, key: str, way: Way, count: int) -> None:
        self._port, self._key, self._way, self._count = port, key, way, count
        self.closed: Counter[str] = Counter()

    async def run(self) -> None:
        """Be slow until somebody closes the standard input."""
        clients = [asyncio.create_task(self._client()) for _ in range(self._count)]
        await asyncio.to_thread(sys.stdin.read)
        for client in clients:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)

    async def _client(self) -> None:
        while True:
            try:
                self.closed[await self._connection()] += 1
            except OSError:
                self.closed["refused"] += 1
            await asyncio.sleep(_BEAT_S)

    async def _connection(self) -> str:
        sock = socket.socket()
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL)
        sock.bind((ADDRESS, 0))
        try:
            await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", self._port))
            reader, writer = await asyncio.open_connection(sock=sock, limit=_SMALL)
        except BaseException:
            sock.close()
            raise
        try:
            return await self._converse(reader, writer)
        finally:
            writer.transport.abort()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
        writer.write(self._beginning())
        if self._way in ("reading", "events"):
            status = (await reader.read(12)).partition(b" ")[2].decode()[:3]
            if status != "200":
                return status or "closed"
            while not writer.transport.is_closing():
                await asyncio.sleep(_BEAT_S)
                if self._way == "reading" and not await reader.read(1):
                    break
                # An empty write tells of a connection that is gone.
                writer.write(b"")
            return "closed"
        answer = asyncio.create_task(reader.read(12))
        try:
            while not answer.done():
                writer.write(b"a")
                await asyncio.wait((answer,), timeout=_BEAT_S)
            with contextlib.suppress(OSError):
                return answer.result().partition(b" ")[2].decode()[:3] or "closed"
            return "closed"
        finally:
            answer.cancel()

    def _beginning(self) -> bytes:
        auth = f"Host: pisovereign.local\r\nAuthorization: Bearer {self._key}\r\n"
        beginnings = {
            "headers": "GET /health HTTP/1.1\r\nHost: pisovereign.local\r\nX-Slow: ",
            "body": f"POST /v1/memories HTTP/1.1\r\n{auth}Content-Type: application/json\r\n"
            "Content-Length: 10000\r\n\r\n",
            "reading": f"GET /v1/memories?limit=500 HTTP/1.1\r\n{auth}\r\n",
            "events": f"GET /v1/events HTTP/1.1\r\n{auth}\r\n",
        }
        return beginnings[self._way].encode()


def main() -> None:
    """Be slow as the arguments say, and print what came of the connections."""
    port, key, way, count = sys.argv[1:]
    clients = _Clients(int(port), key, cast(Way, way), int(count))
    asyncio.run(clients.run())
    print(json.dumps(clients.closed))


if __name__ == "__main__":
    main()
