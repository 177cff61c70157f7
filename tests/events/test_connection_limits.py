"""The limit of streams holds also for those that are asked for at the same moment."""

from __future__ import annotations

import asyncio
import gc
import uuid
from typing import cast

import pytest

from pisovereign.errors import ServiceUnavailable
from pisovereign.events.connection_limits import ConnectionLimits
from pisovereign.events.log import EventLog
from pisovereign.events.stream import USER_STREAMS, EventStreams
from pisovereign.events.wakeups import Wakeups

MOST_OF_ONE_USER = USER_STREAMS.most_of_one_user


class _Log:
    def __init__(self) -> None:
        self.wakeups = Wakeups()
        self.is_away = False

    async def last(self, user: uuid.UUID, stream: uuid.UUID | None) -> int:
        await asyncio.sleep(0)
        if self.is_away:
            raise ServiceUnavailable("away")
        return 0


def test_a_burst_does_not_pass_the_limit() -> None:
    async def course() -> None:
        log, user = _Log(), uuid.uuid4()
        streams = EventStreams(cast("EventLog", log))

        async def burst() -> list[object]:
            asked = (streams.watch(user, None, follow=True) for _ in range(MOST_OF_ONE_USER + 5))
            return list(await asyncio.gather(*asked, return_exceptions=True))

        log.is_away = True
        assert len(await burst()) == MOST_OF_ONE_USER + 5
        log.is_away = False
        opened = await burst()
        refused = [each for each in opened if isinstance(each, ServiceUnavailable)]
        assert len(refused) == 5
        first = opened[0]
        await first.close()  # type: ignore[attr-defined]
        await first.close()  # type: ignore[attr-defined]
        again = await streams.watch(user, None, follow=True)
        with pytest.raises(ServiceUnavailable):
            await streams.watch(user, None, follow=True)
        assert await anext(again)
        # Whom nobody reads and nobody closes, because the client has left, is gone as well.
        del opened, first
        gc.collect()
        assert sum(isinstance(each, ServiceUnavailable) for each in await burst()) == 6
        await again.close()

    asyncio.run(course())


def test_all_users_together_are_limited() -> None:
    limits = ConnectionLimits(3, 2)
    held = [limits.take(uuid.UUID(int=number)) for number in (1, 1, 2)]
    with pytest.raises(ServiceUnavailable):
        limits.take(uuid.UUID(int=3))
    held[0].close()
    limits.take(uuid.UUID(int=3))
