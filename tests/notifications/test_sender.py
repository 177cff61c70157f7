"""A message that cannot be dealt with holds up no other one."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from pisovereign.events.wakeups import Wakeups
from pisovereign.notifications.sender import Sender
from pisovereign.notifications.store import Head
from pisovereign.notifications.types import Channel, DeliveryFailed, Outgoing, State

USER = uuid.uuid4()


class _Channel:
    name: Channel = "mail"
    limit_s = 5.0

    async def send(self, user: uuid.UUID, message: Outgoing) -> None:
        if message.text == "a secret that is poison":
            raise ValueError(message.text)


class _Outbox:
    """Two messages, in place of the database, the store and the log of events."""

    def __init__(self) -> None:
        self.waiting = [
            Outgoing(id=uuid.uuid4(), about="task", subject=USER, to="", text=text, tries=1)
            for text in ("a secret that is poison", "fine")
        ]
        self.settled: list[tuple[State, str | None]] = []
        self.told: list[DeliveryFailed] = []
        self.is_done = asyncio.Event()

    @asynccontextmanager
    async def transaction(self, user: uuid.UUID) -> AsyncIterator[None]:
        yield

    async def give_up(self, *_: Any) -> list[DeliveryFailed]:
        return []

    async def take(self, *_: Any) -> Head | None:
        return Head(self.waiting.pop(0), 0.0) if self.waiting else None

    async def settle(self, *values: Any) -> bool:
        self.settled.append(values[-2:])
        if len(self.settled) == 2:
            self.is_done.set()
        return True

    async def append(self, *values: Any) -> None:
        self.told.append(values[-1])


def test_an_unexpected_error_is_reported_and_the_next_message_is_sent(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def course() -> _Outbox:
        outbox = _Outbox()
        fake = cast("Any", outbox)
        sender = Sender(
            channel=_Channel(),
            database=fake,
            store=fake,
            events=fake,
            wakeups=Wakeups(),
            users=[USER],
        )
        sender.start()
        async with asyncio.timeout(30):
            await outbox.is_done.wait()
        await sender.stop()
        return outbox

    outbox = asyncio.run(course())
    assert outbox.settled == [("uncertain", "An unexpected error occurred"), ("sent", None)]
    assert [failed.status for failed in outbox.told] == ["uncertain"]
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text
