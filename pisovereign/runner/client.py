"""The API's side of the runner's socket."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from pathlib import Path

import msgspec

from pisovereign.errors import NotBegun, RunInterrupted, ServiceUnavailable
from pisovereign.runner.privileged import PrivilegedRequest, name_of
from pisovereign.runner.types import (
    ANSWER_BYTES,
    REQUEST_BYTES,
    Answer,
    RunRequest,
    RunResult,
    Started,
    encode_line,
    not_run,
)

CONNECT_S = 2.0
# The runner executes a few commands at once and lets others wait.
QUEUE_S = 35.0
# Ending a command that does not want to end, and sending what it printed.
MARGIN_S = 10.0
_DECODER: msgspec.json.Decoder[Answer] = msgspec.json.Decoder(Answer)


class RunnerClient:
    """Executes commands, each over a connection of its own.

    Canceling `run` closes the connection, and the runner ends the command; a privileged one is not
    ended.

    Args:
        socket_path: the runner's.
        privileged_path: that of the appliance's privileged commands; None elsewhere.
        network_path: that of another runner, for commands that need the network.
    """

    def __init__(
        self,
        socket_path: Path,
        privileged_path: Path | None = None,
        network_path: Path | None = None,
    ) -> None:
        self._socket = socket_path
        self._privileged = privileged_path
        self._network = network_path or socket_path

    async def run(self, request: RunRequest) -> RunResult:
        """Execute one command and wait for its end.

        Raises:
            NotBegun: there is no runner, or it is busy; the command was not started.
            ServiceUnavailable: what answers is no runner.
            RunInterrupted: the runner ended in the middle; the command may have run.
        """
        if request.privileged:
            return await self._run_privileged(request)
        try:
            line = encode_line(request)
        except UnicodeEncodeError:
            return not_run("an argument holds a lone surrogate")
        if len(line) > REQUEST_BYTES:
            return not_run("the command line is too long")
        path = self._network if request.network else self._socket
        return await self._ask(path, line, request.timeout_s)

    async def _run_privileged(self, request: RunRequest) -> RunResult:
        if self._privileged is None:
            return not_run("this command runs on the appliance only")
        name = name_of(request.argv)
        if name is None:
            return not_run("this is not one of the privileged commands")
        line = encode_line(PrivilegedRequest(name=name))
        return await self._ask(self._privileged, line, request.timeout_s)

    async def _ask(self, path: Path, line: bytes, timeout_s: float) -> RunResult:
        reader, writer = await self._connect(path)
        try:
            return await self._converse(reader, writer, line, timeout_s)
        finally:
            writer.close()

    async def _connect(self, path: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        try:
            async with asyncio.timeout(CONNECT_S):
                return await asyncio.open_unix_connection(path, limit=ANSWER_BYTES)
        except (OSError, TimeoutError):
            raise NotBegun("The runner of commands is not available") from None

    async def _converse(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        line: bytes,
        timeout_s: float,
    ) -> RunResult:
        try:
            writer.write(line)
            first = await _answer(reader, QUEUE_S)
        except TimeoutError:
            if await has_begun(reader, writer):
                raise RunInterrupted from None
            raise NotBegun("The runner of commands is busy", retry_after=5) from None
        except (OSError, EOFError):
            raise NotBegun("The runner of commands is not available") from None
        except msgspec.MsgspecError:
            raise ServiceUnavailable("The runner of commands is not available") from None
        if isinstance(first, RunResult):
            return first
        try:
            last = await _answer(reader, timeout_s + MARGIN_S)
        except (OSError, EOFError, TimeoutError, msgspec.MsgspecError):
            raise RunInterrupted from None
        if isinstance(last, Started):
            raise RunInterrupted
        return last


async def _answer(reader: asyncio.StreamReader, limit_s: float) -> Answer:
    """Read the next line.

    Raises:
        TimeoutError: none within `limit_s`.
        EOFError: the connection ended before or within it, or it is too long.
        msgspec.MsgspecError: it is not one of the runner's.
    """
    try:
        async with asyncio.timeout(limit_s):
            line = await reader.readuntil(b"\n")
    except asyncio.LimitOverrunError:
        raise EOFError from None
    return _DECODER.decode(line)


async def has_begun(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Let nothing arrive any more, and return whether the runner has said something until now.

    It begins only after it has said so, and cannot say it from here on.
    """
    connected: socket.socket = writer.get_extra_info("socket")
    with contextlib.suppress(OSError):
        connected.shutdown(socket.SHUT_RD)
    try:
        async with asyncio.timeout(CONNECT_S):
            return bool(await reader.read(1))
    except (OSError, TimeoutError):
        return True  # nobody knows
