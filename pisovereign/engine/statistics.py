"""Statistics of the engine: how busy it is, and totals since its start."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Load(NamedTuple):
    """How busy the engine is, in requests; `steps` grows with every computed batch."""

    waiting: int
    active: int
    slots: int
    steps: int


class CacheStatistics(NamedTuple):
    """Cached sequences: bytes, how many, and how often one was used."""

    bytes: int
    entries: int
    hits: int


@dataclass(slots=True)
class Speed:
    """Tokens computed, and the seconds that took."""

    tokens: int = 0
    seconds: float = 0.0

    def add(self, tokens: int, seconds: float) -> None:
        """Count a step."""
        self.tokens += tokens
        self.seconds += seconds

    @property
    def rate(self) -> float:
        """Return tokens a second; 0 before the first step."""
        return self.tokens / self.seconds if self.seconds else 0.0


@dataclass(slots=True)
class Totals:
    """Counts since the start, kept by the computing thread; single reads of them are safe.

    Attributes:
        steps: batches computed.
        sequences: sequences in them, summed up.
        prompt_tokens: tokens of prompts that were begun, of which
        cached_tokens: did not have to be computed.
        completion_tokens: tokens of answers, of which
        forced_tokens: could only be these, so that nothing was computed to choose them.
        guessed_tokens: tokens that were computed ahead, of which
        accepted_tokens: turned out to be right.
        requests: requests that were begun, and
        queue_s: seconds that they had waited until then, summed up.
        prefill: steps that read a prompt, whatever else was in them.
        decode: steps that only write answers.
    """

    steps: int = 0
    sequences: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    forced_tokens: int = 0
    guessed_tokens: int = 0
    accepted_tokens: int = 0
    requests: int = 0
    queue_s: float = 0.0
    prefill: Speed = field(default_factory=Speed)
    decode: Speed = field(default_factory=Speed)

    @property
    def occupancy(self) -> float:
        """Return sequences in a batch, on average."""
        return self.sequences / self.steps if self.steps else 0.0
