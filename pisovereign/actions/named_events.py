"""Changes of events that are named in words: which one is meant, and the approval that it needs."""

from __future__ import annotations

import abc
import datetime as dt
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from pisovereign.actions.action import ApprovedAction, DirectAction
from pisovereign.actions.backends import SOURCE_LIMIT_S
from pisovereign.actions.caller import Caller
from pisovereign.actions.change_event import ChangeEvent, ChangeEventAction, EventPatch
from pisovereign.actions.list_events import read_events
from pisovereign.actions.messages import messages_in, quote
from pisovereign.actions.outcome import Choice, Outcome
from pisovereign.actions.outcome_words import describe_choices
from pisovereign.actions.word_matching import matching
from pisovereign.approvals.types import Approved, NewApproval
from pisovereign.integrations.calendar.types import CalendarEvent
from pisovereign.languages.messages import Clock, Messages

C = TypeVar("C", bound=msgspec.Struct)
# Whoever names no day means one of the weeks to come.
_DAYS = 60
_MOST_CHOICES = 20


class DescribedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of the event that is meant; what is None may be anything."""

    about: str | None = None
    event_id: str | None = None
    start: dt.datetime | None = None
    days: int | None = None


class EventSelection(Outcome, frozen=True, kw_only=True):
    """The events that may be meant; nothing has changed.

    `recurring` is true where what the words fit recurs, which is changed in a calendar program.
    """

    recurring: bool = False


class NamedEventAction(DirectAction[C, EventSelection], ApprovedAction[C]):
    """Changes the one event that words fit, after an approval; if it is not one, asks which."""

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

    async def prepare(self, caller: Caller, command: C) -> NewApproval | None:
        """Return the change of the event; None if it is not clear which one is meant.

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
        return NewApproval(self.kind, new.title, new.payload)

    async def run(self, caller: Caller, command: C) -> EventSelection:
        """Return the events that may be meant, or that there are."""
        described, messages = self.described(command), messages_in(caller.language)
        found = await self._find(caller, described)
        fitting = [event for event in found if event.id]
        if fitting:
            return EventSelection(status="needs_choice", choices=_choices(fitting, messages))
        anything = DescribedEvent(start=described.start, days=described.days)
        there = [event for event in await self._find(caller, anything) if event.id]
        return EventSelection(
            status="not_found", choices=_choices(there, messages), recurring=bool(found)
        )

    def describe(self, result: EventSelection, messages: Messages, clock: Clock) -> str:
        """Return what there is to choose from."""
        if result.recurring:
            return messages.say("events_named.recurring")
        return describe_choices("events_named", result, messages)

    async def carry_out(self, approved: Approved) -> Any:
        """Make exactly the change that was shown."""
        return await self._change.carry_out(approved)

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
