"""Counts for everybody: enough to see that the server works, and nothing about anybody.

Who sees a count grow while one person writes knows what that person did. So counts are rounded, and
where one is rounded up is a secret that differs from step to step: otherwise who can add to a count
finds the place once, and from then on the exact number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from prometheus_client import Metric

# Of each family that everybody sees, the step that its counts are rounded to.
_STEPS = {
    "http_requests": 100,
    "inference_requests": 100,
    "inference_time_ms": 100,
    "inference_tokens": 100_000,
}
_SUM_STEP = 1_000_000  # milliseconds


class CoarseCounts:
    """Rounds counts; all workers of one server in the same way.

    Args:
        secret: What nobody outside knows.
        started_at: When the server started; its counts begin anew then, and so does the rounding.
    """

    def __init__(self, secret: bytes, started_at: float) -> None:
        moment = repr(started_at).encode()
        self._key = hashlib.blake2b(moment, key=secret[:64], person=b"coarse-counts").digest()

    def public(self, metrics: Iterable[Metric]) -> Iterator[Metric]:
        """Yield what everybody may see, rounded; other families are left out."""
        for metric in metrics:
            step = _STEPS.get(metric.name)
            if step is None:
                continue
            told = Metric(metric.name, metric.documentation, metric.type)
            for sample in metric.samples:
                if sample.name.endswith("_created"):
                    continue
                size = _SUM_STEP if sample.name.endswith("_sum") else step
                # The buckets of a histogram grow with their bounds: they share their places.
                told.add_sample(
                    sample.name, sample.labels, self._rounded(sample.name, sample.value, size)
                )
            yield told

    def _rounded(self, name: str, value: float, step: int) -> float:
        """Return the multiple of `step` below or above; which one is decided by a secret place."""
        below = int(value // step)
        drawn = hashlib.blake2b(f"{name} {below}".encode(), key=self._key, digest_size=8).digest()
        place = (below + int.from_bytes(drawn) / (1 << 64)) * step
        return float(step * (below + (value > place)))


def one_digit(value: float) -> float:
    """Return a positive number with its first digit alone: 125.1 is 100."""
    return float(f"{value:.0e}") if value > 0 else 0.0
