"""The work beside the requests goes on, whatever one attempt ends with."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest

from pisovereign.errors import ServiceUnavailable
from pisovereign.jobs import periodic
from pisovereign.memory.upkeep import Upkeep
from tests.support.patience import PATIENCE_S

USERS = [uuid.UUID(int=1), uuid.UUID(int=2)]


class Idle:
    """Everything that is not looked at."""

    async def run(self, _: Any) -> None:
        pass

    async def wait(self, _: float) -> None:
        await asyncio.Event().wait()

    async def flush(self) -> None:
        pass

    def start(self) -> None:
        pass

    async def stop(self) -> None:
        pass


class Failing:
    """Work that fails the first time, and is waited for until it was asked for so often."""

    def __init__(self, error: Exception, times: int) -> None:
        self._error: Exception | None = error
        self._times = times
        self.seen: list[uuid.UUID] = []
        self.enough = asyncio.Event()

    async def run(self, user: uuid.UUID) -> None:
        self.seen.append(user)
        if len(self.seen) == self._times:
            self.enough.set()
        if self._error is not None:
            error, self._error = self._error, None
            raise error


async def look_after(work: Failing, name: str) -> None:
    parts: dict[str, Any] = dict.fromkeys(
        ("uses", "decay", "reembedder", "recall", "learner"), Idle()
    )
    running = Upkeep(**(parts | {name: work}), users=USERS, flush_s=60)
    running.start()
    async with asyncio.timeout(PATIENCE_S):
        await work.enough.wait()
    await running.stop()


@pytest.mark.parametrize("error", [ServiceUnavailable("away"), ValueError("a secret")])
@pytest.mark.parametrize(("name", "rounds"), [("reembedder", 2), ("decay", 2)])
def test_one_users_error_is_not_the_end(
    error: Exception,
    name: str,
    rounds: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(periodic, "_RETRY_S", 0.001)

    async def course() -> list[uuid.UUID]:
        work = Failing(error, rounds * len(USERS))
        await look_after(work, name)
        return work.seen

    assert asyncio.run(course())[: rounds * len(USERS)] == USERS * rounds
    assert "secret" not in caplog.text
