"""Canceling reminders, alarms and timers."""

from __future__ import annotations

from uuid import UUID

import msgspec

from pisovereign.actions.fields import Label, Moment
from pisovereign.reminders.types import Kind


class CancelReminders(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """Cancel the reminder of a kind, of words, of a time or of an id; or `everything` of a kind.

    What is `confirmed` is done without asking back.
    """

    kind: Kind | None = None
    about: Label | None = None
    at: Moment | None = None
    reminder_id: UUID | None = None
    everything: bool = False
    confirmed: bool = False
