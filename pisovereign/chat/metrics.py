"""How much of what the model writes is held back, in tokens."""

from __future__ import annotations

from collections import deque

from prometheus_client import CollectorRegistry, Histogram

BUCKETS = (0, 1, 2, 3, 4, 6, 8, 16, 32, 64)
NAME = "chat_held_tokens"


class HeldMetrics:
    """For each token of an answer, how many were held when it came; 0: it was shown at once."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._held = Histogram(
            NAME, "Tokens held back with each token of an answer", buckets=BUCKETS,
            registry=registry,
        )  # fmt: skip

    def answer(self) -> HeldTokens:
        """Follow one answer."""
        return HeldTokens(self._held)


class HeldTokens:
    """The tokens of one answer that are not shown yet; what is shown is in the same order.

    Args:
        held: Takes their number with each token.
    """

    def __init__(self, held: Histogram) -> None:
        self._histogram = held
        self._left: deque[int] = deque()  # characters of each that are not shown

    def take(self, written: str, shown: str) -> None:
        """Take a token of the model, and what is shown now that it is there."""
        left, characters = self._left, len(shown)
        left.append(len(written))
        while left and left[0] <= characters:
            characters -= left.popleft()
        if left:
            left[0] -= characters
        self._histogram.observe(len(left))
