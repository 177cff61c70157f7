"""Somebody with a large calendar keeps nobody else waiting."""

from __future__ import annotations

import asyncio
import threading
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from pisovereign.errors import UpstreamError
from pisovereign.own_calendar.objects import OwnObjects
from pisovereign.own_calendar.texts import Texts
from pisovereign.own_calendar.turns import MOST_OF_ONE, Turns
from tests.support.patience import PATIENCE_S

ALICE = UUID("00000000-0000-4000-8000-00000000000a")
BOB = UUID("00000000-0000-4000-8000-00000000000b")
UTC = ZoneInfo("UTC")


def test_one_who_asks_for_much_leaves_threads_to_others_also_after_giving_up() -> None:
    begun, going_on = threading.Semaphore(0), threading.Event()

    def long(_: Texts) -> str:
        begun.release()
        going_on.wait(PATIENCE_S)
        return "done"

    async def scenario() -> None:
        objects = OwnObjects(cast(Any, None), cast(Any, None))
        many = [asyncio.create_task(objects.with_texts(ALICE, UTC, long)) for _ in range(8)]
        try:
            for _ in range(MOST_OF_ONE):
                assert await asyncio.to_thread(begun.acquire, timeout=PATIENCE_S)
            async with asyncio.timeout(PATIENCE_S):
                assert await objects.with_texts(BOB, UTC, lambda _: "Bob") == "Bob"
            given_up, rest = many[:MOST_OF_ONE], many[MOST_OF_ONE:]
            for each in given_up:
                each.cancel()
            await asyncio.gather(*given_up, return_exceptions=True)
            async with asyncio.timeout(PATIENCE_S):
                assert await objects.with_texts(BOB, UTC, lambda _: "Bob") == "Bob"
            assert not begun.acquire(blocking=False), "what nobody waits for still has a thread"
        finally:
            going_on.set()
        assert await asyncio.gather(*rest) == ["done"] * len(rest)
        await objects.close()

    asyncio.run(scenario())


def test_a_turn_that_does_not_come_is_refused_and_one_that_fails_is_over() -> None:
    async def scenario() -> None:
        turns = Turns()
        async with turns.of(ALICE, PATIENCE_S), turns.of(ALICE, PATIENCE_S):
            with pytest.raises(UpstreamError, match="did not answer in time"):
                async with turns.of(ALICE, 0.01):
                    pass
        for _ in range(2 * MOST_OF_ONE):
            with pytest.raises(ZeroDivisionError):
                async with turns.of(ALICE, PATIENCE_S) as turn:
                    await asyncio.to_thread(turn.run, lambda: 1 // 0)
            await asyncio.sleep(0)

    asyncio.run(scenario())
