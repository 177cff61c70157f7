"""A task that follows notices runs at its start, after each of them, and without them too."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from pisovereign.events.wakeups import Wakeups
from pisovereign.jobs.following import FollowingTask
from tests.support.patience import PATIENCE_S

ABOUT = uuid4()


class Counted:
    """Work that counts its runs."""

    def __init__(self) -> None:
        self.runs = 0
        self._done = asyncio.Event()

    async def run(self) -> None:
        self.runs += 1
        self._done.set()

    async def wait(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            await self._done.wait()
        self._done.clear()


def following(work: Counted, wakeups: Wakeups, *, look_s: float) -> FollowingTask:
    return FollowingTask(work.run, "it waits", wakeups=wakeups, about=ABOUT, look_s=look_s)


def test_each_notice_begins_a_run() -> None:
    async def course() -> None:
        work, wakeups = Counted(), Wakeups()
        task = following(work, wakeups, look_s=3600)
        task.start()
        await work.wait()
        wakeups.wake(uuid4())
        for _ in range(3):
            wakeups.wake(ABOUT)
            await work.wait()
        assert work.runs == 4, "one at the start, none for what others are told"
        await task.stop()
        wakeups.wake(ABOUT)
        await asyncio.sleep(0)
        assert work.runs == 4

    asyncio.run(course())


def test_a_lost_notice_costs_no_more_than_time() -> None:
    async def course() -> None:
        work = Counted()
        task = following(work, Wakeups(), look_s=0.01)
        task.start()
        for _ in range(3):
            await work.wait()
        await task.stop()

    asyncio.run(course())


def test_the_end_of_the_process_begins_nothing() -> None:
    async def course() -> None:
        work, wakeups = Counted(), Wakeups()
        task = following(work, wakeups, look_s=3600)
        task.start()
        await work.wait()
        wakeups.end()
        for _ in range(3):
            await asyncio.sleep(0)
        assert work.runs == 1
        await task.stop()

    asyncio.run(course())


def test_who_follows_and_who_waits_are_both_told() -> None:
    async def course() -> None:
        wakeups, calls = Wakeups(), list[int]()

        def call() -> None:
            calls.append(1)

        wakeups.follow(ABOUT, call)
        with wakeups.wakeup(ABOUT) as wakeup:
            wakeups.wake(ABOUT)
            assert (wakeup.is_set(), len(calls)) == (True, 1)
        wakeups.unfollow(ABOUT, call)
        wakeups.unfollow(ABOUT, call)
        wakeups.wake(ABOUT)
        assert len(calls) == 1

    asyncio.run(course())


def test_a_run_that_hangs_does_not_hold_up_the_end() -> None:
    async def course() -> None:
        begun = asyncio.Event()

        async def hang() -> None:
            begun.set()
            await asyncio.Event().wait()

        task = FollowingTask(hang, "it waits", wakeups=Wakeups(), about=ABOUT, look_s=3600)
        task.start()
        async with asyncio.timeout(PATIENCE_S):
            await begun.wait()
        stopping = asyncio.create_task(task.stop())
        for _ in range(100):  # turns, which take no time; `PeriodicTask` would wait for 5 s
            await asyncio.sleep(0)
        assert stopping.done()

    asyncio.run(course())
