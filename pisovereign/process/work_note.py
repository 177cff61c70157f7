"""How far work got that goes on beside the requests, in a file that every process can read."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

_WRITE_S = 0.5  # between two notes of how far it got
T = TypeVar("T", bound=msgspec.Struct)


class WorkNote(Generic[T]):
    """The state of one kind of work, as it was noted last.

    Args:
        path: Of the file.
        kind: What it holds.
    """

    def __init__(self, path: Path, kind: type[T]) -> None:
        self._path = path
        self._kind = kind
        self._written_at = 0.0

    def read(self) -> T | None:
        """Return what was noted last, by whichever process; None: nothing ever was."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=self._kind)
        except (OSError, msgspec.MsgspecError):
            return None

    @property
    def is_due(self) -> bool:
        """Return whether this process's last note is so old that progress is worth another."""
        return time.monotonic() - self._written_at >= _WRITE_S

    def write(self, state: T) -> None:
        """Note a state, as a whole.

        Raises:
            OSError: It cannot be written.
        """
        part = self._path.with_name(f"{self._path.name}.part")
        # Not made durable: after a power cut nobody asks how far it was.
        part.write_bytes(msgspec.json.encode(state))
        part.replace(self._path)
        self._written_at = time.monotonic()
