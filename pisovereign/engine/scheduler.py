"""Scheduling policy: which tokens are computed next, and for which job.

No thread, no clock, no model: the state machine works on token lists, so a test can drive it with a
fake. Requests join and leave between steps. A step holds the next token of every answer that is
being written, or several where they are certain or guessed, then fills up with prompt tokens, first
come first served; but half of the room is for prompts that are much shorter than the one in front,
so that a short question does not wait until a long text is read. While answers are being written
only `pace` tokens of prompts fit in, so that a long prompt does not stall them. Jobs of low
priority are left out while the prompt of one that is not is read, except for every eighth step, or
they might never end; and they never fill one.

A job waits in the queue, where owners take turns, is admitted to a slot, begins when its first
tokens fit into a step, and ends. Between admission and beginning the slot keeps what was computed
in it before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pisovereign.engine.jobs import Job
from pisovereign.engine.sequences import COMPUTED, Slot, StepPart
from pisovereign.engine.waiting_jobs import SHORTER, WaitingJobs

# One in so many steps is for all jobs, also for those of low priority while another prompt is read.
ALL_EVERY = 8


Guess = Callable[[Slot, int], Sequence[int]]


def _no_guess(_slot: Slot, _room: int) -> Sequence[int]:
    return ()


class Scheduler:
    """Queue and slots.

    Args:
        slots: number of sequences.
        queue: most jobs that may wait.
        step_tokens: most tokens in one step; at least three more than `slots`.

    Attributes:
        pace: most prompt tokens in a step while answers are being written.
        steps: how many were computed.
    """

    def __init__(self, *, slots: int, queue: int, step_tokens: int) -> None:
        self._queue = WaitingJobs(queue)
        self._step_tokens = step_tokens
        self._slots = [Slot(seq) for seq in range(slots)]
        self._turn = 0
        self.pace = step_tokens
        self.steps = 0

    @property
    def answer_tokens(self) -> int:
        """Return most tokens of one answer in a step: so many that those of all fit, always.

        Their number then never depends on who else is answered, nor does what is rounded.
        """
        return max(1, (self._step_tokens - COMPUTED - 1) // len(self._slots))

    @property
    def step_tokens(self) -> int:
        """Return most tokens in one step."""
        return self._step_tokens

    @property
    def slots(self) -> Sequence[Slot]:
        """Return all slots."""
        return self._slots

    @property
    def waiting(self) -> int:
        """Return jobs in the queue."""
        return len(self._queue)

    def before(self, job: Job) -> list[Job]:
        """Return the jobs in the queue that come before one that is not in it yet."""
        return self._queue.before(job)

    @property
    def running(self) -> list[Slot]:
        """Return slots that have a job, those that came first in front."""
        return sorted((slot for slot in self._slots if slot.job), key=lambda slot: slot.last_used)

    @property
    def can_begin_interactive(self) -> bool:
        """Return whether a job of usual priority waits and there is a slot for it between steps."""
        free = any(slot.job is None or slot.job.cancelled for slot in self._slots)
        return free and self._queue.is_interactive

    def should_preempt(self, parts: Sequence[StepPart]) -> bool:
        """Return whether a step is only for jobs of low priority while another could begin."""
        if not self.can_begin_interactive:
            return False
        # Where tasks read in their turn, the next step would be theirs again.
        if self._is_for_all and any(part.reads for part in parts):
            return False
        return all(part.slot.job is not None and part.slot.job.low_priority for part in parts)

    def submit(self, job: Job) -> None:
        """Queue a job.

        Raises:
            Full: no slot is free and the queue is at its limit.
        """
        free = sum(slot.job is None for slot in self._slots)
        self._queue.add(job, free)

    def admit(self) -> None:
        """Give waiting jobs a slot, as long as one is free."""
        while self._queue:
            free = [slot for slot in self._slots if slot.job is None]
            if not free:
                return
            job = self._queue.take(slot.job for slot in self._slots if slot.job is not None)
            slot = max(free, key=lambda slot: _fitness(slot, job, self._has_neighbor(slot)))
            self._turn += 1
            slot.last_used = self._turn
            slot.job = job

    def _has_neighbor(self, slot: Slot) -> bool:
        """Return whether the sequence before or after it is in use: they are computed together."""
        near = (slot.seq - 1, slot.seq + 1)
        return any(other.job is not None for other in self._slots if other.seq in near)

    def starting(self) -> list[Slot]:
        """Return slots whose jobs must begin, since there is room for their first tokens."""
        return [part.slot for part in self._prompts(self._first()) if not part.slot.begun]

    def begin(self, slot: Slot, keep: int, pause: int = 0) -> None:
        """Begin the slot's job; its sequence holds the first `keep` tokens of the prompt.

        A step will end where it holds `pause` of them.
        """
        job = slot.job
        assert job is not None, "a free slot has nothing to begin"
        slot.resident, slot.pending = job.prompt[:keep], job.prompt[keep:]
        slot.cache_key, slot.shared = job.cache_key, job.shared
        slot.begun, slot.answering, slot.pause = True, False, pause
        job.cached_tokens = keep

    def plan(self, guess: Guess = _no_guess) -> list[StepPart]:
        """Return the next step; empty when nothing can be computed before a job begins.

        Args:
            guess: returns tokens that an answer may go on with, at most so many; it is asked only
                if one answer is all that there is to compute.
        """
        running = self._first()
        # By number of the sequence: llama.cpp computes neighbors together, others one by one.
        answers = sorted((slot for slot in running if _writes(slot)), key=lambda slot: slot.seq)
        if len(running) == 1 and answers and answers[0].answering:
            (slot,) = answers
            guesses = guess(slot, self.answer_tokens - len(slot.pending))
            return [StepPart(slot, len(slot.pending), 1 + len(guesses), tuple(guesses))]
        parts = [StepPart(slot, len(slot.pending), sample=1) for slot in answers]
        return parts + [part for part in self._prompts(running) if part.slot.begun]

    def alone(self, slot: Slot) -> StepPart:
        """Return a step of one slot: as many of its pending tokens as fit."""
        count = min(len(slot.pending), self._step_tokens)
        return StepPart(slot, count, sample=int(count == len(slot.pending)))

    def _first(self) -> list[Slot]:
        """Return the slots whose turn it is: all, unless a job of usual priority is being read."""
        running = self.running
        if self._is_for_all:
            return running
        before = [slot for slot in running if slot.job and not slot.job.low_priority]
        return running if all(map(_writes, before)) else before

    @property
    def _is_for_all(self) -> bool:
        return self.steps % ALL_EVERY == ALL_EVERY - 1

    def _prompts(self, running: list[Slot]) -> list[StepPart]:
        answers = sum(len(slot.pending) for slot in running if _writes(slot))
        room = self._step_tokens - answers
        # Small, so that little is lost where a step is broken off, and waits are short elsewhere.
        if answers or any(slot.job and slot.job.low_priority for slot in running):
            room = min(room, max(self.pace, COMPUTED + 1))
        reading = [slot for slot in running if not _writes(slot)]
        # Half of it, or too few tokens would be left for the one in front.
        half = room // 2
        short = _much_shorter(reading) if half > COMPUTED else []
        parts = _parts(short, half)
        room -= sum(part.count for part in parts)
        return parts + _parts([slot for slot in reading if slot not in short], room)

    def commit(self, parts: list[StepPart]) -> None:
        """Record that a step was computed."""
        self.steps += 1
        for part in parts:
            slot = part.slot
            slot.resident += part.tokens
            slot.pending = slot.pending[part.count :]

    def retract(self, slot: Slot, count: int) -> None:
        """Record that the last tokens of the slot's sequence were taken back."""
        slot.resident = slot.resident[: len(slot.resident) - count]

    def extend(self, slot: Slot, tokens: Sequence[int]) -> None:
        """Continue the slot's answer with tokens, at most `answer_tokens`, computed next."""
        slot.pending = list(tokens)
        slot.answering = True

    def forget(self, slot: Slot, left: int = 0) -> None:
        """Record that only `left` tokens of the slot's sequence are left; its job goes on there."""
        if left == len(slot.resident):
            return
        if slot.job is not None and slot.begun:
            slot.pending = slot.resident[left:] + slot.pending
            slot.job.cached_tokens = min(slot.job.cached_tokens, left)
        slot.answering = False
        slot.resident = slot.resident[:left]

    def release(self, slot: Slot) -> None:
        """Free the slot of its job; what was computed stays for the next one."""
        slot.job = None
        slot.begun = slot.answering = False
        slot.pending = []

    def withdraw(self, job: Job) -> None:
        """Take a job out of the queue, if it is there, so that its place is free at once."""
        self._queue.drop(job)

    def drop_cancelled(self) -> None:
        """Free the slots of cancelled jobs; only between steps."""
        for slot in self._slots:
            if slot.job is not None and slot.job.cancelled:
                self.release(slot)


