"""A message that cannot be answered is tried again, and given up in the end."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from typing import Any, cast
from uuid import UUID

import pytest

from pisovereign.channels.answerer import MOST_ATTEMPTS, Answerer, AnswererDependencies
from pisovereign.channels.chat_answers import Answer
from pisovereign.channels.inbox import ReceivedMessage
from pisovereign.connectors.messaging import Traits
from pisovereign.errors import ServiceUnavailable
from pisovereign.jobs.claim import ClaimedJob
from pisovereign.jobs.queue import JobQueue
from pisovereign.jobs.types import Retry, Settled

USER = uuid.uuid4()


class _World:
    """What answers, the messenger and the notifications, in one."""

    messages = cast("JobQueue", None)
    name, title = "whatsapp", "WhatsApp"
    traits = Traits(hashed_as=b"", window_s=86_400.0)

    def __init__(self, error: Exception | None) -> None:
        self._error = error
        self.sent: list[str] = []
        self.may = frozenset(("user",))

    async def show_read(self, _: str) -> None:
        pass

    async def scopes(self, user: uuid.UUID, address: str) -> frozenset[str]:
        return self.may

    async def answer(self, user: uuid.UUID, message: ReceivedMessage) -> Answer:
        if self._error is not None:
            raise self._error
        return Answer("An answer")

    async def excuse(self, user: UUID, message: ReceivedMessage) -> str:
        return "Sorry"

    async def send(self, *values: Any) -> None:
        self.sent.append(values[-1].text)


def answered(
    error: Exception | None,
    *,
    attempt: int = 1,
    age_s: float = 0.0,
    may: frozenset[str] = frozenset(("user",)),
) -> tuple[Settled | Retry, list[str]]:
    """What a message came to, and what was sent."""

    async def course() -> Settled | Retry:
        fake = cast("Any", world)
        answerer = Answerer(AnswererDependencies(world, fake, fake, fake, fake), fake, [USER])
        written = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=age_s)
        job = ClaimedJob(
            "whatsapp_inbox", USER, uuid.uuid4(), kind="text", position=written, attempt=attempt,
            payload='{"id":"1","phone":"49","text":"a secret that is poison"}',
        )  # fmt: skip
        outcome = await answerer.run(job)
        if outcome.also is not None:
            await outcome.also(fake)
        await answerer.stop()
        return outcome

    world = _World(error)
    world.may = may
    return asyncio.run(course()), world.sent


def test_the_answer_is_sent_with_the_end_of_the_message() -> None:
    outcome, sent = answered(None)
    assert (outcome[0], sent) == ("done", ["An answer"])


@pytest.mark.parametrize("error", [ValueError("a secret"), ServiceUnavailable("away")])
def test_an_error_counts_as_an_attempt(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    assert answered(error) == (Retry(2.0), [])
    assert answered(error, attempt=3) == (Retry(8.0), [])
    assert answered(error, attempt=MOST_ATTEMPTS - 1) == (Retry(60.0), [])
    outcome, sent = answered(error, attempt=MOST_ATTEMPTS)
    assert (outcome[0], sent) == ("failed", ["Sorry"])
    assert ("ValueError" if isinstance(error, ValueError) else "away") in caplog.text
    assert "secret" not in caplog.text


def test_who_may_not_write_any_more_is_not_answered() -> None:
    outcome, sent = answered(None, may=frozenset())
    assert (outcome[0], sent) == ("failed", [])


def test_what_is_older_than_a_day_is_not_answered() -> None:
    outcome, sent = answered(None, age_s=86_401)
    assert (outcome[0], sent) == ("failed", [])
