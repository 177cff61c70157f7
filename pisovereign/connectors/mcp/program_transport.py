"""The protocol on the standard streams of a program that somebody else runs: a message a line."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol

import anyio
from mcp.shared.message import SessionMessage
from mcp_types import jsonrpc_message_adapter
from pydantic import ValidationError

from pisovereign.connectors.mcp.types import ProgramServer
from pisovereign.errors import PiSovereignError

MOST_LINE_BYTES = 4 * 1024 * 1024
"""Of one message; a program that says more without an end of a line is ended."""


class Process(Protocol):
    """A running program."""

    async def read(self) -> bytes:
        """Return what it says next; empty: it has ended."""
        ...

    async def write(self, data: bytes) -> None:
        """Tell it something."""
        ...

    def close(self) -> None:
        """End it."""
        ...

    def reason(self) -> str:
        """Return why it has ended, in a line of its own words; empty: nobody knows."""
        ...


Start = Callable[[ProgramServer], Awaitable[Process]]


class ProgramTransport:
    """Makes what the SDK reads from and writes to.

    Args:
        start: Starts the program.
        server: The program.
    """

    def __init__(self, start: Start, server: ProgramServer) -> None:
        self._start = start
        self._server = server
        self._process: Process | None = None

    def why(self) -> str:
        """Return why the program has ended; empty: nobody knows, or it has not."""
        return self._process.reason() if self._process is not None else ""

    @asynccontextmanager
    async def streams(self) -> AsyncIterator[tuple[Any, Any]]:
        """Start the program, and end it at the end of the block.

        Raises:
            PiSovereignError: It was not started.
        """
        process = self._process = await self._start(self._server)
        to_reader, reader = anyio.create_memory_object_stream[SessionMessage | Exception](0)
        writer, from_writer = anyio.create_memory_object_stream[SessionMessage](0)

        async def hear() -> None:
            async with to_reader:
                async for line in _lines(process):
                    try:
                        message = jsonrpc_message_adapter.validate_json(line, by_name=False)
                    except (ValidationError, ValueError):
                        continue  # programs print other things as well
                    await to_reader.send(SessionMessage(message))

        async def tell() -> None:
            async with from_writer:
                async for said in from_writer:
                    text = said.message.model_dump_json(by_alias=True, exclude_unset=True)
                    try:
                        await process.write(text.encode() + b"\n")
                    except PiSovereignError:
                        return

        try:
            async with anyio.create_task_group() as tasks, reader, writer:
                tasks.start_soon(hear)
                tasks.start_soon(tell)
                yield reader, writer
                tasks.cancel_scope.cancel()
        finally:
            process.close()


async def _lines(process: Process) -> AsyncIterator[bytes]:
    """Yield what a program says, line by line, until it ends or says too much."""
    waiting = bytearray()
    while True:
        try:
            data = await process.read()
        except PiSovereignError:
            return
        if not data:
            return
        waiting += data
        # Only in what is new: a program may say a long line a byte at a time.
        if b"\n" in data:
            *lines, rest = waiting.split(b"\n")
            for line in lines:
                if line.strip():
                    yield bytes(line)
            waiting = bytearray(rest)
        if len(waiting) > MOST_LINE_BYTES:
            return
