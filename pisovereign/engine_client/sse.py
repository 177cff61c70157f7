"""Reading server-sent events, whoever writes them."""

from __future__ import annotations


class EventReader:
    """Cuts a byte stream into the data of its events.

    Understands every line end (LF, CRLF, CR), data over several lines, comments, other fields, and
    events that are split over pieces anywhere. A last event without its blank line is given out by
    `finish`, as some servers end so.

    Args:
        limit: most bytes of one event; more is a ValueError.
    """

    __slots__ = ("_buffer", "_data", "_limit", "_size")

    def __init__(self, limit: int = 1 << 20) -> None:
        self._buffer = b""
        self._data: list[bytes] = []
        self._size = 0
        self._limit = limit

    def feed(self, piece: bytes) -> list[bytes]:
        """Take a piece and return the data of the events that are now complete."""
        buffer = self._buffer + piece
        if b"\r" in buffer:
            # A CR at the very end may be half of a CRLF: it waits for the next piece.
            held = buffer.endswith(b"\r")
            body = buffer[:-1] if held else buffer
            lines = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
            self._buffer = lines.pop() + (b"\r" if held else b"")
        else:
            lines = buffer.split(b"\n")
            self._buffer = lines.pop()
        if len(self._buffer) > self._limit:
            raise ValueError("a line of the event stream is too long")
        return [event for line in lines if (event := self._line(line)) is not None]

    def finish(self) -> list[bytes]:
        """Return what is left at the end of the stream."""
        events = self.feed(b"\n\n") if self._buffer or self._data else []
        return events

    def _line(self, line: bytes) -> bytes | None:
        """Take a line; returns an event's data if the line ends one that has any."""
        if not line:
            if not self._data:
                return None
            event = b"\n".join(self._data)
            self._data, self._size = [], 0
            return event
        if line.startswith(b"data:"):
            value = line[5:]
            self._data.append(value[1:] if value.startswith(b" ") else value)
            self._size += len(value)
            if self._size > self._limit:
                raise ValueError("an event of the stream is too long")
        return None
