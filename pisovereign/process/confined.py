"""Reading hostile bytes in a process of their own, which can do nothing but compute.

The process gets the bytes, and gives bytes back. It has no network, no files, no keys in its
environment, and limits of time, memory and output; it gives way to everything else that computes.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from typing import Literal, NamedTuple

# It gets nothing else of the environment, which may hold keys.
_KEPT = ("PATH", "LANG", "HOME", "PYTHONPATH", "LD_LIBRARY_PATH")
_PROGRAM = "pisovereign.process.confined_program"
_CHUNK = 64 * 1024


class Limits(NamedTuple):
    """The limits of a conversion.

    Attributes:
        seconds: From its start to its end.
        cpu_s: Of a processor.
        memory_bytes: Of addresses: some 150 MB are the interpreter's own.
        output_bytes: What it gives back.
    """

    seconds: float
    cpu_s: int
    memory_bytes: int
    output_bytes: int


class ConfinedError(Exception):
    """A conversion gave nothing.

    Attributes:
        reason: It took too long (`time`), gave too much (`output`), or failed, be it for want of
            memory (`failed`).
    """

    def __init__(self, reason: Literal["time", "output", "failed"]) -> None:
        super().__init__(reason)
        self.reason = reason


async def run_confined(
    module: str, data: bytes, limits: Limits, arguments: Sequence[str] = ()
) -> bytes:
    """Return what a module makes of some bytes, in a process that can only compute.

    The module has two functions. `prepare()` imports and loads all that `convert` will need, since
    no file can be opened afterwards. `convert(data: bytes, arguments: list[str]) -> bytes` gives
    the result; what it raises is lost, so problems that somebody should read are part of it. It may
    have a third, `take(data: bytes)`, called between the two: libraries that read files alone need
    the bytes in one, which has no name and is in memory.

    Args:
        module: The module's full name.
        data: What is converted; of any size that fits into memory.
        limits: What it may use.
        arguments: For `convert`; nothing secret, since a command line can be read by others.

    Raises:
        ConfinedError: there is no result.
    """
    given = (str(limits.cpu_s), str(limits.memory_bytes), str(limits.output_bytes))
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", _PROGRAM, module, *given, *arguments,
        stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=environment,
    )  # fmt: skip
    try:
        async with asyncio.timeout(limits.seconds):
            output = await _exchange(process, data, limits.output_bytes)
            status = await process.wait()
    except TimeoutError:
        raise ConfinedError("time") from None
    finally:
        if process.returncode is None:
            process.kill()
            await asyncio.shield(process.wait())
    if status != 0:
        raise ConfinedError("failed")
    return output


async def _exchange(process: Process, data: bytes, most: int) -> bytes:
    assert process.stdout is not None
    sending = asyncio.create_task(_send(process, data))
    try:
        output = bytearray()
        while piece := await process.stdout.read(_CHUNK):
            output += piece
            if len(output) > most:
                raise ConfinedError("output")
        return bytes(output)
    finally:
        sending.cancel()
        await asyncio.wait((sending,))


async def _send(process: Process, data: bytes) -> None:
    assert process.stdin is not None
    with contextlib.suppress(ConnectionError):  # its status tells why it left
        process.stdin.write(data)
        await process.stdin.drain()
    process.stdin.close()
