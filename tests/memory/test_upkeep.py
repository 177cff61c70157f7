"""The work beside the requests goes on, whatever one attempt ends with."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any, cast

import pytest

from pisovereign.errors import ServiceUnavailable
from pisovereign.memory import upkeep
from pisovereign.memory.upkeep import Upkeep

USERS = [uuid.UUID(int=1), uuid.UUID(int=2)]


class World:
    """All that is looked after; of the first user nothing works at first."""

    def __init__(self, error: Exception) -> None:
        self._error: Exception | None = error
        self.seen: list[uuid.UUID] = []
        self.enough = asyncio.Event()

    async def run(self, user: uuid.UUID) -> None:
        self.seen.append(user)
        if len(self.seen) == 4:
            self.enough.set()
        if self._error is not None:
            error, self._error = self._error, None
            raise error

    async def wait(self, _: float) -> None:
        await asyncio.Event().wait()

    async def flush(self) -> None:
        pass

    def start(self) -> None:
        pass

    async def stop(self) -> None:
        pass


@pytest.mark.parametrize("error", [ServiceUnavailable("away"), ValueError("a secret")])
def test_one_users_error_is_not_the_end(
    error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(upkeep, "_RETRY_S", 0.001)

    async def course() -> World:
        world = World(error)
        fake = cast("Any", world)
        work = Upkeep(
            database=fake,
            uses=fake,
            decay=fake,
            reembedder=fake,
            recall=fake,
            learner=fake,
            users=USERS,
            flush_s=60,
        )
        monkeypatch.setattr(work, "_fade", fake.wait)
        work.start()
        async with asyncio.timeout(30):
            await world.enough.wait()
        await work.stop()
        return world

    assert asyncio.run(course()).seen[:4] == USERS * 2
    assert "secret" not in caplog.text
