from __future__ import annotations

import os
import time

from pisovereign.engine.tuning.disturbance import Moment, look, others_share
from pisovereign.supervisor.idle_watch import Idle, IdleWatch, processor_time

ENGINE = 7


class Machine:
    """Counts as the kernel does, with a clock of its own."""

    def __init__(self) -> None:
        self.clock = self.busy = self.engine = 0.0
        self.watch = IdleWatch(self.look, lambda pid: self.engine * (pid == ENGINE))

    def look(self) -> Moment:
        return Moment(self.clock, self.busy, 0.0, 0.0)

    def passes(self, seconds: float, *, engine: float = 0.0, others: float = 0.0) -> Idle:
        """Let time pass in steps, in which they take so many processors."""
        idle = Idle(0, 0)
        for _ in range(round(seconds / 0.5)):
            self.clock += 0.5
            self.engine += 0.5 * engine
            self.busy += 0.5 * (engine + others)
            idle = self.watch.see(ENGINE)
        return idle


def test_a_question_is_seen_and_being_looked_at_is_none() -> None:
    machine = Machine()
    machine.passes(1)
    assert machine.passes(60, engine=0.02, others=0.05).unasked_s >= 60
    assert machine.passes(1, engine=0.9).unasked_s < 1
    assert 29 <= machine.passes(30).unasked_s <= 31


def test_another_engine_counts_as_a_question() -> None:
    machine = Machine()
    assert machine.passes(30).unasked_s > 28
    assert machine.watch.see(ENGINE + 1).unasked_s == 0


def test_what_others_compute_is_seen() -> None:
    machine = Machine()
    assert machine.passes(60, others=0.1).unloaded_s >= 50
    idle = machine.passes(30, others=1.0)
    assert idle.unloaded_s < 11
    assert idle.unasked_s > 85
    assert machine.passes(40).unloaded_s > 20


def test_the_kernel_counts_what_a_process_computes() -> None:
    before, counted = look(), processor_time(os.getpid())
    until = time.process_time() + 0.3
    while time.process_time() < until:
        pass
    after = look()
    assert after.own - before.own >= 0.3
    assert processor_time(os.getpid()) - counted >= 0.25
    # Its own time is nobody else's.
    assert others_share(before, after) < after.busy - before.busy + 1
    assert processor_time(0) == 0.0