def _writes(slot: Slot) -> bool:
    """Return whether the slot needs its answer's newest tokens, or the last one of a prompt."""
    return slot.begun and (slot.answering or len(slot.pending) == 1)


def _parts(reading: Sequence[Slot], room: int) -> list[StepPart]:
    """Return what of these prompts is read in a step, in their order."""
    parts: list[StepPart] = []
    for slot in reading:
        # What can be reused is not known before it begins; until then all counts.
        left = len(slot.pending) if slot.begun else _prompt_length(slot)
        stop = slot.pause - len(slot.resident) if slot.begun else 0
        count = _share(left, stop, room)
        if room <= 0 or count < min(COMPUTED, left):
            break
        parts.append(StepPart(slot, count, sample=count == left))
        room -= count
    return parts


def _much_shorter(reading: Sequence[Slot]) -> list[Slot]:
    """Return the prompts that are read beside the one in front, the shortest first."""
    left = {slot.seq: _left(slot) for slot in reading}
    most = left[reading[0].seq] // SHORTER if reading else 0
    short = [slot for slot in reading[1:] if left[slot.seq] <= most]
    return sorted(short, key=lambda slot: left[slot.seq])


def _share(left: int, stop: int, room: int) -> int:
    """Return how many of `left` prompt tokens to compute; never a single one, nor all but one.

    `stop` is where to end at most, if that is possible. See `COMPUTED` for the reason.
    """
    goal = stop if COMPUTED <= stop <= left - COMPUTED else left
    count = min(room, goal)
    return count - 1 if goal - count == 1 else count


