"""Vectors as other programs' dialects ask for them."""

from __future__ import annotations

import math
from collections.abc import Sequence


def shortened(vector: Sequence[float], dimensions: int) -> list[float]:
    """Return the first numbers of a vector, of unit length again."""
    kept = vector[:dimensions]
    length = math.hypot(*kept)
    return [number / length for number in kept] if length else list(kept)
