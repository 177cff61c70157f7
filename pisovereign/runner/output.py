"""Output of a command: the beginning is kept, the rest is counted."""

from __future__ import annotations

import codecs
from typing import Literal

Stream = Literal["stdout", "stderr"]


class Output:
    """Both streams of one command.

    Args:
        limit_bytes: how much is kept of both together, whichever comes first.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._room = limit_bytes
        self._kept: dict[Stream, bytearray] = {"stdout": bytearray(), "stderr": bytearray()}
        self._cut: set[Stream] = set()
        self.seen = 0

    def take(self, stream: Stream, data: bytes) -> None:
        """Keep what there is room for."""
        self.seen += len(data)
        kept = data[: self._room]
        self._room -= len(kept)
        self._kept[stream] += kept
        if len(kept) < len(data):
            self._cut.add(stream)

    @property
    def truncated(self) -> bool:
        """Return whether something was not kept."""
        return bool(self._cut)

    def text(self, stream: Stream) -> str:
        """Return what was kept, with NUL and what is not UTF-8 replaced."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        text = decoder.decode(bytes(self._kept[stream]), final=stream not in self._cut)
        return text.replace("\0", "\ufffd")
