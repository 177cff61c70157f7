"""All that is stored of a person, as one zip file that is made while it is sent."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import zipfile
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import IO, NamedTuple
from uuid import UUID

import msgspec

from pisovereign.accounts.callers import Caller
from pisovereign.audit.service import AuditLog
from pisovereign.errors import Conflict, ServiceUnavailable

# Somebody who stops reading is let go sooner (server.write_timeout_s); this bounds all of it.
_LIMIT_S = 3600
# Files grow to this before they are passed on, so that few large pieces are sent.
_PIECE = 64 * 1024

README = """\
What {program} stores of you, as of {at}.

A file whose name ends in .jsonl has one JSON object a line, in the form that the API shows it in:
see docs/api.md. The folder documents holds your files as you sent them.

Not in here are: passwords, tokens and keys, which nobody is shown again; vectors and hashes by
which texts are found, which are made from what is here; events and queues, which only tell of what
is here; and mails, appointments and contacts, which their servers have.
"""


class Part(NamedTuple):
    """One file of lines: its name, and what yields its objects in batches."""

    name: str
    read: Callable[[Caller], AsyncIterator[Sequence[msgspec.Struct]]]


class Files(NamedTuple):
    """Files as they are: what yields the name of each with its bytes."""

    read: Callable[[Caller], AsyncIterator[tuple[str, AsyncIterator[bytes]]]]


class PersonExport:
    """Makes exports, one at a time for each person.

    Args:
        program: What made it, with its version.
        parts: The files of lines, in their order.
        files: What is given as it is.
        audit: Where each export is noted.
    """

    def __init__(self, program: str, parts: Sequence[Part], files: Files, audit: AuditLog) -> None:
        self._program = program
        self._audit = audit
        self._parts = parts
        self._files = files
        self._exporting: set[UUID] = set()

    async def start(self, caller: Caller, at: dt.datetime) -> AsyncIterator[bytes]:
        """Return the bytes of the zip file.

        A file whose end is missing was not sent in whole: zip programs refuse it.

        Raises:
            Conflict: An export of this person is being made by this process.
        """
        pieces = self._pieces(caller, at)
        # Begun here: later, when the answer has begun, nothing can be refused any more.
        await anext(pieces)
        return pieces

    async def _pieces(self, caller: Caller, at: dt.datetime) -> AsyncGenerator[bytes]:
        user = caller.identity.user_id
        if user in self._exporting:
            raise Conflict("Your data is being exported already; wait for that")
        with self._only_one(user):
            what = "all that is stored of them"
            await self._audit.record(
                caller.identity, "created", kind="export", subject=str(user), what=what
            )
            yield b""  # to `start`
            ends = monotonic() + _LIMIT_S
            archive = GrowingZip(at)
            readme = README.format(program=self._program, at=f"{at:%Y-%m-%d %H:%M} UTC")
            archive.add("README.txt", readme.encode())
            async for name, pieces in self._everything(caller):
                with archive.file(name) as file:
                    async for piece in pieces:
                        # Compressing takes milliseconds; others go on meanwhile.
                        await asyncio.to_thread(file.write, piece)
                        if grown := archive.take(_PIECE):
                            yield grown
                        if monotonic() > ends:
                            raise ServiceUnavailable("The export took too long")
            archive.close()
            yield archive.take()

    async def _everything(self, caller: Caller) -> AsyncIterator[tuple[str, AsyncIterator[bytes]]]:
        for part in self._parts:
            yield part.name, _lines(part.read(caller))
        async for name, pieces in self._files.read(caller):
            yield name, pieces

    @contextmanager
    def _only_one(self, user: UUID) -> Iterator[None]:
        self._exporting.add(user)
        try:
            yield
        finally:
            self._exporting.discard(user)


async def _lines(batches: AsyncIterator[Sequence[msgspec.Struct]]) -> AsyncIterator[bytes]:
    encoder = msgspec.json.Encoder()
    async for batch in batches:
        yield encoder.encode_lines(batch)


class GrowingZip:
    """A zip file that is taken away while it grows.

    Args:
        at: When its files were changed, as they say.
    """

    def __init__(self, at: dt.datetime) -> None:
        self._at = at.timetuple()[:6]
        self._out = _Pipe()
        self._zip = zipfile.ZipFile(self._out, "w", zipfile.ZIP_DEFLATED)

    def add(self, name: str, content: bytes) -> None:
        """Add a file."""
        with self.file(name) as file:
            file.write(content)

    @contextmanager
    def file(self, name: str) -> Iterator[IO[bytes]]:
        """Open the next file for writing; the one before must be closed."""
        info = zipfile.ZipInfo(name, self._at)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o600 << 16
        with self._zip.open(info, "w", force_zip64=True) as file:
            yield file

    def take(self, least: int = 0) -> bytes:
        """Return what has grown since the last time; nothing while it is less than `least`."""
        return self._out.take() if self._out.tell_waiting() >= least else b""

    def close(self) -> None:
        """Write the end, without which it is no zip file."""
        self._zip.close()


class _Pipe(io.RawIOBase):
    """A pipe: what is written to it waits to be taken; nothing goes back to an earlier place."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        view = memoryview(data)  # type: ignore[arg-type]
        self._waiting += view
        return view.nbytes

    def tell_waiting(self) -> int:
        return len(self._waiting)

    def take(self) -> bytes:
        taken = bytes(self._waiting)
        self._waiting.clear()
        return taken
