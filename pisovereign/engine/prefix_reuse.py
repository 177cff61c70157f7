"""Where a beginning job's computed prefix comes from: its slot, another slot, or a snapshot.

Snapshots are former sequences that are kept within a byte budget. The rule who may use what is in
`Slot.reusable` and `Snapshot.reusable`: all of one's own, of others only the operator's system
prompt. A copy of another slot is cut down to that before it is used.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pisovereign.engine.jobs import Job
from pisovereign.engine.llama import Context
from pisovereign.engine.slots import COMPUTED, Slot, common_prefix

logger = logging.getLogger(__name__)

# Fewest tokens that are worth a copy, which takes at least 0.8 ms, and a place in memory.
_WORTH_COPYING, _WORTH_KEEPING = 4, 16
# Copying a token took about 0.01 ms, 0.05 at worst, and computing it 5.7: far beyond this
# ratio, which leaves room for boards whose memory is slower.
_COPIES_FOR_ONE = 64


class PrefixReuse:
    """Fills slots with what is already computed; used by the computing thread only.

    Args:
        context: holds the sequences.
        slots: all of them.
        snapshots: what is remembered beside them.
        on_shared: called with the sequence when the shared system prompt is computed.
    """

    def __init__(
        self,
        context: Context,
        slots: Sequence[Slot],
        snapshots: Snapshots,
        on_shared: Callable[[int, Snapshot], None] = lambda seq, snapshot: None,
    ) -> None:
        self._context = context
        self._slots = slots
        self.snapshots = snapshots
        self._on_shared = on_shared

    def prepare(self, slot: Slot) -> int:
        """Make the slot hold a prefix of its new job's prompt, and return its length.

        What it held before is remembered, if it was worth anything.
        """
        job = slot.job
        assert job is not None, "only for slots with a job"
        keep = slot.reusable(job)
        length, source = self._best(slot, job, keep)
        state = source.state if isinstance(source, Snapshot) else self._save(source)
        if state is None:
            self._remember(slot, job, keep)
            return self._cut(slot, keep)
        if isinstance(source, Snapshot):
            self.snapshots.used(source)
        self._remember(slot, job, length)
        if not self._context.restore(slot.seq, state):
            return self._cut(slot, 0)
        return self._cut(slot, length)

    def boundary(self, job: Job, keep: int) -> int:
        """Return where the job's prefill must pause for `computed`; 0 if nowhere."""
        shared = job.shared
        worth = shared >= max(_WORTH_COPYING, keep + COMPUTED) and self.snapshots.limit
        if not worth or shared + COMPUTED > len(job.prompt):
            return 0
        return 0 if self.snapshots.has(None, job.prompt[:shared]) else shared

    def computed(self, slot: Slot) -> None:
        """Keep the shared system prompt, if the slot holds just that now."""
        front = slot.resident
        if 0 < len(front) == slot.pause and not self.snapshots.has(None, front):
            snapshot = self._keep(None, slot)
            if snapshot is not None:
                self._on_shared(slot.seq, snapshot)

    def _best(self, slot: Slot, job: Job, keep: int) -> tuple[int, Slot | Snapshot | None]:
        length, snapshot = self.snapshots.best(job)
        found: list[tuple[int, int, Slot | Snapshot]] = []
        if snapshot is not None:
            found.append((length, -len(snapshot.tokens), snapshot))
        for other in self._slots:
            if other is not slot:
                found.append((other.reusable(job), -2 * len(other.resident), other))
        # The longest prefix, then the least to copy.
        for length, cost, source in sorted(found, key=lambda one: one[:2], reverse=True):
            gain = length - keep
            if gain >= _WORTH_COPYING and gain * _COPIES_FOR_ONE >= -cost:
                return length, source
        return keep, None

    def _remember(self, slot: Slot, job: Job, length: int) -> None:
        """Keep what the slot holds if more than a few tokens of it are about to be lost."""
        lost = len(slot.resident) - common_prefix(slot.resident, job.prompt, length)
        if lost >= _WORTH_KEEPING:
            self._keep(slot.cache_key, slot)

    def _keep(self, cache_key: str | None, slot: Slot) -> Snapshot | None:
        if self.snapshots.has(cache_key, slot.resident):
            return None
        if not self.snapshots.make_room(self._context.state_size(slot.seq)):
            return None
        state = self._save(slot)
        if state is None:
            return None
        snapshot = Snapshot(cache_key, list(slot.resident), state)
        self.snapshots.put(snapshot)
        return snapshot

    def _save(self, slot: Slot | None) -> State | None:
        """Return a copy of what a slot holds; None without a slot, or without memory for it."""
        try:
            return None if slot is None else self._context.save(slot.seq)
        except MemoryError:
            logger.warning("no memory for a copy of a sequence; its tokens are computed again")
            return None

    def _cut(self, slot: Slot, length: int) -> int:
        if self._context.truncate(slot.seq, length):
            return length
        self._context.truncate(slot.seq, 0)
        return 0


State = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Keys and values of a sequence.

    Attributes:
        cache_key: whose tokens they are; None: shared by all.
        tokens: the tokens.
        state: bytes that `Context.restore` takes.
    """

    cache_key: str | None
    tokens: Sequence[int]
    state: State

    def reusable(self, job: Job) -> int:
        """Return how many of the job's first tokens are in here and may be used by it."""
        limit = len(job.prompt) - COMPUTED
        if self.cache_key is None:
            limit = min(limit, job.shared)
        elif self.cache_key != job.cache_key:
            return 0
        return common_prefix(self.tokens, job.prompt, limit)


class Snapshots:
    """A bounded set of snapshots; the least recently used ones are dropped first.

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
        """Return the longest prefix that the job may use, and the snapshot that has it."""
        best: tuple[int, Snapshot | None] = (0, None)
        for entry in self._entries:
            length = entry.reusable(job)
            if length > best[0]:
                best = (length, entry)
        return best

    def has(self, cache_key: str | None, tokens: Sequence[int]) -> bool:
        """Return whether a snapshot holds all of these tokens for the same people."""
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
