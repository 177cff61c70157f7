"""The sequences of a context, as the scheduler sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pisovereign.engine.jobs import Job

# Tokens of a prompt that are always computed. One is needed, as there are no logits without it; but
# llama.cpp rounds otherwise for one token than for several, and that can grow to 2 % of the logits'
# spread. With two, what is reused gives bit for bit the logits of a cold run (x86-64, SmolLM2).
COMPUTED = 2


def common_prefix(one: Sequence[object], other: Sequence[object], limit: int) -> int:
    """Return length of the longest common front, at most `limit`.

    Halves the range and compares slices: 8,000 tokens take 0.07 ms, a loop in Python 0.24.
    """
    high = max(0, min(limit, len(one), len(other)))
    low = 0
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


State = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """A checkpoint of a sequence: what cannot be cut of it, as it was at one length.

    Attributes:
        length: tokens that the sequence had.
        state: bytes that `Context.rewind` takes.
        lasting: whether later turns may need it, and not just the step that follows.
        front: whether other conversations begin with it, so that it stays however long this one is.
    """

    length: int
    state: State
    lasting: bool
    front: bool = False


def reach(length: int, whole: int, checkpoints: Sequence[Checkpoint]) -> int:
    """Return to which of its first tokens a sequence that cannot be cut can be brought back.

    Args:
        length: the wish.
        whole: tokens of the sequence.
        checkpoints: taken on its way.
    """
    if length == whole:
        return length
    return max((one.length for one in checkpoints if one.length <= length), default=0)


@dataclass(slots=True, eq=False)
class Slot:
    """One sequence of the context, and the job that has it.

    Until its job begins, a slot still holds what the job before left; so do the attributes that
    describe it.

    Attributes:
        seq: the sequence's number.
        resident: tokens whose keys and values the sequence holds.
        shared: how many of them, at the front, are the same for everybody.
        cache_key: whose tokens the rest are.
        checkpoints: lengths that the sequence can be brought back to, the shortest first.
        can_be_cut: whether it can be brought back to any other as well.
        pending: tokens of the job that are still to be computed.
        job: None when the slot is free; what is resident then waits to be reused.
        begun: whether `pending` is the job's; before that, nothing of it may be computed.
        answering: whether `pending` is of the answer, not of the prompt.
        pause: length of `resident` at which a step must end; 0 if at none.
        last_used: number of the slot's latest job, in the order of admission.
    """

    seq: int
    resident: list[int] = field(default_factory=list)
    shared: int = 0
    cache_key: str = ""
    checkpoints: list[Checkpoint] = field(default_factory=list)
    can_be_cut: bool = True
    pending: list[int] = field(default_factory=list)
    job: Job | None = None
    begun: bool = False
    answering: bool = False
    pause: int = 0
    last_used: int = 0

    def reusable(self, job: Job) -> int:
        """Return how many of the job's first tokens are here already and need not be computed.

        The last ones are always left to compute. Under another cache key only the shared front
        counts: nobody can find out what others wrote by trying it.
        """
        limit = len(job.prompt) - COMPUTED
        if self.cache_key != job.cache_key:
            limit = min(limit, self.shared, job.shared)
        length = common_prefix(self.resident, job.prompt, limit)
        return length if self.can_be_cut else reach(length, len(self.resident), self.checkpoints)


@dataclass(frozen=True, slots=True)
class StepPart:
    """A slot's share of a step.

    Attributes:
        slot: the slot.
        count: how many of its pending tokens are computed, from the first.
        sample: after how many tokens, counted from the last, logits are wanted; 0: after none.
        guesses: tokens that are computed behind all of the pending ones, to be taken back if the
            answer goes on otherwise.
    """

    slot: Slot
    count: int
    sample: int
    guesses: Sequence[int] = ()

    @property
    def tokens(self) -> list[int]:
        """Return what is computed."""
        return [*self.slot.pending[: self.count], *self.guesses]

    @property
    def reads(self) -> bool:
        """Return whether it is a piece of a prompt; before the step only."""
        return self.count > 1 and not self.slot.answering
