"""Types of the approval routes, and of what carries an approved thing out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any, Literal, NamedTuple, Protocol, runtime_checkable
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from pisovereign.storage.pool import Connection
from pisovereign.validation import no_nul, not_blank

Status = Literal["pending", "approved", "executed", "denied", "cancelled", "expired", "failed"]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One argument of what is carried out: its name, what people call it, and its value."""

    name: str
    label: str
    text: str


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that waits, or waited, for a decision.

    `details` is exactly what is carried out, and `title` says it in one line. `lines` are the
    details in words, where a language is known to say them in. `result` is there when it was,
    `reason` when it was not, or failed. `error` is there when the stored text cannot be opened;
    title and details are empty then.
    """

    id: UUID
    kind: str
    title: str
    details: Any
    lines: list[Line] | UnsetType = UNSET
    status: Status
    requested_by: str
    created_at: dt.datetime
    expires_at: dt.datetime
    decided_by: str | None = None
    decided_at: dt.datetime | None = None
    finished_at: dt.datetime | None = None
    result: Any = None
    reason: str | None = None
    error: str | UnsetType = UNSET


class ListQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of `GET /v1/approvals`."""

    status: Status | Literal["decided"] | None = None
    limit: Annotated[int, Meta(ge=1, le=500)] = 100
    offset: Annotated[int, Meta(ge=0, le=(1 << 31) - 1)] = 0


class Denial(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /v1/approvals/{id}/deny`, which may be left out."""

    reason: (
        Annotated[str, Meta(min_length=1, max_length=500, extra={"rules": (not_blank, no_nul)})]
        | None
    ) = None


class NewApproval(NamedTuple):
    """A request for an approval.

    `kind` says which executor is to carry it out, `title` what is to happen, in one line; `payload`
    is what the executor will be given, to be written as JSON. Title and payload are all that the
    approver sees.
    """

    kind: str
    title: str
    payload: Any


class Supervised(NamedTuple):
    """Somebody who may not decide, and those who do it for them.

    `name` is what people call them.
    """

    user: UUID
    name: str
    owners: Sequence[UUID]


class Supervises(Protocol):
    """Knows who decides for whom."""

    async def of(self, connection: Connection, user: UUID) -> Supervised | None:
        """Return who decides for a user, in a transaction of theirs; None: they themselves."""
        ...


class NoFields(msgspec.Struct, frozen=True):
    """A body without content."""


class Approved(NamedTuple):
    """An approved thing, as its executor gets it: JSON as it was asked for, and sealed since.

    `id` is different for each approval, and may serve to recognize a repetition elsewhere.
    """

    id: UUID
    user: UUID
    payload: bytes


class Executor(Protocol):
    """Carries one kind of thing out."""

    @property
    def limit_s(self) -> float:
        """The longest time it may take, in seconds; then it is canceled."""

    async def carry_out(self, approved: Approved) -> Any:
        """Do it; called once at most for each approval.

        Returns what is to be kept as the result, to be written as JSON.

        Raises:
            PiSovereignError: it failed; the message becomes the reason.
        """


@runtime_checkable
class Conditional(Protocol):
    """An executor that not everybody has at any time."""

    def is_available_to(self, user: UUID) -> bool:
        """Return whether what it needs is set up for a user now."""


@runtime_checkable
class Stoppable(Protocol):
    """An executor whose work can be ended before it is done; that of others goes to its end."""

    def may_be_stopped(self, approved: Approved) -> bool:
        """Return whether canceling `carry_out` ends this."""
