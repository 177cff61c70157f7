"""Jobs of a queue, and their outcomes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Literal, NamedTuple
from uuid import UUID

import msgspec

from pisovereign.storage.pool import Connection

State = Literal["waiting", "running", "done", "failed", "uncertain", "dropped"]
"""`uncertain`: whoever worked at it is gone, and nobody knows how far it got. `dropped`: too many
were waiting when it came."""
FinalState = Literal["done", "failed", "uncertain"]

Also = Callable[[Connection], Awaitable[None]]
"""What else is stored in the transaction that changes a job."""


class QueueSettings(NamedTuple):
    """How one queue treats its jobs.

    Attributes:
        name: What the queue is called in the database.
        repeats: Whether a job whose worker vanished is claimed again (at least once); if not, it is
            reported as uncertain and never run again (at most once).
        ordered: Whether a user's jobs are run one at a time, in their order.
        sealed_as: What the payloads are bound to, beside the job and its user.
        most_waiting: How many jobs of one user may be open; further ones are dropped. None: any.
        vanished: The error of a job whose worker vanished.
        late: The error of a job that expired.
        keep_days: How long a job is kept after its end.
    """

    name: str
    repeats: bool
    ordered: bool
    sealed_as: bytes = b""
    most_waiting: int | None = None
    vanished: str = "The program ended while it was at work"
    late: str = "It could not be done in time"
    keep_days: int = 30


class NewJob(msgspec.Struct, frozen=True, kw_only=True):
    """Work to be done.

    Attributes:
        id: A job is stored once under its id.
        kind: What the owner of the queue tells its jobs apart by; not sealed.
        subject: What it is about; not sealed.
        payload: What it takes to do it; sealed, and deleted once the job is settled.
        position: Its place in the order; None: behind those that are there.
        expires_s: After so many seconds it is not begun any more; None: it does not expire.
    """

    id: UUID
    kind: str = ""
    subject: UUID | None = None
    payload: str | None = None
    position: dt.datetime | None = None
    expires_s: float | None = None


class Abandoned(NamedTuple):
    """A job that was settled because its worker vanished, or because it came too late."""

    user: UUID
    id: UUID
    kind: str
    subject: UUID | None
    state: Literal["uncertain", "failed"]
    error: str


class JobState(NamedTuple):
    """How far a job got, and since when; `error` says why not further."""

    state: State
    at: dt.datetime
    error: str | None


class Settled(NamedTuple):
    """The outcome of a job that is over; `also` is stored with it, if it is still this worker's."""

    state: FinalState = "done"
    error: str | None = None
    also: Also | None = None


class Retry(NamedTuple):
    """The outcome of a job that has to be run again.

    `after_s` is the pause in seconds; None: until somebody calls `JobQueue.wake`.
    """

    after_s: float | None
    error: str | None = None
    also: Also | None = None


JobOutcome = Settled | Retry
