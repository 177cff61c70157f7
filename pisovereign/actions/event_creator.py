"""Puts an event into the calendar once it was approved."""

from __future__ import annotations

import msgspec

from pisovereign.actions.types import CreateCalendarEvent
from pisovereign.approvals.types import Approved
from pisovereign.integrations.calendar.types import CalendarEvent, CalendarSource

CREATE_EVENT = "create_event"
"""The kind of such approvals: the name of the command."""
# The calendar itself says what happened, if it is let.
_BESIDE_S = 10.0


class EventCreator:
    """Carries out approved events.

    Args:
        calendar: Where they are put.
        calendar_limit_s: The longest time that the calendar takes, in seconds.
    """

    def __init__(self, calendar: CalendarSource, calendar_limit_s: float) -> None:
        self._calendar = calendar
        self.limit_s = calendar_limit_s + _BESIDE_S

    async def carry_out(self, approved: Approved) -> CalendarEvent:
        """Create exactly the approved event; its id makes a repetition harmless."""
        event = msgspec.json.decode(approved.payload, type=CreateCalendarEvent)
        return await self._calendar.create(approved.user, event, str(approved.id))
