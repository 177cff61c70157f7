"""What becomes of a message, by what its channel says."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any, cast

import pytest

from pisovereign.connectors.sending import MaybeSent, NotSent, Outgoing
from pisovereign.errors import ServiceUnavailable
from pisovereign.jobs.claim import ClaimedJob
from pisovereign.jobs.types import Abandoned, Retry, Settled
from pisovereign.notifications.sender import Sender
from pisovereign.notifications.types import Channel, DeliveryFailed

USER, SUBJECT = uuid.uuid4(), uuid.uuid4()


class _Channel:
    name: Channel = "mail"
    limit_s = 0.05
    longest: int | None = None

    def __init__(self, error: Exception | None) -> None:
        self._error = error

    async def send(self, user: uuid.UUID, message: Outgoing) -> None:
        if isinstance(self._error, TimeoutError):
            await asyncio.Event().wait()
        if self._error is not None:
            raise self._error


class _Events:
    def __init__(self) -> None:
        self.told: list[DeliveryFailed] = []

    async def append(self, *values: Any) -> None:
        self.told.append(values[-1])


def _job(attempt: int = 1) -> ClaimedJob:
    payload = '{"to":"","text":"a secret"}'
    return ClaimedJob(
        "outbox.mail", USER, uuid.uuid4(), kind="task", subject=SUBJECT, attempt=attempt,
        payload=payload,
    )  # fmt: skip


def sent(error: Exception | None, attempt: int = 1) -> tuple[Settled | Retry, list[DeliveryFailed]]:
    """What a message came to, and what its user was told."""

    async def course() -> Settled | Retry:
        outcome = await Sender(_Channel(error), cast("Any", events)).run(_job(attempt))
        if outcome.also is not None:
            await outcome.also(cast("Any", None))
        return outcome

    events = _Events()
    return asyncio.run(course()), events.told


def test_what_was_sent_is_done() -> None:
    assert sent(None) == (Settled(), [])


@pytest.mark.parametrize(
    ("error", "state", "reason"),
    [
        (NotSent("wrong address", again_s=None), "failed", "wrong address"),
        (MaybeSent("no answer"), "uncertain", "no answer"),
        (ServiceUnavailable("away"), "uncertain", "away"),
        (TimeoutError(), "uncertain", "The other server did not answer in time"),
        (ValueError("a secret"), "uncertain", "An unexpected error occurred"),
    ],
)
def test_its_user_is_told_what_was_not_sent(
    error: Exception, state: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    outcome, told = sent(error)
    assert outcome[:2] == (state, reason)
    expected = DeliveryFailed(
        channel="mail", about="task", subject=SUBJECT, status=cast("Any", state), error=reason
    )
    assert told == [expected]
    assert "secret" not in caplog.text


@pytest.mark.parametrize(("attempt", "pause_s"), [(1, 5.0), (2, 10.0), (3, 20.0), (12, 300.0)])
def test_what_was_refused_for_now_is_tried_again_later_and_later(
    attempt: int, pause_s: float
) -> None:
    assert sent(NotSent("busy", again_s=0.0), attempt) == (Retry(pause_s, "busy"), [])
    assert sent(NotSent("busy", again_s=900.0), attempt) == (Retry(900.0, "busy"), [])


def test_its_user_is_told_of_a_message_whose_sender_vanished() -> None:
    async def course() -> None:
        job = Abandoned(USER, uuid.uuid4(), "reminder", SUBJECT, "uncertain", "gone")
        await Sender(_Channel(None), cast("Any", events)).abandoned(cast("Any", None), job)

    events = _Events()
    asyncio.run(course())
    assert [(each.about, each.status, each.error) for each in events.told] == [
        ("reminder", "uncertain", "gone")
    ]
