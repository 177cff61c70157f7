"""Have a child load what it needs, and go on only when it is told to.

It waits for the end of a pipe, which then stays at its end: a child that is started again later
goes on at once.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator


class StartGate:
    """A gate that is shut at first, and stays open then.

    Attributes:
        waiting_side: The descriptor that a child is given.
    """

    def __init__(self) -> None:
        self.waiting_side, self._shut = os.pipe()

    def open(self) -> None:
        """Let all go on who wait, and who come later."""
        if self._shut >= 0:
            os.close(self._shut)
            self._shut = -1

    def close(self) -> None:
        """Give up both sides."""
        self.open()
        os.close(self.waiting_side)


@contextlib.contextmanager
def start_gate() -> Iterator[StartGate]:
    """Make a gate, and close it afterwards."""
    gate = StartGate()
    try:
        yield gate
    finally:
        gate.close()


def wait_at_gate(waiting_side: int) -> None:
    """Wait until the gate is open; the kernel ends this process if its parent ends before."""
    os.read(waiting_side, 1)
    os.close(waiting_side)
