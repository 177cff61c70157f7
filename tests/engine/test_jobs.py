from __future__ import annotations

import asyncio

from pisovereign.engine.jobs import EventStream, TextDelta


def test_events_come_in_order_and_waiting_ends() -> None:
    async def go() -> None:
        stream = EventStream()
        assert await stream.get(0.01) is None
        loop = asyncio.get_running_loop()
        loop.call_later(0.01, stream.put, TextDelta("a"))
        loop.call_later(0.01, stream.put, TextDelta("b"))
        assert await stream.get(5) == TextDelta("a")
        assert await stream.get(5) == TextDelta("b")
        assert await stream.get(0.01) is None

    asyncio.run(go())


def test_a_cancelled_wait_loses_nothing() -> None:
    async def go() -> None:
        stream = EventStream()
        waiting = asyncio.create_task(stream.get(5))
        await asyncio.sleep(0)
        waiting.cancel()
        stream.put(TextDelta("a"))
        await asyncio.gather(waiting, return_exceptions=True)
        assert await stream.get(5) == TextDelta("a")

    asyncio.run(go())
