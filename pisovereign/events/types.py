"""Types of the event stream."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from pisovereign.asgi.sse import LARGEST_EVENT_ID

EventKind = Literal[
    "reminder_due",
    "reminder_settled",
    "delivery_failed",
    "approval_requested",
    "supervised_approval_requested",
    "approval_decided",
    "task_finished",
    "answer_ready",
    "backup_warning",
    "update_ended",
]
EventId = Annotated[int, Meta(ge=0, le=LARGEST_EVENT_ID)]


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One event; `id` counts up from 1 in each stream.

    `data` is JSON; None: what is stored cannot be read.
    """

    id: int
    kind: str
    data: msgspec.Raw | None
    created_at: dt.datetime


class WatchQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of `GET /v1/events`."""

    after: EventId | None = None
    follow: Literal["true", "false"] = "true"
