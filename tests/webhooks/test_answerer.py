"""A message that cannot be answered is given up in the end, and holds up no other one."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from pisovereign.webhooks.whatsapp.answerer import MOST_ATTEMPTS, Answerer
from pisovereign.webhooks.whatsapp.inbox import Head, Taken

USER = uuid.uuid4()


class _Inbox:
    """One poisonous message, again and again, and another one; no database, no model, no Meta."""

    def __init__(self) -> None:
        self.attempt = 0
        self.settled: list[str] = []
        self.sent: list[str] = []
        self.is_done = asyncio.Event()

    @asynccontextmanager
    async def transaction(self, user: uuid.UUID) -> AsyncIterator[None]:
        yield

    async def take(self, *_: Any) -> Head | None:
        if len(self.settled) == 2:
            self.is_done.set()
            return None
        self.attempt = 1 if self.settled else self.attempt + 1
        text = "fine" if self.settled else "a secret that is poison"
        taken = Taken(
            id=USER,
            kind="text",
            attempt=self.attempt,
            answerable=True,
            meta_id="",
            phone="",
            text=text,
        )
        return Head(taken, 0.0)

    async def release(self, *_: Any) -> None:
        assert self.attempt < MOST_ATTEMPTS

    async def settle(self, *values: Any) -> bool:
        self.settled.append(values[-1])
        return True

    async def add(self, *values: Any) -> None:
        self.sent.append(values[-1].text)

    async def mark_read(self, _: str) -> None:
        pass

    async def answer(self, user: uuid.UUID, message: Taken) -> str:
        if message.text != "fine":
            raise ValueError(message.text)
        return "An answer"

    def excuse(self, message: Taken) -> str:
        return "Sorry"


def test_an_unexpected_error_counts_as_an_attempt(caplog: pytest.LogCaptureFixture) -> None:
    async def course() -> _Inbox:
        inbox = _Inbox()
        fake = cast("Any", inbox)
        answerer = Answerer(
            answers=inbox,
            client=fake,
            database=fake,
            inbox=fake,
            outbox=fake,
            users=[USER],
            send=lambda user: None,
        )
        answerer.start()
        async with asyncio.timeout(30):
            await inbox.is_done.wait()
        await answerer.stop()
        return inbox

    inbox = asyncio.run(course())
    assert inbox.settled == ["failed", "answered"]
    assert inbox.sent == ["Sorry", "An answer"]
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text
