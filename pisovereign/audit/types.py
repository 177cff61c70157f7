"""Entries of the audit log, and what the audit routes give."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from pisovereign.validation import no_nul

Event = Literal[
    "requested",
    "approved",
    "returned",
    "denied",
    "cancelled",
    "expired",
    "executed",
    "failed",
    "ran",
    "signed_in",
    "signed_out",
    "created",
    "changed",
    "removed",
]
ShownEvent = Literal[Event, "pruned"]
Noted = Literal["found", "pruned"]
SYSTEM = "system"


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the log.

    `ran` is a command that needed no approval; the last five are of sessions, keys, passkeys,
    people and settings. `subject` is the id of the approval, the command, or what else it is about,
    `actor` the name of the key, or `system`; `what` is exactly what was to happen. `error` is
    there when that cannot be opened, and it is empty then; in the export also when an entry is not
    what was written. The first line of an export is `pruned` where the oldest entries were deleted:
    `what` says which, `seq` and `at` are those of the last of them.
    """

    seq: int
    at: dt.datetime
    event: ShownEvent
    kind: str
    subject: str
    actor: str
    scopes: list[str]
    what: str
    error: str | UnsetType = UNSET


class PrunedEntries(msgspec.Struct, frozen=True, kw_only=True):
    """The oldest entries of a log, which were deleted: how many, and of which time they were."""

    entries: int
    first_at: dt.datetime
    last_at: dt.datetime


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the log is as it was written.

    `head` names its newest entry: kept elsewhere, it shows later that nothing before it was lost.
    `broken` is the number of the first entry that is wrong, None if it is none of them; `problem`
    says what is wrong. `entries` are those before that, also those that were deleted as too old,
    which `pruned` tells of. `noted` says of a head that was given whether it was `found`, or is one
    of those (`pruned`).
    """

    intact: bool
    entries: int
    head: str
    broken: int | None = None
    problem: str | None = None
    pruned: PrunedEntries | None = None
    noted: Noted | None = None


class ListQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of `GET /v1/audit`; those that are given narrow the list."""

    event: Event | None = None
    kind: Annotated[str, Meta(max_length=100, extra={"rules": (no_nul,)})] | None = None
    actor: Annotated[str, Meta(max_length=200, extra={"rules": (no_nul,)})] | None = None
    subject: Annotated[str, Meta(max_length=200, extra={"rules": (no_nul,)})] | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    limit: Annotated[int, Meta(ge=1, le=500)] = 100
    offset: Annotated[int, Meta(ge=0, le=(1 << 31) - 1)] = 0


class VerifyQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of `GET /v1/audit/verify`: a head that was noted before."""

    head: Annotated[str, Meta(pattern=r"^[0-9]{1,15}:[0-9a-f]{64}\Z")] | None = None
