"""How many files are in memory at once, whoever sends them."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest

from pisovereign.documents.uploads import UploadReader
from pisovereign.errors import RateLimited


class _Slow:
    """A body that arrives once it may."""

    def __init__(self, may: asyncio.Event, begun: list[int]) -> None:
        self._may, self._begun = may, begun
        self._sent = False

    async def read(self, size: int) -> bytes:
        if self._sent:
            return b""
        self._begun.append(1)
        await self._may.wait()
        self._sent = True
        return b"x"


def request(may: asyncio.Event, begun: list[int]) -> Any:
    return SimpleNamespace(content_type="application/pdf", stream=_Slow(may, begun))


async def settled() -> None:
    for _ in range(100):
        await asyncio.sleep(0)


def test_of_one_user_two_files_are_read_and_the_others_wait() -> None:
    async def course() -> None:
        reader, user, may = UploadReader(10, 60.0), uuid4(), asyncio.Event()
        mine: list[int] = []
        others: list[int] = []

        async def send(whose: UUID, begun: list[int]) -> bytes:
            async with reader.taken(request(may, begun), whose) as upload:
                return upload.data

        sending = [asyncio.create_task(send(user, mine)) for _ in range(22)]
        sending.append(asyncio.create_task(send(uuid4(), others)))
        await settled()
        assert (len(mine), len(others)) == (2, 1)
        with pytest.raises(RateLimited):
            await send(user, mine)
        may.set()
        assert await asyncio.gather(*sending) == [b"x"] * 23
        assert await send(user, mine) == b"x"

    asyncio.run(course())


def test_a_turn_that_does_not_come_is_not_waited_for_without_end() -> None:
    async def course() -> None:
        reader, user, never = UploadReader(10, 0.05), uuid4(), asyncio.Event()
        # Not read by a request, so that nothing but the turn has a limit.
        async with reader.taken(request(_set(), []), user), reader.taken(request(_set(), []), user):
            with pytest.raises(RateLimited):
                async with reader.taken(request(never, []), user):
                    pass

    asyncio.run(course())


def _set() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event
