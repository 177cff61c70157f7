"""The outbox: what is to be sent to other servers, a queue for each channel.

Most servers cannot be asked whether a message arrived before. So that none is sent twice, its job
is claimed, with a time limit, before anything leaves, and never claimed again once its sender
vanished: it is reported as uncertain.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast, get_args
from uuid import UUID, uuid5

import msgspec

from pisovereign.connectors.sending import About, Outgoing
from pisovereign.jobs.claim import ClaimedJob
from pisovereign.jobs.queue import JobQueue
from pisovereign.jobs.types import JobState, NewJob, QueueSettings
from pisovereign.jobs.types import State as JobStateName
from pisovereign.notifications.types import Channel, Delivery, NewMessage, State
from pisovereign.storage.pool import Connection
from pisovereign.storage.sealing import Sealer

_STATES: dict[JobStateName, State] = {
    "waiting": "waiting",
    "running": "sending",
    "done": "sent",
    "uncertain": "uncertain",
    "failed": "failed",
}


class _Payload(msgspec.Struct):
    to: str
    text: str


class Outbox:
    """Stores messages, and says how far they got; each call is part of a transaction of the user.

    Attributes:
        queues: The queue of each channel, also of those that are not set up.
    """

    def __init__(self, sealer: Sealer) -> None:
        self.queues: dict[Channel, JobQueue] = {
            channel: JobQueue(_settings(channel), sealer) for channel in get_args(Channel)
        }

    async def add(self, connection: Connection, user: UUID, message: NewMessage) -> None:
        """Store a message to be sent, unless it was stored before."""
        payload = msgspec.json.encode(_Payload(message.to, message.text)).decode()
        job = NewJob(
            id=uuid5(message.subject, f"{message.channel} {message.number}"),
            kind=message.about,
            subject=message.subject,
            payload=payload,
            expires_s=message.expires_s,
        )
        await self.queues[message.channel].add(connection, user, job)

    async def withdraw(self, connection: Connection, user: UUID, subject: UUID) -> None:
        """Do not send what waits to be sent about something."""
        for queue in self.queues.values():
            await queue.withdraw(connection, user, subject)

    async def forget(self, connection: Connection, user: UUID, subject: UUID) -> None:
        """Delete everything about something."""
        for queue in self.queues.values():
            await queue.forget(connection, user, subject)

    async def deliveries(
        self, connection: Connection, user: UUID, subjects: Sequence[UUID]
    ) -> dict[UUID, list[Delivery]]:
        """Return how the last message about each of some things got on, by channel."""
        found: dict[UUID, list[Delivery]] = {}
        for channel, queue in sorted(self.queues.items()):
            for subject, state in (await queue.latest(connection, user, subjects)).items():
                found.setdefault(subject, []).append(_delivery(channel, state))
        return found


def read_message(job: ClaimedJob) -> Outgoing:
    """Return the message of a job."""
    payload = msgspec.json.decode(job.payload, type=_Payload)
    assert job.subject is not None
    return Outgoing(
        id=job.id,
        about=cast("About", job.kind),
        subject=job.subject,
        to=payload.to,
        text=payload.text,
        tries=job.attempt,
    )


def _settings(channel: Channel) -> QueueSettings:
    return QueueSettings(
        name=f"outbox.{channel}",
        repeats=False,
        ordered=True,
        sealed_as=b"outbox.payload",
        vanished="The program ended while it was sending",
        late="It could not be sent in time",
    )


def _delivery(channel: Channel, job: JobState) -> Delivery:
    return Delivery(channel=channel, status=_STATES[job.state], at=job.at, error=job.error)
