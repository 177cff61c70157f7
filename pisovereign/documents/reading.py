"""Reading of files: in a process that can only compute, and cut into passages."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

import msgspec

from pisovereign.documents.cutting import Cut, cut
from pisovereign.documents.formats.parsed import Format, Parsed, is_usual
from pisovereign.process.confined import ConfinedError, Limits, run_confined

_MODULE = "pisovereign.documents.formats.convert"
_OUTPUT_BYTES = 64 * 1024 * 1024
_REASONS = {
    "time": "it takes too long to read",
    "output": "it holds more text than a document may have",
    "failed": "reading it failed: it is broken, or takes too much memory",
}


class Text(NamedTuple):
    """The text of a file, and what it calls itself; `pages` is 0 where there are none."""

    title: str
    pages: int
    passages: list[Cut]


class CannotRead(Exception):
    """Nothing of a file can be read; the text says why, for whoever sent it."""


class FileReader:
    """Reads files.

    Args:
        seconds: What reading one may take.
        memory_bytes: The same, of memory.
    """

    def __init__(self, seconds: float, memory_bytes: int) -> None:
        self._limits = Limits(
            seconds=seconds,
            cpu_s=int(seconds) + 1,
            memory_bytes=memory_bytes,
            output_bytes=_OUTPUT_BYTES,
        )

    async def read(self, kind: Format, data: bytes) -> Text:
        """Return what a file says.

        Raises:
            CannotRead: it is broken, encrypted, or asks for too much.
        """
        try:
            output = await run_confined(_MODULE, data, self._limits, (kind,))
        except ConfinedError as error:
            raise CannotRead(_REASONS[error.reason]) from None
        return await asyncio.to_thread(_text, output)


def _text(output: bytes) -> Text:
    """Return what the process gave, which hostile bytes may have taken over."""
    try:
        parsed = msgspec.json.decode(output, type=Parsed)
    except msgspec.MsgspecError:
        raise CannotRead(_REASONS["failed"]) from None
    if parsed.problem:
        raise CannotRead(" ".join(parsed.problem.split())[:200])
    if not is_usual(parsed):
        raise CannotRead(_REASONS["failed"])
    return Text(" ".join(parsed.title.split())[:300], parsed.pages, cut(parsed.blocks))
