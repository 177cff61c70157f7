"""Events of the Wyoming protocol, read within limits of size.

The library's own reader takes as many bytes as the other side announces. An event is a line of
JSON, then as many bytes of JSON and of payload as the line says.
"""

from __future__ import annotations

import asyncio
from typing import Any, NamedTuple

import msgspec
from wyoming.event import Event

LONGEST_LINE = 64 * 1024
_LONGEST_TYPE = 100


class EventLimits(NamedTuple):
    """The most bytes of JSON, and of payload, that an event may have."""

    data: int
    payload: int


class BrokenEvent(Exception):
    """An event that is none, is larger than it may be, or ended in its middle."""


class _Header(msgspec.Struct):
    type: str
    data: dict[str, Any] | None = None
    data_length: int | None = None
    payload_length: int | None = None


_header = msgspec.json.Decoder(_Header)
_data = msgspec.json.Decoder(dict[str, Any])


async def read_event(reader: asyncio.StreamReader, limits: EventLimits) -> Event | None:
    """Return the next event; None: the other side has closed the connection between two.

    The reader's own limit is that of a line. Whoever calls limits the time.

    Raises:
        BrokenEvent: It is none, or is too large.
        OSError: The connection broke.
    """
    try:
        line = await reader.readuntil(b"\n")
        header = _header.decode(line)
        if len(header.type) > _LONGEST_TYPE:
            raise BrokenEvent
        data = dict(header.data or {})
        if more := await _read(reader, header.data_length, limits.data):
            data |= _data.decode(more)
        payload = await _read(reader, header.payload_length, limits.payload)
    except asyncio.IncompleteReadError as error:
        if error.expected is None and not error.partial:
            return None
        raise BrokenEvent from None
    except (asyncio.LimitOverrunError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise BrokenEvent from None
    return Event(header.type, data, payload or None)


async def _read(reader: asyncio.StreamReader, length: int | None, most: int) -> bytes:
    if not length:
        return b""
    if not 0 < length <= most:
        raise BrokenEvent
    return await reader.readexactly(length)
