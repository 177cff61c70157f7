"""Whose task is begun next."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from pisovereign.agents import leases
from pisovereign.agents.dispatcher import MOST_AT_ONCE, Dispatcher
from pisovereign.agents.store import TaskRow
from pisovereign.storage.pool import Database

MANY, FEW, LATER = (uuid.UUID(int=number) for number in (1, 2, 3))


class Tasks:
    """Open tasks of several users, in place of the database and of the work."""

    def __init__(self) -> None:
        self.open: dict[uuid.UUID, list[TaskRow]] = {MANY: [], FEW: [], LATER: []}
        self.begun: list[uuid.UUID] = []
        self.ends: list[asyncio.Event] = []

    def add(self, user: uuid.UUID) -> None:
        now = dt.datetime.now(dt.UTC)
        row = TaskRow(
            user, uuid.uuid4(), "planning", "", b"", None, "", 1, 0, 0.0, 0, now, None, None
        )
        self.open[user].append(row)

    @asynccontextmanager
    async def transaction(self, user: uuid.UUID) -> AsyncIterator[None]:
        yield

    async def any_open(self, _: Any, user: uuid.UUID) -> bool:
        return bool(self.open[user])

    async def parked(self, _: Any, user: uuid.UUID) -> dict[uuid.UUID, list[uuid.UUID]]:
        return {}

    async def undecided(self, user: uuid.UUID, ids: list[uuid.UUID]) -> set[uuid.UUID]:
        return set()

    async def claim(self, _: Any, user: uuid.UUID, wanted: Any) -> TaskRow | None:
        return self.open[user].pop(0) if self.open[user] else None

    async def work(self, row: TaskRow) -> None:
        end = asyncio.Event()
        self.begun.append(row.user)
        self.ends.append(end)
        await end.wait()


async def _settled() -> None:
    for _ in range(200):
        await asyncio.sleep(0)


def test_nobody_waits_for_all_the_tasks_of_another_user(monkeypatch: pytest.MonkeyPatch) -> None:
    async def course() -> None:
        tasks = Tasks()
        for name in ("any_open", "parked", "claim"):
            monkeypatch.setattr(leases, name, getattr(tasks, name))
        unused = cast(Any, None)
        dispatcher = Dispatcher(
            database=cast(Database, tasks),
            sealer=unused,
            worker=unused,
            transitions=unused,
            approvals=cast(Any, tasks),
            users=[MANY, FEW, LATER],
            limits=unused,
        )
        monkeypatch.setattr(dispatcher, "_work", tasks.work)
        for _ in range(20):
            tasks.add(MANY)
        dispatcher.start()
        await _settled()
        assert tasks.begun == [MANY] * MOST_AT_ONCE
        tasks.add(FEW)
        for user in (LATER, LATER):
            tasks.add(user)
        for number in range(4):
            tasks.ends[number].set()
            await _settled()
        begun = tasks.begun[MOST_AT_ONCE:]
        assert sorted(begun[:2]) == [FEW, LATER]
        assert begun[2:] == [LATER, MANY]
        await dispatcher.stop()

    asyncio.run(course())
