"""Events are read as the library writes them, within limits, and nothing else is."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wyoming.event import Event, async_write_event

from pisovereign.connectors.speech.events import BrokenEvent, EventLimits, read_event

LIMITS = EventLimits(data=2000, payload=2000)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


class _Writer:
    """Keeps what is written, as a stream does."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> None:
        self.data += data

    def writelines(self, parts: list[bytes]) -> None:
        self.data += b"".join(parts)

    async def drain(self) -> None:
        pass


def read(data: bytes, limit: int = 64 * 1024) -> Event | None:
    async def reading() -> Event | None:
        reader = asyncio.StreamReader(limit=limit)
        reader.feed_data(data)
        reader.feed_eof()
        return await read_event(reader, LIMITS)

    return asyncio.run(reading())


@given(
    st.text(max_size=50), st.dictionaries(st.text(), VALUES, max_size=4), st.binary(max_size=500)
)
def test_what_the_library_writes_is_read(kind: str, data: dict[str, object], more: bytes) -> None:
    writer = _Writer()
    asyncio.run(async_write_event(Event(kind, data, more or None), writer))  # type: ignore[arg-type]
    if len(writer.data) > 2000:
        return
    assert read(writer.data) == Event(kind, data, more or None)


@given(st.binary(max_size=300))
def test_any_bytes_are_an_event_or_none(data: bytes) -> None:
    with contextlib.suppress(BrokenEvent):
        read(data)


def test_the_end_between_two_events_is_no_fault() -> None:
    assert read(b"") is None


@pytest.mark.parametrize(
    "data",
    [
        b'{"type": "a", "payload_length": 2001}\n' + b"x" * 2001,
        b'{"type": "a", "data_length": 2001}\n' + b"x" * 2001,
        b'{"type": "a", "data_length": 2}\n[]',
        b'{"type": "a", "payload_length": 3}\nxx',
        b'{"type": "a"}',
        b'{"type": ' + b"[" * 5000,
        b'{"type": "' + b"x" * 101 + b'"}\n',
    ],
)
def test_what_is_too_large_or_half_is_refused(data: bytes) -> None:
    with pytest.raises(BrokenEvent):
        read(data)
