"""How long an approved thing may take."""

from __future__ import annotations

import asyncio


class Limit:
    """A time limit that can be brought forward.

    Args:
        seconds: How long it may take.

    Attributes:
        timeout: What ends the work; used once.
        stopped: Whether it was ended because somebody asked for it.
    """

    def __init__(self, seconds: float) -> None:
        self.timeout = asyncio.timeout(seconds)
        self.stopped = False

    def stop(self) -> None:
        """End the work now, if it goes on."""
        if not self.timeout.expired():
            self.stopped = True
            self.timeout.reschedule(0)
