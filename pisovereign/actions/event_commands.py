"""The commands that make an event and delete it: each undoes the other."""

from __future__ import annotations

from pisovereign.actions.command import Command
from pisovereign.actions.fields import Days, EventId, Label, Moment, Place, Title


class CreateCalendarEvent(Command, frozen=True, kw_only=True, omit_defaults=True):
    """Put an event into the calendar; a side effect."""

    title: Title
    start: Moment
    end: Moment
    location: Place | None = None


class DeleteCalendarEvent(Command, frozen=True, kw_only=True, omit_defaults=True):
    """Delete the event of words, of an id, or of `days` whole days from `start` on."""

    about: Label | None = None
    event_id: EventId | None = None
    start: Moment | None = None
    days: Days | None = None
