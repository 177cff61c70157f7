"""Moving an event that is named in words."""

from __future__ import annotations

import msgspec

from pisovereign.actions.fields import EventId, Label, Moment


class MoveCalendarEvent(msgspec.Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    """Move the event of words, an id, or a `day` to `start`; without `end` it stays as long."""

    start: Moment
    end: Moment | None = None
    about: Label | None = None
    event_id: EventId | None = None
    day: Moment | None = None
