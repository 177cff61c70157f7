"""Which tokens are computed next, and for whom: pure policy.

No thread, no clock, no model: the state machine works on token lists, so a test can drive it with a
fake. Requests join and leave between steps. A step holds one token of every answer that is being
written, then fills up with prompt tokens, first come first served.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from pisovereign.engine.jobs import Job


class Full(Exception):
    """As many jobs wait as may."""


@dataclass(slots=True, eq=False)
class Slot:
    """One sequence of the context, and the job that has it.

    Attributes:
        seq: the sequence's number.
        resident: tokens whose keys and values the sequence holds.
        shared: how many of them, at the front, are the same for everybody.
        cache_key: whose tokens the rest are.
        pending: tokens of the job that are still to be computed.
        job: None when the slot is free; what is resident then waits to be reused.
    """

    seq: int
    resident: list[int] = field(default_factory=list)
    shared: int = 0
    cache_key: str = ""
    pending: list[int] = field(default_factory=list)
    job: Job | None = None
    last_used: int = 0

    def reusable(self, job: Job) -> int:
        """How many of the job's first tokens need not be computed here.

        At least one is left to compute, as there are no logits without it. Under another cache key
        only the shared front counts: nobody can find out what others wrote by trying it.
        """
        same = self.cache_key == job.cache_key
        limit = len(job.prompt) - 1 if same else min(self.shared, job.shared, len(job.prompt) - 1)
        count = 0
        for mine, wanted in zip(self.resident[:limit], job.prompt, strict=False):
            if mine != wanted:
                break
            count += 1
        return count


@dataclass(frozen=True, slots=True)
class Part:
    """A slot's share of a step: the first `count` of its pending tokens."""

    slot: Slot
    count: int
    sample: bool


class Scheduler:
    """Queue and slots.

    Args:
        slots: number of sequences.
        queue: most jobs that may wait.
        step_tokens: most tokens in one step; at least `slots`.
    """

    def __init__(self, *, slots: int, queue: int, step_tokens: int) -> None:
        self._queue: deque[Job] = deque()
        self._limit = queue
        self._step_tokens = step_tokens
        self._slots = [Slot(seq) for seq in range(slots)]
        self._turn = 0

    @property
    def waiting(self) -> int:
        """Jobs in the queue."""
        return len(self._queue)

    @property
    def running(self) -> list[Slot]:
        """Slots that have a job, those that came first in front."""
        return sorted((slot for slot in self._slots if slot.job), key=lambda slot: slot.last_used)

    def submit(self, job: Job) -> None:
        """Take a job in.

        Raises:
            Full: no slot is free and the queue is at its limit.
        """
        free = sum(slot.job is None for slot in self._slots)
        if len(self._queue) >= self._limit + free:
            raise Full
        self._queue.append(job)

    def admit(self) -> Iterator[tuple[Slot, Job, int]]:
        """Give waiting jobs a slot; yields both and how many of its resident tokens stay.

        The caller truncates the sequence, or calls `forget` if that is not possible.
        """
        while self._queue:
            free = [slot for slot in self._slots if slot.job is None]
            if not free:
                return
            job = self._queue.popleft()
            # The longest prefix wins, then the slot nobody has used for longest.
            slot = max(free, key=lambda slot: (slot.reusable(job), -slot.last_used))
            keep = slot.reusable(job)
            self._turn += 1
            slot.last_used = self._turn
            slot.job, slot.cache_key, slot.shared = job, job.cache_key, job.shared
            slot.resident = slot.resident[:keep]
            slot.pending = job.prompt[keep:]
            job.cached_tokens = keep
            yield slot, job, keep

    def plan(self) -> list[Part]:
        """The next step; empty when there is nothing to compute."""
        running = self.running
        parts = [Part(slot, 1, sample=True) for slot in running if len(slot.pending) == 1]
        room = self._step_tokens - len(parts)
        for slot in running:
            if len(slot.pending) > 1 and room > 0:
                count = min(room, len(slot.pending))
                parts.append(Part(slot, count, sample=count == len(slot.pending)))
                room -= count
        return parts

    def commit(self, parts: list[Part]) -> None:
        """A step was computed."""
        for part in parts:
            slot = part.slot
            slot.resident += slot.pending[: part.count]
            slot.pending = slot.pending[part.count :]

    def extend(self, slot: Slot, token: int) -> None:
        """The slot's answer goes on with a token, which is computed next."""
        slot.pending = [token]

    def forget(self, slot: Slot) -> None:
        """Nothing of the slot's sequence is left; its job, if any, starts over."""
        if slot.job is not None:
            slot.pending = slot.resident + slot.pending
            slot.job.cached_tokens = 0
        slot.resident = []

    def release(self, slot: Slot) -> None:
        """The slot's job is over; what was computed stays for the next one."""
        slot.job = None
        slot.pending = []

    def withdraw(self, job: Job) -> None:
        """Take a job out of the queue, if it is there, so that its place is free at once."""
        if job in self._queue:
            self._queue.remove(job)

    def drop_cancelled(self) -> None:
        """Free the slots of cancelled jobs; only between steps."""
        for slot in self._slots:
            if slot.job is not None and slot.job.cancelled:
                self.release(slot)
