"""The only thread that computes.

It alone touches the context. The event loop hands jobs in and cancels them under a lock that is
never held while llama.cpp runs; events go back in one call for each step, however many answers are
being written.
"""

from __future__ import annotations

import asyncio
import logging
import math
import os
import threading
import time
from collections.abc import Sequence

from pisovereign.admission.fair_queue import Full
from pisovereign.engine.context_params import MOST_GUESSES
from pisovereign.engine.errors import GenerationFailed, QueueFull
from pisovereign.engine.expectation import Expectation, Expected
from pisovereign.engine.jobs import Done, Event, Failed, Job
from pisovereign.engine.llama import Context, DecodeAborted, DecodeFailed, Entry
from pisovereign.engine.prefix_reuse import PrefixReuse
from pisovereign.engine.prompt_lookup import StepCosts
from pisovereign.engine.sampling import DeadEnd, Logits
from pisovereign.engine.scheduler import PrefillBudget, Scheduler
from pisovereign.engine.sequences import Slot, StepPart
from pisovereign.engine.statistics import CacheStatistics, Load, Totals
from pisovereign.engine.step_times import Step, StepTimes

logger = logging.getLogger(__name__)

CRASHED = 70
_SMOOTHING = 0.2


class Worker:
    """Runs a scheduler's plan on a context.

    Args:
        context: the context; this object is its only user from `start` on.
        scheduler: the policy.
        reuse: finds what is already computed.
        costs: observes what steps cost, so that an answer that is written alone is guessed ahead
            where that pays; None: never.
        times: observes what all steps take; None: from nothing.

    Attributes:
        prompt_lookup: whether it is: the model must be able to take back what was guessed wrong.
        totals: what was computed since the start.
    """

    def __init__(
        self,
        context: Context,
        scheduler: Scheduler,
        reuse: PrefixReuse,
        *,
        costs: StepCosts | None = None,
        times: StepTimes | None = None,
    ) -> None:
        self._context = context
        self._costs = costs
        self.prompt_lookup = costs is not None and context.can_truncate
        self._scheduler = scheduler
        self._reuse = reuse
        self._changed = threading.Condition()
        self._computing: list[StepPart] = []
        self._events: list[tuple[Job, Event]] = []
        self._stopping = False
        self._rounds = 0
        self._pace = PrefillBudget()
        self.totals = Totals()
        self._times = StepTimes() if times is None else times
        self._expectation = Expectation(scheduler, reuse.snapshots, self._times)
        self._step_began = self._step_s = 0.0
        self._job_s = 1.0
        self._thread = threading.Thread(target=self._run, name="llama", daemon=True)

    def start(self) -> None:
        """Start the thread; jobs' events will be delivered on the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    def stop(self) -> None:
        """End the thread, in the middle of a computation if need be."""
        with self._changed:
            self._stopping = True
            self._context.abort()
            self._changed.notify()
        self._thread.join()

    @property
    def can_truncate(self) -> bool:
        """Return whether sequences can be cut anywhere."""
        return self._context.can_truncate

    @property
    def load(self) -> Load:
        """Return how busy the engine is."""
        with self._changed:
            scheduler = self._scheduler
            running, slots = len(scheduler.running), len(scheduler.slots)
            return Load(scheduler.waiting, running, slots, self.totals.steps)

    @property
    def cache(self) -> CacheStatistics:
        """Return what is remembered beside the sequences."""
        snapshots = self._reuse.snapshots
        return CacheStatistics(snapshots.bytes, len(snapshots), snapshots.hits)

    def nudge(self) -> int:
        """Wake the thread; what this returns has changed the next time if it then did anything."""
        with self._changed:
            self._changed.notify()
            return self._rounds

    def submit(self, job: Job) -> None:
        """Queue a job.

        Raises:
            QueueFull: too many wait; it tells when to try again.
        """
        job.submitted = time.monotonic()
        with self._changed:
            try:
                self._scheduler.submit(job)
            except Full:
                wait_s = self._job_s * self._scheduler.waiting / len(self._scheduler.slots)
                raise QueueFull(min(60, max(1, math.ceil(wait_s)))) from None
            self._preempt()
            self._changed.notify()

    def expect(self, job: Job) -> Expected | None:
        """Return what is expected of a job that is about to be queued; None: it cannot be told."""
        with self._changed:
            rest_s = 0.0
            if self._computing and not self._scheduler.should_preempt(self._computing):
                rest_s = max(0.0, self._step_began + self._step_s - time.monotonic())
            expected = self._expectation.of(job, rest_s)
        job.expected_s = 0.0 if expected is None else expected.first_s
        return expected

    def cancel(self, job: Job) -> None:
        """Stop working on a job, wherever it is; no more events of it are delivered."""
        with self._changed:
            job.cancelled = True
            self._scheduler.withdraw(job)
            # One token takes milliseconds; a piece of a prompt may take seconds.
            reads = any(part.slot.job is job and part.reads for part in self._computing)
            if reads and self._can_break_off():
                self._context.abort()
            self._preempt()
            self._changed.notify()

    def _preempt(self) -> None:
        """Abort a step of low priority that makes another job wait; it is computed again later.

        Without this a message waited for 15 ms while four answers were written, and for 100 ms
        while a piece of a prompt was read (SmolLM2 on two x86-64 cores).
        """
        wanted = self._computing and self._scheduler.should_preempt(self._computing)
        if wanted and self._can_break_off():
            self._context.abort()

    def _can_break_off(self) -> bool:
        """Return whether aborting the step loses that step only.

        Where sequences cannot be cut, a checkpoint is taken before a piece of a prompt, but not
        before each token of an answer.
        """
        return self._context.can_truncate or all(part.reads for part in self._computing)

    def _run(self) -> None:
        try:
            while self._step():
                pass
        except BaseException:
            # The edge of the thread. Without it the process is of no use: end it, so that whoever
            # started it starts it again.
            logger.critical("the computing thread failed", exc_info=True)
            os._exit(CRASHED)

    def _step(self) -> bool:
        parts = self._next()
        if not parts:
            return False
        started, written = time.monotonic(), self.totals.completion_tokens
        tokens, reads = sum(len(part.tokens) for part in parts), any(part.reads for part in parts)
        alone = len(parts) == 1 and parts[0].slot.answering
        step = Step(tokens, sum(_places(part) for part in parts))
        self._begin_step(step, started, reads=reads)
        if self._compute(parts):
            seconds = time.monotonic() - started
            if reads:
                self._pace.observe(tokens, seconds)
                self.totals.prefill.add(tokens, seconds)
                self._times.observe_reading(step, seconds)
            else:
                drawn = self.totals.completion_tokens - written
                self.totals.decode.add(drawn, seconds)
                self._times.observe_writing(len(parts), drawn, seconds)
            if alone and self._costs is not None:
                self._costs.observe(tokens, seconds)
        self._finish_step()
        return True

    def _begin_step(self, step: Step, now: float, *, reads: bool) -> None:
        """Note how long a step is going to take, for those who come meanwhile."""
        speeds = self._times.current() if reads else None
        self._step_began = now
        self._step_s = 0.0 if speeds is None else speeds.read_s(step)

    def _next(self) -> list[StepPart]:
        """Wait for something to compute; empty when the thread is to end."""
        while self._wait():
            for slot in self._scheduler.starting():
                self._begin(slot)
            with self._changed:
                self._scheduler.drop_cancelled()
                if self._scheduler.can_begin_interactive:
                    continue  # they came meanwhile
                self._scheduler.pace = self._pace.tokens
                self._computing = self._scheduler.plan(self._guess)
                if self._computing:
                    return self._computing
        return []

    def _guess(self, slot: Slot, room: int) -> Sequence[int]:
        """Return tokens that an answer may go on with."""
        if slot.job is None or self._costs is None or not self.prompt_lookup:
            return ()
        return slot.job.generation.guess(self._costs, min(room, MOST_GUESSES))

    def _wait(self) -> bool:
        """Wait until a slot has a job; False when the thread is to end."""
        with self._changed:
            while not self._stopping:
                self._rounds += 1
                self._scheduler.drop_cancelled()
                self._scheduler.admit()
                if self._scheduler.running:
                    return True
                self._deliver()
                self._changed.wait()
        return False

    def _begin(self, slot: Slot) -> None:
        job = slot.job
        assert job is not None, "only slots with a job begin"
        keep = self._reuse.prepare(slot)
        self._scheduler.begin(slot, keep, self._reuse.boundary(job, keep))
        job.started = time.monotonic()
        totals = self.totals
        totals.requests += 1
        totals.queue_s += job.started - job.submitted
        totals.prompt_tokens += len(job.prompt)
        totals.cached_tokens += keep

    def _compute(self, parts: list[StepPart]) -> bool:
        """Compute a step; False if nothing came of it."""
        # Only now: the event loop works on these while llama.cpp computes, instead of holding the
        # interpreter while the next step is prepared.
        self._deliver()
        for part in parts:
            if part.reads:
                self._reuse.before(part.slot)
        try:
            rows = self._context.decode([_entry(part) for part in parts])
        except DecodeAborted:
            self._restore(parts)
            return False
        except DecodeFailed as error:
            logger.error("a step of %d sequences failed: %s", len(parts), error)
            whole = self._restore(parts)
            if len(parts) > 1:
                # One of them is to blame: the others must not suffer for it.
                for part in parts:
                    self._compute([part if part in whole else self._scheduler.alone(part.slot)])
            else:
                self._fail(parts[0].slot)
            return False
        self.totals.steps += 1
        self.totals.sequences += len(parts)
        self._advance(parts, rows)
        return True

    def _finish_step(self) -> None:
        with self._changed:
            self._computing = []
            if not self._stopping:
                self._context.clear_abort()

    def _restore(self, parts: list[StepPart]) -> list[StepPart]:
        """Bring the sequences of a step that does not count back to where they were before it.

        Returns the parts for which that was possible; the others go back further.
        """
        return [part for part in parts if self._undo(part.slot)]

    def _undo(self, slot: Slot) -> bool:
        left = self._reuse.checkpoints.undo(slot)
        whole = left == len(slot.resident)
        self._scheduler.forget(slot, left)
        return whole

    def _advance(self, parts: list[StepPart], rows: list[Logits]) -> None:
        """Draw a token for every answer whose logits are there, and tell the event loop."""
        self._scheduler.commit(parts)
        at = 0
        for part in parts:
            at, own = at + part.sample, rows[at : at + part.sample]
            job = part.slot.job
            if own and job is not None and not job.cancelled:
                self._draw(part, job, own)
            elif part.guesses:
                self._retract(part.slot, len(part.guesses))
        # Last, as it may compute, which overwrites the rows.
        for part in parts:
            self._reuse.computed(part.slot)

    def _draw(self, part: StepPart, job: Job, rows: Sequence[Logits]) -> None:
        slot, generation = part.slot, job.generation
        before = generation.tokens
        try:
            outcome = generation.advance(rows, part.guesses, self._scheduler.answer_tokens)
        except DeadEnd:
            error = GenerationFailed("The model has no way to go on within the JSON schema.")
            self._retract(slot, len(part.guesses))
            self._end(slot, job, Failed(error))
            return
        if not before and job.expected_s:
            self._expectation.began(job.expected_s, time.monotonic() - job.submitted)
        totals = self.totals
        totals.completion_tokens += generation.tokens - before
        totals.forced_tokens += outcome.forced
        totals.guessed_tokens += len(part.guesses)
        totals.accepted_tokens += outcome.kept
        self._events += [(job, event) for event in outcome.events]
        if outcome.reason is None:
            self._scheduler.extend(slot, outcome.tokens)
        self._retract(slot, len(part.guesses) - outcome.kept)
        if outcome.reason is not None:
            done = Done(outcome.reason, len(job.prompt), generation.tokens, job.cached_tokens)
            self._end(slot, job, done)

    def _retract(self, slot: Slot, count: int) -> None:
        """Take back tokens that the answer does not go on with."""
        if count:
            self._scheduler.retract(slot, count)
            self._undo(slot)

    def _end(self, slot: Slot, job: Job, event: Event) -> None:
        self._events.append((job, event))
        with self._changed:
            self._scheduler.release(slot)
            self._job_s += _SMOOTHING * (time.monotonic() - job.started - self._job_s)
            self._expectation.ended(job.generation.tokens)

    def _fail(self, slot: Slot) -> None:
        self._context.truncate(slot.seq, 0)
        self._reuse.checkpoints.forget(slot)
        self._scheduler.forget(slot)
        job = slot.job
        if job is not None:
            error = GenerationFailed("The model failed on this request.")
            self._end(slot, job, Failed(error))

    def _deliver(self) -> None:
        events, self._events = self._events, []
        if events:
            try:
                self._loop.call_soon_threadsafe(_hand_out, events)
            except RuntimeError:
                # The loop is closed: the process is ending and nobody listens any more.
                logger.debug("%d events after the end", len(events))


def _entry(part: StepPart) -> Entry:
    slot = part.slot
    return Entry(slot.seq, len(slot.resident), part.tokens, part.sample)


def _places(part: StepPart) -> int:
    """Return at how many tokens before them those of a part look, together."""
    count = part.count + len(part.guesses)
    return count * len(part.slot.resident) + count * count // 2


def _hand_out(events: list[tuple[Job, Event]]) -> None:
    for job, event in events:
        if not job.cancelled:
            job.deliver(event)
