"""Progress of a long download, and how it looks in a terminal or a log."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal, NamedTuple, TextIO

Action = Literal["fetching", "copying", "unpacking", "verifying", "preparing"]
_SHORTEST_S = 0.1  # between two updates of the line in a terminal
_MB = 1_000_000


class Step(NamedTuple):
    """A moment of the work on one file; sizes in bytes, both 0 when they mean nothing."""

    model: str
    file: str
    action: Action
    done: int = 0
    total: int = 0

    @property
    def finished(self) -> bool:
        """Return whether all bytes are there."""
        return 0 < self.total <= self.done


Report = Callable[[Step], None]
Bytes = Callable[[int, int], None]  # bytes that are there, and in all


def silent(step: Step) -> None:
    """Report nothing."""


class TerminalProgress:
    """A line that is rewritten in a terminal; in a log, one line for each quarter of a file."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._shown: tuple[str, str, str, int] | None = None
        self._at = 0.0

    def __call__(self, step: Step) -> None:
        """Show one step."""
        quarter = 4 * step.done // step.total if step.total else 0
        moment = (step.model, step.file, step.action, quarter)
        if self._live:
            same = self._shown is not None and moment[:3] == self._shown[:3]
            if same and not step.finished and time.monotonic() - self._at < _SHORTEST_S:
                return
            if not same:
                self.close()
            self._stream.write(f"\r\x1b[K{_line(step)}")
        elif moment != self._shown:
            self._stream.write(f"{_line(step)}\n")
        self._stream.flush()
        self._shown, self._at = moment, time.monotonic()

    def close(self) -> None:
        """End the line that is being rewritten."""
        if self._live and self._shown is not None:
            self._stream.write("\n")
            self._stream.flush()
        self._shown = None


def _line(step: Step) -> str:
    text = f"{step.action} {step.model}/{step.file}"
    if not step.total:
        return text
    percent = 100 * step.done // step.total
    return f"{text} {percent:3d} %  {step.done / _MB:.1f} of {step.total / _MB:.1f} MB"
