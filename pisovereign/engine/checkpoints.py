"""Checkpoints that sequences go back to which cannot be cut.

The state of recurrent layers and the windows of others hold only what is newest. A copy of them is
taken where a later prompt will probably agree with this one: at the end of what all of somebody's
conversations begin with, at that of what a turn begins with, and before each piece of a prompt,
which may be broken off.
"""

from __future__ import annotations

from collections.abc import Sequence

from pisovereign.engine.llama import Context
from pisovereign.engine.sequences import Checkpoint, Slot, State
from pisovereign.engine.snapshots import Snapshots

# Of each slot: the latest turn, and the one before, for an answer that is asked for again; beside
# them the end of the front.
_LASTING = 2


class Checkpoints:
    """Takes checkpoints of slots, and cuts their sequences with them.

    Does nothing but cutting where `Context.can_truncate`.

    Args:
        context: holds the sequences.
        slots: all of them.
        snapshots: whose budget the checkpoints belong to; they come before it.
    """

    def __init__(self, context: Context, slots: Sequence[Slot], snapshots: Snapshots) -> None:
        self._context = context
        self._slots = slots
        self._snapshots = snapshots
        for slot in slots:
            slot.can_be_cut = context.can_truncate

    def take(self, slot: Slot, *, lasting: bool, front: bool = False) -> None:
        """Remember how the slot's sequence is now, if there is room for it.

        Args:
            slot: a slot; what it holds is right, so no step may have failed in between.
            lasting: whether a later turn may need it, and not just the next step.
            front: whether other conversations may.
        """
        length = len(slot.resident)
        if self._context.can_truncate or length == 0:
            return
        present = next((one for one in slot.checkpoints if one.length == length), None)
        stays = lasting or (present is not None and present.lasting)
        begins = front or (present is not None and present.front)
        # One that only the step before needed is over, and of the others the newest are enough.
        fronts = [one for one in slot.checkpoints if one.front and one is not present]
        turns = [one for one in slot.checkpoints if one.lasting and one not in (present, *fronts)]
        slot.checkpoints = fronts + (turns[1 - _LASTING :] if stays else turns)
        state = self._copy(slot) if present is None else present.state
        if state is not None:
            slot.checkpoints.append(Checkpoint(length, state, stays, begins))
        self._count()

    def cut(self, slot: Slot, length: int, known: Sequence[Checkpoint]) -> int:
        """Cut the slot's sequence to a length, or shorter; returns the one that is left.

        Args:
            slot: a slot; its sequence holds what `known` was taken of.
            length: the wish.
            known: checkpoints, the shortest first.
        """
        if self._context.truncate(slot.seq, length):
            left = length
        else:
            left = self._rewind(slot.seq, length, known)
        slot.checkpoints = [one for one in known if one.length <= left]
        if not self._make_room(0):
            self.forget(slot)
        return left

    def undo(self, slot: Slot) -> int:
        """Bring a sequence back to what it held before a step that failed; returns its length."""
        length = len(slot.resident)
        if self._context.can_truncate and self._context.truncate(slot.seq, length):
            return length
        # Part of the step may have gone into the recurrent state.
        left = self._rewind(slot.seq, length, slot.checkpoints)
        slot.checkpoints = [one for one in slot.checkpoints if one.length <= left]
        self._count()
        return left

    def forget(self, slot: Slot) -> None:
        """Drop all of a slot, whose sequence is empty now."""
        slot.checkpoints = []
        self._count()

    def _rewind(self, seq: int, length: int, known: Sequence[Checkpoint]) -> int:
        point = nearest(known, length)
        if point is not None and self._context.rewind(seq, point.state, point.length):
            return point.length
        self._context.truncate(seq, 0)
        return 0

    def _copy(self, slot: Slot) -> State | None:
        """Return a copy of what cannot be cut; None if there is no room for it."""
        if not self._make_room(self._context.checkpoint_size(slot.seq)):
            return None
        try:
            return self._context.checkpoint(slot.seq)
        except MemoryError:
            return None

    def _make_room(self, size: int) -> bool:
        """Make room for a checkpoint, at the cost of snapshots and of free slots."""
        free = sorted(
            (one for one in self._slots if one.job is None), key=lambda one: one.last_used
        )
        self._count()
        while not self._snapshots.make_room(size):
            other = next((one for one in free if one.checkpoints), None)
            if other is None:
                return False
            other.checkpoints = []
            self._count()
        return True

    def _count(self) -> None:
        points = [point for slot in self._slots for point in slot.checkpoints]
        self._snapshots.reserved = sum(point.state.nbytes for point in points)


def nearest(known: Sequence[Checkpoint], length: int) -> Checkpoint | None:
    """Return the longest checkpoint that is not beyond a length."""
    return max(
        (one for one in known if one.length <= length), key=lambda one: one.length, default=None
    )
