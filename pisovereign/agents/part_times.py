"""How long sub-tasks take, by what they do, as those before them took."""

from __future__ import annotations

import statistics
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager

_NEWEST = 15


class PartTimes:
    """Seconds of the newest sub-tasks of each tool, in this process."""

    def __init__(self) -> None:
        self._seconds: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=_NEWEST))

    def expected_s(self, tool: str) -> float | None:
        """Return how long one with this tool is expected to take; None: there was none yet."""
        seconds = self._seconds.get(tool)
        return round(statistics.median(seconds), 2) if seconds else None

    @contextmanager
    def measure(self, tool: str) -> Iterator[None]:
        """Take how long one takes; one that ends with an error says nothing."""
        began = time.perf_counter()
        yield
        self._seconds[tool].append(time.perf_counter() - began)
