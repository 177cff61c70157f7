"""How long a request will take, known when it comes: what the scheduler will do, played ahead.

What is reused of its prompt, who is before it and who writes beside it are known, and how long
steps take is measured (`step_times.py`). Whoever comes later is not, nor how long answers become.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pisovereign.engine.jobs import Job
from pisovereign.engine.scheduler import Scheduler
from pisovereign.engine.sequences import COMPUTED, Slot
from pisovereign.engine.snapshots import Snapshots
from pisovereign.engine.step_times import Speeds, Step, StepTimes
from pisovereign.engine.waiting_jobs import SHORTER

_SMOOTHING = 0.1
_USUAL_ANSWER = 100.0
_MOST_LATE_S = 0.02
# A longer answer is not waited for in thought: by then everything is otherwise.
_MOST_STEPS = 5_000
_LEAST_ROOM = COMPUTED + 1


class Expected(NamedTuple):
    """The times and tokens that are expected of a request.

    Attributes:
        first_s: seconds until its first token.
        token_s: seconds of each further one.
        read_s: seconds that its prompt takes alone, without what is reused.
        computed: tokens of the prompt that are computed.
    """

    first_s: float
    token_s: float
    read_s: float
    computed: int


class Expectation:
    """Tells what is expected of requests, and learns from what became of them.

    Args:
        scheduler: who computes when.
        snapshots: what is reused, beside what slots hold.
        times: how long that takes.
    """

    def __init__(self, scheduler: Scheduler, snapshots: Snapshots, times: StepTimes) -> None:
        self._scheduler = scheduler
        self._snapshots = snapshots
        self._times = times
        self._answer = _USUAL_ANSWER
        self._late_s = 0.0

    def of(self, job: Job, rest_s: float) -> Expected | None:
        """Return what is expected of a job that comes now; None: nothing was measured yet.

        Args:
            job: the request.
            rest_s: how long the step takes that is being computed.
        """
        speeds = self._times.current()
        if speeds is None:
            return None
        slots = [slot for slot in self._scheduler.slots if slot.job is not None]
        reused = self._reused(job)
        computed = len(job.prompt) - reused
        at_once = self._scheduler.step_tokens
        ahead = _Ahead(speeds, at_once, max(self._scheduler.pace, _LEAST_ROOM))
        ahead.seconds = rest_s
        for slot in slots:
            if job.low_priority or (slot.job is not None and not slot.job.low_priority):
                ahead.take(slot)
        before = self._scheduler.before(job)
        for other in before:
            ahead.readers.append(_Reader(len(other.prompt) - self._reused(other), 0))
        free = len(self._scheduler.slots) - len(slots)
        ahead.seconds += self._wait_s(slots, len(before) + 1 - free, speeds)
        first = ahead.read(_Reader(computed, reused)) + self._late_s
        return Expected(
            first_s=first,
            token_s=speeds.token_s(len(ahead.writers) + len(ahead.readers)),
            read_s=speeds.prompt_s(computed, reused, at_once),
            computed=computed,
        )

    def began(self, expected_s: float, took_s: float) -> None:
        """Take how long a first token took that was expected so soon."""
        # What takes longer has another reason than what is done around a step.
        more = max(-_MOST_LATE_S, min(_MOST_LATE_S, took_s - expected_s))
        self._late_s = max(0.0, self._late_s + _SMOOTHING * more)

    def ended(self, tokens: int) -> None:
        """Take how long an answer became."""
        self._answer += _SMOOTHING * (tokens - self._answer)

    def _reused(self, job: Job) -> int:
        slots = max((slot.reusable(job) for slot in self._scheduler.slots), default=0)
        return max(slots, self._snapshots.best(job)[0])

    def _wait_s(self, slots: Sequence[Slot], places: int, speeds: Speeds) -> float:
        """Return the seconds until so many slots more are free."""
        if places <= 0 or not slots:
            return 0.0
        left = sorted(self._left(slot) for slot in slots)
        # Each that becomes free is taken by the next one, whose whole answer is waited for then.
        rounds, last = divmod(places - 1, len(left))
        tokens = left[last] + rounds * self._answer
        return tokens * speeds.token_s(len(slots))

    def _left(self, slot: Slot) -> float:
        assert slot.job is not None
        generation = slot.job.generation
        left = max(self._answer - generation.tokens, self._answer / 2)
        return min(left, generation.max_tokens - generation.tokens)


class _Reader(NamedTuple):
    """A prompt of which so many tokens are still to be computed, behind others."""

    left: int
    before: int


class _Ahead:
    """The steps until a prompt is read, as the scheduler will plan them.

    Attributes:
        readers: prompts that come first.
        writers: answers, by the places that their next token looks at.
        seconds: time until now.
    """

    def __init__(self, speeds: Speeds, step_tokens: int, pace: int) -> None:
        self._speeds = speeds
        self._step_tokens = step_tokens
        self._pace = pace
        self.readers: list[_Reader] = []
        self.writers: list[int] = []
        self.seconds = 0.0

    def take(self, slot: Slot) -> None:
        """Take what has a slot."""
        if slot.begun and (slot.answering or len(slot.pending) <= 1):
            self.writers.append(len(slot.resident))
        elif slot.begun:
            self.readers.append(_Reader(len(slot.pending), len(slot.resident)))
        elif slot.job is not None:
            reused = slot.reusable(slot.job)
            self.readers.append(_Reader(len(slot.job.prompt) - reused, reused))

    def read(self, mine: _Reader) -> float:
        """Return the seconds until a prompt is read behind all that come first; it writes then."""
        for _ in range(_MOST_STEPS):
            if not mine.left:
                break
            mine = self._step(mine)
        self.writers.append(mine.before)
        return self.seconds

    def _step(self, mine: _Reader) -> _Reader:
        room = self._step_tokens - len(self.writers)
        if self.writers:
            room = min(room, self._pace)
        room = max(room, _LEAST_ROOM)
        tokens, places = len(self.writers), sum(self.writers)
        share = 0
        if self.readers and mine.left * SHORTER <= self.readers[0].left:
            share = min(mine.left, room // 2)
        others: list[_Reader] = []
        rest = room - share
        for reader in self.readers:
            count = min(reader.left, rest)
            rest -= count
            tokens, places = tokens + count, places + _places(reader, count)
            others.append(_Reader(reader.left - count, reader.before + count))
        share = share or min(mine.left, rest)
        tokens, places = tokens + share, places + _places(mine, share)
        self.seconds += self._speeds.read_s(Step(tokens, places))
        self.writers = [before + 1 for before in self.writers]
        self.writers += [reader.before for reader in others if not reader.left]
        self.readers = [reader for reader in others if reader.left]
        return _Reader(mine.left - share, mine.before + share)


def _places(reader: _Reader, count: int) -> int:
    return count * reader.before + count * count // 2
