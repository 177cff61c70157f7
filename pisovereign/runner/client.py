"""The API's side of the runner's socket."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from pathlib import Path

import msgspec

from pisovereign.admission.fair_limiter import release_permit
from pisovereign.errors import NotBegun, RunInterrupted, ServiceUnavailable
from pisovereign.runner.frames import FRAME, SAID
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

    async def open(self, request: RunRequest) -> ProgramSession:
        """Start a program that is talked to while it runs.

        Raises:
            NotBegun: it was not started; the text says why.
            ServiceUnavailable: what answers is no runner.
            RunInterrupted: nobody knows whether it was started.
        """
        line = encode_line(request)
        if len(line) > REQUEST_BYTES:
            raise NotBegun("The command line is too long")
        reader, writer = await self._connect(self._network if request.network else self._socket)
        try:
            writer.write(line)
            first = await _answer(reader, QUEUE_S)
        except TimeoutError:
            writer.close()
            raise NotBegun("The runner of commands is busy", retry_after=5) from None
        except (OSError, EOFError, msgspec.MsgspecError):
            writer.close()
            raise NotBegun("The runner of commands is not available") from None
        except BaseException:
            writer.close()
            raise
        if isinstance(first, RunResult):
            writer.close()
            raise NotBegun(one_reason(first))
        return ProgramSession(reader, writer)

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
        release_permit()
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


class ProgramSession:
    """A program that runs; closing it ends the program.

    Attributes:
        result: How it ended; None: nobody has seen that yet.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.result: RunResult | None = None

    async def read(self) -> bytes:
        """Return what the program says next; empty: it has ended.

        Raises:
            RunInterrupted: The runner is gone.
        """
        try:
            kind, size = FRAME.unpack(await self._reader.readexactly(FRAME.size))
            if size > ANSWER_BYTES:
                raise RunInterrupted
            data = await self._reader.readexactly(size)
        except (OSError, EOFError):
            raise RunInterrupted from None
        if kind == SAID:
            return data
        with contextlib.suppress(msgspec.MsgspecError):
            self.result = msgspec.json.decode(data, type=RunResult)
        return b""

    async def write(self, data: bytes) -> None:
        """Tell the program something.

        Raises:
            RunInterrupted: It takes nothing any more.
        """
        try:
            self._writer.write(data)
            await self._writer.drain()
        except OSError:
            raise RunInterrupted from None

    def close(self) -> None:
        """End the program."""
        self._writer.close()


def one_reason(result: RunResult) -> str:
    """Return why a program ended, in a line: what it printed last, else its exit code."""
    lines = [line for line in result.stderr.splitlines() if line.strip()]
    if lines:
        return lines[-1].strip()[:300]
    if result.exit_code is None:
        return "It was ended"
    return f"It ended with code {result.exit_code}"


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
