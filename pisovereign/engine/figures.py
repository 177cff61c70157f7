"""What the engine tells about its work: how busy it is, and totals since its start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Load(NamedTuple):
    """How busy the engine is, in requests; `steps` grows with every computed batch."""

    waiting: int
    active: int
    slots: int
    steps: int


class CacheLoad(NamedTuple):
    """Remembered sequences: bytes, how many, and how often one was used."""

    bytes: int
    entries: int
    hits: int


@dataclass(slots=True)
class Totals:
    """Counts since the start, kept by the computing thread; single reads of them are safe.

    Attributes:
        steps: batches computed.
        sequences: sequences in them, summed up.
        prompt_tokens: tokens of prompts that were begun, of which
        cached_tokens: did not have to be computed.
        completion_tokens: tokens drawn.
    """

    steps: int = 0
    sequences: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0

    @property
    def occupancy(self) -> float:
        """Sequences in a batch, on average."""
        return self.sequences / self.steps if self.steps else 0.0
