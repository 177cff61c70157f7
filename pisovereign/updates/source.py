"""Where updates come from: an address, through the one way out, or a memory stick."""

from __future__ import annotations

import datetime as dt
import io
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Literal, NamedTuple

from pisovereign.errors import StartError, UpstreamError
from pisovereign.outbound.client import OutboundClient
from pisovereign.updates.bundle import LONGEST_NOTICE, Bundle, open_bundle, read_notice
from pisovereign.updates.minisign import PublicKey
from pisovereign.updates.types import Offered

PIECE = 1024 * 1024
_NOTICE_S, _PIECE_S = 30.0, 120.0
_MOST_ON_STICKS = 20


class Found(NamedTuple):
    """An update that was found: what its signed list says, and where it is."""

    source: Literal["address", "stick"]
    bundle: Bundle
    place: str

    def offered(self) -> Offered:
        """Return what people are told of it."""
        manifest = self.bundle.manifest
        return Offered(
            self.source,
            self.file,
            manifest.version,
            dt.datetime.fromtimestamp(manifest.built, dt.UTC),
            manifest.urgency,
            manifest.notes,
            self.bundle.size,
        )

    @property
    def file(self) -> str:
        """Return its name: the one that was signed, not that of the file."""
        return self.bundle.manifest.file


def parse_notice(data: bytes, address: str, keys: list[PublicKey]) -> Found:
    """Read what an address answered.

    Raises:
        StartError: It is no update, or nobody who counts has signed it.
    """
    bundle = read_notice(io.BytesIO(data), keys)
    folder, _, _ = address.rpartition("/")
    return Found("address", bundle, f"{folder}/{bundle.manifest.file}")


async def fetch_notice(client: OutboundClient, address: str) -> bytes:
    """Ask an address for the notice of the newest update.

    Raises:
        UpstreamError: It is away, or gives something else.
        Refused: It may not be contacted.
    """
    reply = await client.get(address, timeout_s=_NOTICE_S)
    if reply.status != 200 or len(reply.body) > LONGEST_NOTICE:
        raise UpstreamError(f"There is no update at this address: status {reply.status}")
    return reply.body


async def download(client: OutboundClient, found: Found, begin: int) -> AsyncIterator[bytes]:
    """Yield the bytes of an update from a place on, in pieces, each with a request of its own.

    So a connection that breaks costs one of them, and what was fetched before counts.

    Raises:
        UpstreamError: The server is away, or gives no parts of files.
        Refused: It may not be contacted.
    """
    size = found.bundle.size
    while begin < size:
        end = min(begin + PIECE, size)
        reply = await client.get(
            found.place, headers={"Range": f"bytes={begin}-{end - 1}"}, timeout_s=_PIECE_S
        )
        if reply.status != 206 or len(reply.body) != end - begin:
            raise UpstreamError("The server does not give parts of files, or another file")
        yield reply.body
        begin = end


def find_on_sticks(media: Path, keys: list[PublicKey]) -> list[Found]:
    """Return the updates on memory sticks that somebody who counts has signed."""
    found = []
    for path in sorted([*media.glob("*.update"), *media.glob("*/*.update")])[:_MOST_ON_STICKS]:
        try:
            with open_bundle(path) as file:
                found.append(Found("stick", read_notice(file, keys), str(path)))
        except (OSError, StartError):
            continue
    return found


def copy(found: Found, target: Path, tell: Callable[[int], None]) -> None:
    """Copy an update from a memory stick.

    Raises:
        BundleRefused: The file on the stick cannot be opened, or is something else now.
        OSError: One of the two refuses.
    """
    done = 0
    with open_bundle(Path(found.place)) as source, target.open("wb") as file:
        # No more than was signed, whatever the stick holds.
        while piece := source.read(min(PIECE, found.bundle.size - done)):
            file.write(piece)
            done += len(piece)
            tell(done)
        file.flush()
        os.fsync(file.fileno())