def _left(slot: Slot) -> int:
    """Return prompt tokens that are still to be read, as far as that is known."""
    if slot.begun or slot.job is None:
        return len(slot.pending)
    return len(slot.job.prompt) - slot.reusable(slot.job)


def _prompt_length(slot: Slot) -> int:
    return 0 if slot.job is None else len(slot.job.prompt)


def _fitness(slot: Slot, job: Job, neighbor: bool) -> tuple[int, bool, bool, int]:
    """Return how well a free slot suits a job; the greatest is the best.

    First the longest prefix of a conversation that this one continues, then a neighbor of one in
    use, as only neighbors read the weights together, then a slot that holds nothing, then the one
    that nobody has used for longest. A front that conversations merely have
    in common can be copied from anywhere; it is no reason to overwrite one with another.
    """
    reusable = slot.reusable(job)
    shorter = min(len(slot.resident), len(job.prompt))
    continues = reusable > job.shared and 2 * reusable >= shorter
    return reusable if continues else 0, neighbor, not slot.resident, -slot.last_used


_SMOOTHING = 0.2


class PrefillBudget:
    """Keeps the gap between tokens near a target on any board and with any model.

    Reading a prompt in pieces costs nothing: on x86-64 pieces of 32 tokens were as fast as pieces
    of 512 (175 to 185 tokens a second). Below 32 the weights are read too often for too little.

    Args:
        target_s: how long reading may hold up the answers, in seconds.
        least: tokens that are read at once however slow that is.
        most: tokens that are read at once however fast that is.
    """

    def __init__(self, *, target_s: float = 0.1, least: int = 32, most: int = 256) -> None:
        self._target_s = target_s
        self._least = least
        self._most = most
        self._token_s: float | None = None

    def observe(self, tokens: int, seconds: float) -> None:
        """Record how long a step took; steps of few tokens say little and are ignored."""
        if tokens < self._least:
            return
        each = seconds / tokens
        before = each if self._token_s is None else self._token_s
        self._token_s = before + _SMOOTHING * (each - before)

    @property
    def tokens(self) -> int:
        """Return tokens to read in the next step."""
        if not self._token_s:
            return self._least
        return max(self._least, min(self._most, int(self._target_s / self._token_s)))
