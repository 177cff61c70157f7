"""Interactive requests, which background work yields to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class InteractiveRequests:
    """Count the interactive requests of this process, and tell listeners when that changes.

    Attributes:
        count: How many wait for an answer.
    """

    def __init__(self) -> None:
        self.count = 0
        self._listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` whenever a request comes or ends."""
        self._listeners.append(listener)

    @contextmanager
    def track(self) -> Iterator[None]:
        """Count an interactive request while the body runs."""
        self.count += 1
        self._tell()
        try:
            yield
        finally:
            self.count -= 1
            self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()
