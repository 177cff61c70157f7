"""What carries approved changes of events out; a change that is made already is made."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

import msgspec

from pisovereign.approvals.types import Approved
from pisovereign.calendar.types import Changed
from pisovereign.integrations.calendar.types import ChangeOfEvent

CHANGE = "calendar_change"
"""The kind of such approvals."""
# Above the longest `caldav.timeout_s`: the calendar keeps to its own limit.
_LIMIT_S = 150.0


class Changer(Protocol):
    """What makes a change."""

    async def change(self, user: UUID, change: ChangeOfEvent) -> str:
        """Make it; returns the name of the calendar."""


class ChangeExecutor:
    """Changes and deletes events; the payload is a `ChangeOfEvent`."""

    limit_s = _LIMIT_S

    def __init__(self, calendar: Changer) -> None:
        self._calendar = calendar

    async def carry_out(self, approved: Approved) -> Changed:
        """Make exactly the change that was shown."""
        change = msgspec.json.decode(approved.payload, type=ChangeOfEvent)
        name = await self._calendar.change(approved.user, change)
        return Changed(calendar=name, event=change.after)
