"""Times of events and tasks stay what they are, also where clocks are put back."""

from __future__ import annotations

import datetime as dt
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from pisovereign.actions.event_commands import CreateCalendarEvent
from pisovereign.connectors.calendar.editing import edit_event, new_event_text
from pisovereign.connectors.calendar.task_text import edit_task, new_task_text
from pisovereign.connectors.calendar.task_types import NewTask, TaskEdit
from pisovereign.connectors.calendar.types import Edit

BERLIN = ZoneInfo("Europe/Berlin")
# It is 2:30 at half past twelve and at half past one.
NIGHT = dt.datetime(2026, 10, 25, 0, 0, tzinfo=dt.UTC)
LENGTH = dt.timedelta(minutes=30)


@pytest.mark.parametrize("minutes", [0, 30, 60, 90, 120])
def test_what_is_in_the_hour_that_comes_twice_stays_there(minutes: int) -> None:
    start = NIGHT + dt.timedelta(minutes=minutes)
    mark = str(uuid4())
    new = CreateCalendarEvent(title="Night train", start=start, end=start + LENGTH)
    there = Edit(mark=mark, at=NIGHT, title="Train")
    made = edit_event(new_event_text(new, "1", BERLIN), there, BERLIN).before
    assert (made.start, made.end) == (start, start + LENGTH)
    earlier = CreateCalendarEvent(title="Train", start=NIGHT - 9 * LENGTH, end=NIGHT - 8 * LENGTH)
    later = Edit(mark=mark, at=NIGHT, start=start)
    moved = edit_event(new_event_text(earlier, "2", BERLIN), later, BERLIN).after
    assert (moved.start, moved.end) == (start, start + LENGTH)
    text = new_task_text(NewTask(title="Change trains", due=start), "3", BERLIN)
    task = edit_task(text, TaskEdit(mark=mark, at=NIGHT, title="Change"), BERLIN).before
    assert task.due == start
