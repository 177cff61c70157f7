"""How fast an answer comes, as people see it."""

from __future__ import annotations

import time

from pisovereign.chat.types import Speed

_LEAST_S, _LEAST_TOKENS = 0.02, 3


class Stopwatch:
    """Measures one answer, from the moment its message came."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._first: float | None = None

    def so_far(self) -> float:
        """Return the seconds since the message came."""
        return time.perf_counter() - self._began

    def words(self) -> None:
        """Take down that there are words to show."""
        if self._first is None:
            self._first = time.perf_counter()

    def speed(self, tokens: int) -> Speed:
        """Return how fast it was.

        Args:
            tokens: As many the model wrote at the end; 0: nobody counted.
        """
        now = time.perf_counter()
        first = now if self._first is None else self._first
        took = now - first
        rate = None
        if tokens >= _LEAST_TOKENS and took >= _LEAST_S:
            rate = round((tokens - 1) / took, 2)
        return Speed(first_s=round(first - self._began, 3), tokens_per_s=rate)
