"""Where a beginning job's computed prefix comes from: its slot, another slot, or a snapshot.

Snapshots are former sequences that are kept within a byte budget. The rule who may use what is in
`Slot.reusable` and `Snapshot.reusable`: all of one's own, of others only the operator's system
prompt. A copy of another slot is cut down to that before it is used.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from pisovereign.engine.checkpoints import Checkpoints
from pisovereign.engine.jobs import Job
from pisovereign.engine.llama import Context
from pisovereign.engine.sequences import COMPUTED, Slot, State, common_prefix
from pisovereign.engine.snapshots import Snapshot, Snapshots

logger = logging.getLogger(__name__)

# Fewest tokens that are worth a copy, which takes at least 0.8 ms, and a place in memory.
_WORTH_COPYING, _WORTH_KEEPING = 4, 16
# Copying a token took about 0.01 ms, 0.05 at worst, and computing it 5.7: far beyond this
# ratio, which leaves room for boards whose memory is slower.
_COPIES_FOR_ONE = 64
# Fewest tokens that are read in a step of their own so that a checkpoint can be taken behind them.
# Fewer are read again with what comes after them, which costs little more than the step would.
_WORTH_PAUSING = 24
# Fewest tokens of a front of somebody's own that are worth a checkpoint, which takes as much memory
# as one of a whole conversation.
_WORTH_SHARING = 256


class PrefixReuse:
    """Fills slots with what is already computed; used by the computing thread only.

    Args:
        context: holds the sequences.
        slots: all of them.
        snapshots: what is remembered beside them.
        on_shared: called with the sequence when the shared system prompt is computed.

    Attributes:
        snapshots: the same.
        checkpoints: what slots can be brought back to where they cannot be cut.
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
        self.checkpoints = Checkpoints(context, slots, snapshots)
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
        if state is None or source is None:
            self._remember(slot, job, keep)
            return self.checkpoints.cut(slot, keep, slot.checkpoints)
        if isinstance(source, Snapshot):
            self.snapshots.used(source)
        known = source.checkpoints
        self._remember(slot, job, length)
        if not self._context.restore(slot.seq, state):
            return self.checkpoints.cut(slot, 0, ())
        return self.checkpoints.cut(slot, length, known)

    def boundary(self, job: Job, keep: int) -> int:
        """Return where the job's prefill must pause next for `computed`; 0 if nowhere."""
        return (
            self._front_end(job, keep)
            or self._own_front_end(job, keep)
            or self._turn_end(job, keep)
        )

    def _front_end(self, job: Job, keep: int) -> int:
        """Return the end of the shared system prompt, if it is to be kept."""
        shared = job.shared
        worth = shared >= max(_WORTH_COPYING, keep + COMPUTED) and self.snapshots.limit
        if not worth or shared + COMPUTED > len(job.prompt):
            return 0
        return 0 if self.snapshots.has(None, job.prompt[:shared]) else shared

    def _own_front_end(self, job: Job, keep: int) -> int:
        """Return the end of what its owner's other conversations begin with, if one is due there.

        Where sequences can be cut, any of those conversations serves.
        """
        if self._context.can_truncate or not self.snapshots.limit:
            return 0
        front = job.front if job.front + COMPUTED <= len(job.prompt) else 0
        return front if front >= max(_WORTH_SHARING, keep + _WORTH_PAUSING) else 0

    def _turn_end(self, job: Job, keep: int) -> int:
        """Return the end of what the next turn's prompt begins with, if a checkpoint is due there.

        An answer may be stored otherwise than it was written, and templates mark the newest one up
        in a way of its own: only what is before it is certain to come again.
        """
        if self._context.can_truncate or not self.snapshots.limit:
            return 0
        whole = len(job.prompt)
        end = min(job.stable or whole, whole - COMPUTED)
        return end if end - keep >= _WORTH_PAUSING else 0

    def computed(self, slot: Slot) -> None:
        """Keep the shared system prompt, or take a checkpoint, if the slot holds just that now."""
        front = slot.resident
        if not 0 < len(front) == slot.pause:
            return
        if len(front) == slot.shared:
            self._keep_shared(slot)
        else:
            own = slot.job is not None and len(front) == slot.job.front
            self.checkpoints.take(slot, lasting=True, front=own)
        slot.pause = self._turn_end(slot.job, len(front)) if slot.job else 0

    def before(self, slot: Slot) -> None:
        """Take a checkpoint, if one is needed, before a piece of a prompt is read."""
        job = slot.job
        begins = job is not None and len(slot.resident) == job.cached_tokens
        self.checkpoints.take(slot, lasting=begins and slot.pause <= len(slot.resident))

    def _keep_shared(self, slot: Slot) -> None:
        if self.snapshots.has(None, slot.resident):
            return
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
        common = common_prefix(slot.resident, job.prompt, length)
        lost = len(slot.resident) - common
        # A state that cannot be cut is large, and the end of a turn that was changed is of no use.
        same = not slot.can_be_cut and slot.cache_key == job.cache_key
        goes_on = same and lost <= common - job.shared
        if lost >= _WORTH_KEEPING and not goes_on:
            self._keep(slot.cache_key, slot)

    def _keep(self, cache_key: str | None, slot: Slot) -> Snapshot | None:
        if self.snapshots.has(cache_key, slot.resident):
            return None
        lasting = tuple(one for one in slot.checkpoints if one.lasting)
        size = sum(one.state.nbytes for one in lasting)
        if not self.snapshots.make_room(self._context.state_size(slot.seq) + size):
            return None
        state = self._save(slot)
        if state is None:
            return None
        snapshot = Snapshot(cache_key, list(slot.resident), state, lasting, slot.can_be_cut)
        self.snapshots.put(snapshot)
        return snapshot

    def _save(self, slot: Slot | None) -> State | None:
        """Return a copy of what a slot holds; None without a slot, or without memory for it."""
        try:
            return None if slot is None else self._context.save(slot.seq)
        except MemoryError:
            logger.warning("no memory for a copy of a sequence; its tokens are computed again")
            return None
