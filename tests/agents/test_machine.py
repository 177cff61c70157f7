"""Whatever is done with tasks, in whatever order, and wherever processes die in between."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from pisovereign.agents.types import FINAL, LAST_EVENTS, Task
from pisovereign.events.types import Event
from pisovereign.storage.pool import Database
from tests.agents.machine import REQUESTS, World, opened, run
from tests.support.server import Server

EXAMPLES = int(os.environ.get("PISOVEREIGN_TEST_MACHINE_EXAMPLES", "15"))
_LAST = {"completed": "task_completed", "failed": "task_failed", "cancelled": "task_cancelled"}


class TaskMachine(RuleBasedStateMachine):
    """Users, people who decide, and processes that die."""

    loop: asyncio.AbstractEventLoop
    database: Database
    key: bytes
    ends: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.database, self.key)
        self.tasks: list[UUID] = []
        self.over: dict[UUID, Task] = {}
        self.told: dict[UUID, list[Event]] = {}
        self.denied: set[UUID] = set()

    @rule(request=st.sampled_from(REQUESTS), require_approval=st.booleans())
    def create(self, request: str, require_approval: bool) -> None:
        made = self.world.create(request, require_approval=require_approval)
        self.tasks.append(run(self.loop, made))

    @rule()
    def work(self) -> None:
        run(self.loop, self.world.work(None, after=False))

    @rule(transactions=st.integers(1, 40), after=st.booleans())
    def work_and_die(self, transactions: int, after: bool) -> None:
        run(self.loop, self.world.work(transactions, after=after))

    @rule(which=st.integers(0, 20), dies=st.booleans())
    def approve(self, which: int, dies: bool) -> None:
        if pending := run(self.loop, self.world.pending()):
            run(self.loop, self.world.approve(pending[which % len(pending)], dies=dies))

    @rule(which=st.integers(0, 20))
    def deny(self, which: int) -> None:
        if pending := run(self.loop, self.world.pending()):
            denied = pending[which % len(pending)]
            run(self.loop, self.world.approvals.deny(self.world.identity, denied, None))
            self.denied.add(denied)

    @rule(which=st.integers(0, 20))
    def cancel(self, which: int) -> None:
        if self.tasks:
            task = self.tasks[which % len(self.tasks)]
            service = self.world.agents.service
            answer = run(self.loop, service.cancel(self.world.identity, task))
            again = run(self.loop, service.cancel(self.world.identity, task))
            assert answer == again
            assert answer.status in FINAL

    @invariant()
    def side_effects_happen_once_at_most_and_never_unasked(self) -> None:
        for approval, count in self.world.effects.done.items():
            assert count == 1
            assert approval not in self.denied

    @invariant()
    def what_is_over_stays_as_it_is(self) -> None:
        for task in self.tasks:
            shown = run(self.loop, self.world.agents.service.get(self.world.user, task))
            if before := self.over.get(task):
                assert shown == before
            if shown.status in FINAL:
                self.over[task] = shown
                assert {part.status for part in shown.sub_agents} <= FINAL
                assert "internal error" not in str(shown)

        self._events_are_a_history()

    def _events_are_a_history(self) -> None:
        for task in self.tasks:
            log = self.world.events
            events, _ = run(self.loop, log.after(self.world.user, 0, 1000, stream=task))
            before = self.told.get(task, [])
            assert events[: len(before)] == before
            self.told[task] = events
            assert [event.id for event in events] == list(range(1, len(events) + 1))
            kinds = [event.kind for event in events]
            assert kinds[0] == "task_started"
            assert kinds.count("plan_created") <= 1
            last = [kind for kind in kinds if kind in LAST_EVENTS]
            over = self.over.get(task)
            assert last == ([_LAST[over.status]] if over else [])
            assert not over or kinds[-1] == last[0]

    def teardown(self) -> None:
        self.create("remind me tomorrow at 9 to pack", require_approval=False)
        for _ in range(50):
            run(self.loop, self.world.work(None, after=False))
            pending = run(self.loop, self.world.pending())
            if not pending:
                break
            for approval in pending:
                run(self.loop, self.world.approve(approval, dies=False))
        self.what_is_over_stays_as_it_is()
        self.side_effects_happen_once_at_most_and_never_unasked()
        assert set(self.over) == set(self.tasks)
        assert self.over[self.tasks[-1]].status == "completed"  # whatever happened before
        for task in self.over.values():
            self.ends[task.status] += 1
            for part in task.sub_agents:
                if part.status == "completed" and isinstance(part.approval_id, UUID):
                    assert self.world.effects.done[part.approval_id] == 1
                    self.ends["carried out"] += 1


@pytest.fixture
def machine(server: Server) -> Iterator[type[TaskMachine]]:
    with opened(server) as (loop, database, key):
        yield type(
            "Machine",
            (TaskMachine,),
            {"loop": loop, "database": database, "key": key, "ends": Counter()},
        )


def test_the_state_machine(machine: type[TaskMachine]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(dict(machine.ends))


def test_what_nobody_expected_ends_the_task(machine: type[TaskMachine]) -> None:
    loop, world = machine.loop, World(machine.database, machine.key)
    task = run(loop, world.create("search my notes for the plumber", require_approval=False))
    run(loop, world.work(None, after=False))  # this world has no memories at all
    shown = run(loop, world.agents.service.get(world.user, task))
    assert (shown.status, shown.reason) == ("failed", "An internal error occurred")
