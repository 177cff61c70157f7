from __future__ import annotations

import asyncio

from pisovereign.engine.jobs import Delta, EventStream
from tests.support.patience import PATIENCE_S


def test_events_come_in_order_and_waiting_ends() -> None:
    async def go() -> None:
        stream = EventStream()
        assert await stream.get(0.01) is None
        loop = asyncio.get_running_loop()
        loop.call_later(0.01, stream.put, Delta("a"))
        loop.call_later(0.01, stream.put, Delta("b"))
        assert await stream.get(PATIENCE_S) == Delta("a")
        assert await stream.get(PATIENCE_S) == Delta("b")
        assert await stream.get(0.01) is None

    asyncio.run(go())


def test_a_cancelled_wait_loses_nothing() -> None:
    async def go() -> None:
        stream = EventStream()
        waiting = asyncio.create_task(stream.get(PATIENCE_S))
        await asyncio.sleep(0)
        waiting.cancel()
        stream.put(Delta("a"))
        await asyncio.gather(waiting, return_exceptions=True)
        assert await stream.get(PATIENCE_S) == Delta("a")

    asyncio.run(go())
