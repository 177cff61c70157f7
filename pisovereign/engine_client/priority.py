"""Who waits for the engine: people come first, and tasks give way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Turns:
    """Counts those of this process who wait for an answer, and tells when that changes.

    Attributes:
        people: How many wait who do not give way.
    """

    def __init__(self) -> None:
        self.people = 0
        self._listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> None:
        """Have `listener` called whenever somebody comes or leaves."""
        self._listeners.append(listener)

    @contextmanager
    def person(self) -> Iterator[None]:
        """Somebody waits who does not give way."""
        self.people += 1
        self._tell()
        try:
            yield
        finally:
            self.people -= 1
            self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()
