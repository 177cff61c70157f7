"""Sends the messages of one channel, each once at most.

Only after an answer that says that a message was not taken, or a connection that was never made, it
is tried again.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import Literal, cast
from uuid import UUID

from pisovereign.connectors.sending import About, MaybeSent, NotSent, SendingChannel
from pisovereign.errors import PiSovereignError
from pisovereign.events.log import EventLog
from pisovereign.jobs.claim import ClaimedJob
from pisovereign.jobs.types import Abandoned, JobOutcome, Retry, Settled
from pisovereign.logs import log_unexpected
from pisovereign.notifications.outbox import read_message
from pisovereign.notifications.types import DeliveryFailed
from pisovereign.storage.pool import Connection

_log = logging.getLogger(__name__)
_LEAST_S, _MOST_S = 5.0, 300.0  # pauses between two tries of one message


class Sender:
    """Does the jobs of a channel's queue.

    Args:
        channel: The way of sending.
        events: Where failures are told.
    """

    def __init__(self, channel: SendingChannel, events: EventLog) -> None:
        self._channel = channel
        self._events = events

    async def run(self, job: ClaimedJob) -> JobOutcome:
        """Send a message."""
        try:
            async with asyncio.timeout(self._channel.limit_s):
                await self._channel.send(job.user, read_message(job))
        except NotSent as error:
            if error.again_s is None:
                return self._ended(job, "failed", error.reason)
            _log.info("a %s message waits: %s", self._channel.name, error.reason)
            pause_s = min(_LEAST_S * 2 ** (job.attempt - 1), _MOST_S)
            return Retry(max(error.again_s, pause_s), error.reason)
        except (MaybeSent, PiSovereignError, TimeoutError) as error:
            return self._ended(job, "uncertain", _reason(error))
        except Exception as error:  # noqa: BLE001 - the edge: its user has to know, too
            log_unexpected(error)
            return self._ended(job, "uncertain", "An unexpected error occurred")
        return Settled()

    async def abandoned(self, connection: Connection, job: Abandoned) -> None:
        """Tell that a message was not sent, or that nobody knows."""
        assert job.subject is not None
        failed = self._failure(job.kind, job.subject, job.state, job.error)
        await self._tell(job.user, failed, connection)

    def _ended(self, job: ClaimedJob, state: Literal["uncertain", "failed"], error: str) -> Settled:
        assert job.subject is not None
        failed = self._failure(job.kind, job.subject, state, error)
        return Settled(state, error, partial(self._tell, job.user, failed))

    def _failure(
        self, about: str, subject: UUID, state: Literal["uncertain", "failed"], error: str
    ) -> DeliveryFailed:
        return DeliveryFailed(
            channel=self._channel.name,
            about=cast("About", about),
            subject=subject,
            status=state,
            error=error,
        )

    async def _tell(self, user: UUID, failed: DeliveryFailed, connection: Connection) -> None:
        await self._events.append(connection, user, "delivery_failed", failed.subject, failed)


def _reason(error: MaybeSent | PiSovereignError | TimeoutError) -> str:
    match error:
        case MaybeSent():
            return error.reason
        case PiSovereignError():
            return error.message
        case _:
            return "The other server did not answer in time"
