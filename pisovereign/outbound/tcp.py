"""Connections for protocols of their own, to addresses that the gate has judged."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import NamedTuple

from pisovereign.errors import HostUnreached
from pisovereign.outbound.gate import Gate


class Stream(NamedTuple):
    """Both directions of a connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


@contextlib.asynccontextmanager
async def connected(
    gate: Gate, host: str, port: int, *, timeout_s: float, line_bytes: int
) -> AsyncIterator[Stream]:
    """Connect to a checked address; the connection is closed at the end of the block.

    Args:
        gate: Says whether, and at which addresses.
        host: The host's name or address.
        port: The port.
        timeout_s: How long connecting may take; what follows is the caller's.
        line_bytes: How long a line may be that is read.

    Raises:
        Refused: The host may not be contacted.
        HostUnreached: It cannot be reached in time.
    """
    stream = await _connect(gate, host, port, timeout_s, line_bytes)
    try:
        yield stream
    finally:
        stream.writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(1.0):
                await stream.writer.wait_closed()


async def _connect(gate: Gate, host: str, port: int, timeout_s: float, line_bytes: int) -> Stream:
    try:
        async with asyncio.timeout(timeout_s):
            for address in await gate.check(host, port):
                with contextlib.suppress(OSError):
                    opened = await asyncio.open_connection(str(address), port, limit=line_bytes)
                    return Stream(*opened)
    except TimeoutError:
        pass
    raise HostUnreached(f"{host}:{port} cannot be reached")
