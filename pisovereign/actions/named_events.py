"""Changes of events that are named in words: which one is meant, and what it needs."""

from __future__ import annotations

import abc
import datetime as dt
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from pisovereign.actions.action import ApprovedAction, DirectAction
from pisovereign.actions.backends import SOURCE_LIMIT_S
from pisovereign.actions.caller import Caller
from pisovereign.actions.change_event import (
    Changed,
    ChangeEvent,
    ChangeEventAction,
    EventPatch,
)
from pisovereign.actions.list_events import read_events
from pisovereign.actions.messages import messages_in, quote
from pisovereign.actions.outcome import Choice, Outcome
from pisovereign.actions.outcome_words import describe_choices
from pisovereign.actions.word_matching import matching
from pisovereign.approvals.types import Approved, NewApproval
from pisovereign.connectors.calendar.types import CalendarEvent
from pisovereign.languages.messages import Clock, Messages
from pisovereign.own_calendar.names import own_id

C = TypeVar("C", bound=msgspec.Struct)
# Whoever names no day means one of the weeks to come.
_DAYS = 60
_MOST_CHOICES = 20


class DescribedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The description of the event that is meant; what is None may be anything."""

    about: str | None = None
    event_id: str | None = None
    start: dt.datetime | None = None
    days: int | None = None


class EventSelection(Outcome, frozen=True, kw_only=True):
    """The events that may be meant, or what was changed at once.

    `recurring` is true where what the words fit recurs, which is changed in a calendar program.
    `event` is the changed one as it is now, None if it is deleted, and `before` as it was.
    """

    recurring: bool = False
    event: CalendarEvent | None = None
    before: CalendarEvent | None = None


class NamedEventAction(DirectAction[C, EventSelection], ApprovedAction[C]):
    """Changes the one event that words fit; if it is not one, asks which.

    On a server that waits for an approval.
    """

    @abc.abstractmethod
    def described(self, command: C) -> DescribedEvent:
        """Return which event is meant."""

    @abc.abstractmethod
    def patch(self, command: C) -> EventPatch | None:
        """Return what is to be different; None: it is to be deleted."""

    @property
    def is_available(self) -> bool:
        """Whether a calendar is configured."""
        return self._change.is_available

    @property
    def limit_s(self) -> float:
        """The limit of a change."""
        return self._change.limit_s

    async def ask(self, caller: Caller, command: C) -> NewApproval | None:
        """Return the change of the event; None: it is made at once, or not clear which is meant.

        Raises:
            NotConfigured: No calendar is set up, or it is somebody else's.
            NotFound: There is no event of this id.
            UpstreamError: The calendar cannot be read.
            ValidationFailed: The event cannot be changed so.
        """
        described = self.described(command)
        identifier = described.event_id
        if identifier is None:
            fitting = [event for event in await self._find(caller, described) if event.id]
            if len(fitting) != 1:
                return None
            identifier = fitting[0].id
        assert identifier is not None
        change = ChangeEvent(event_id=identifier, patch=self.patch(command))
        new = await self._change.prepare(caller, change)
        return None if new is None else NewApproval(self.kind, new.title, new.payload)

    async def run(self, caller: Caller, command: C) -> EventSelection:
        """Change the one that is kept here, or return those that may be meant or there are."""
        described, messages = self.described(command), messages_in(caller.language)
        if described.event_id is not None:
            return await self._changed(caller, command, described.event_id)
        found = await self._find(caller, described)
        fitting = [event for event in found if event.id]
        if len(fitting) == 1 and not caller.asks_only and own_id(fitting[0].id or ""):
            return await self._changed(caller, command, fitting[0].id or "")
        if fitting:
            return EventSelection(status="needs_choice", choices=_choices(fitting, messages))
        anything = DescribedEvent(start=described.start, days=described.days)
        there = [event for event in await self._find(caller, anything) if event.id]
        return EventSelection(
            status="not_found", choices=_choices(there, messages), recurring=bool(found)
        )

    def describe(self, result: EventSelection, messages: Messages, clock: Clock) -> str:
        """Return what was changed, or what there is to choose from."""
        if result.before is not None:
            changed = Changed(calendar="", event=result.event, before=result.before)
            return self._change.describe(changed, messages, clock)
        if result.recurring:
            return messages.say("events_named.recurring")
        return describe_choices("events_named", result, messages)

    async def carry_out(self, approved: Approved) -> Any:
        """Make exactly the change that was shown."""
        return await self._change.carry_out(approved)

    async def _changed(self, caller: Caller, command: C, event_id: str) -> EventSelection:
        change = ChangeEvent(event_id=event_id, patch=self.patch(command))
        changed = await self._change.run(caller, change)
        return EventSelection(event=changed.event, before=changed.before)

    @property
    def _change(self) -> ChangeEventAction:
        return ChangeEventAction(self._backends)

    async def _find(self, caller: Caller, described: DescribedEvent) -> list[CalendarEvent]:
        """Return the events of the days in question that the words fit, past ones left out.

        Of those of a day the one that begins at the time that is named is meant.
        """
        now = dt.datetime.now(dt.UTC)
        days = described.days or (_DAYS if described.start is None else 1)
        first = described.start or now
        events = (await read_events(self._backends, caller, first, days, SOURCE_LIMIT_S)).events
        if described.start is None:
            events = [event for event in events if event.end > now]
        elif exact := [event for event in events if event.start == described.start]:
            events = exact
        if described.about is not None:
            events = matching(described.about, events, lambda event: event.title)
        return events


def _choices(events: Sequence[CalendarEvent], messages: Messages) -> list[Choice]:
    return [
        Choice(id=event.id or "", title=_line(event, messages)) for event in events[:_MOST_CHOICES]
    ]


def _line(event: CalendarEvent, messages: Messages) -> str:
    """Return `Fri 12 Jun 09:00 Team standup`."""
    day = messages.short_date(event.start.date())
    return f"{day} {event.time or messages.say('all_day')} {quote(event.title)}"
