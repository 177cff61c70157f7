"""Moving a reminder, an alarm or a timer to another time."""

from __future__ import annotations

from uuid import UUID

import msgspec

from pisovereign.actions.fields import Label, Moment
from pisovereign.reminders.types import Kind


class MoveReminder(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """Move the reminder of a kind, of words, of a time (`at`) or of an id to `remind_at`."""

    remind_at: Moment
    kind: Kind | None = None
    about: Label | None = None
    reminder_id: UUID | None = None
    at: Moment | None = None
