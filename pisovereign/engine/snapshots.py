"""Copies of sequences in memory, so that a conversation goes on where its slot was taken away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pisovereign.engine.common_prefix import COMPUTED, common_prefix
from pisovereign.engine.jobs import Job

State = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Keys and values of a sequence.

    Attributes:
        cache_key: whose tokens they are; None: everybody's.
        tokens: the tokens.
        state: bytes that `Context.restore` takes.
    """

    cache_key: str | None
    tokens: Sequence[int]
    state: State

    def reusable(self, job: Job) -> int:
        """How many of the job's first tokens are in here and may be used by it."""
        limit = len(job.prompt) - COMPUTED
        if self.cache_key is None:
            limit = min(limit, job.shared)
        elif self.cache_key != job.cache_key:
            return 0
        return common_prefix(self.tokens, job.prompt, limit)


class Snapshots:
    """A bounded set of snapshots; what was not used for longest goes first.

    Args:
        limit: most bytes of state; 0 keeps nothing.

    Attributes:
        limit: the same.
        bytes: bytes of state that are kept.
        hits: how often one was used.
    """

    def __init__(self, limit: int) -> None:
        self._entries: list[Snapshot] = []
        self.limit = limit
        self.bytes = 0
        self.hits = 0

    def __len__(self) -> int:
        return len(self._entries)

    def best(self, job: Job) -> tuple[int, Snapshot | None]:
        """The snapshot with the longest prefix that the job may use, and that prefix's length."""
        best: tuple[int, Snapshot | None] = (0, None)
        for entry in self._entries:
            length = entry.reusable(job)
            if length > best[0]:
                best = (length, entry)
        return best

    def has(self, cache_key: str | None, tokens: Sequence[int]) -> bool:
        """Whether a snapshot holds all of these tokens for the same people."""
        return any(
            entry.cache_key == cache_key and _starts_with(entry.tokens, tokens)
            for entry in self._entries
        )

    def make_room(self, size: int) -> bool:
        """Drop the oldest ones until `size` bytes fit; False if they never do."""
        if size > self.limit:
            return False
        while self.bytes + size > self.limit:
            self._drop(self._entries[0])
        return True

    def put(self, new: Snapshot) -> None:
        """Keep a snapshot instead of those that it continues, if it fits."""
        for entry in list(self._entries):
            if entry.cache_key == new.cache_key and _starts_with(new.tokens, entry.tokens):
                self._drop(entry)
        if self.make_room(new.state.nbytes):
            self._entries.append(new)
            self.bytes += new.state.nbytes

    def used(self, entry: Snapshot) -> None:
        """Count a hit, and keep the snapshot for longer."""
        self.hits += 1
        self._entries.remove(entry)
        self._entries.append(entry)

    def _drop(self, entry: Snapshot) -> None:
        self._entries.remove(entry)
        self.bytes -= entry.state.nbytes


def _starts_with(tokens: Sequence[int], front: Sequence[int]) -> bool:
    return len(front) <= len(tokens) and tokens[: len(front)] == front
