"""Events that are named in words: the one that is meant waits for an approval."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import msgspec
import pytest

from pisovereign.actions.types import Completed, Pending
from pisovereign.connectors.calendar.types import CalendarEvent
from pisovereign.errors import NotConfigured
from pisovereign.languages import Language
from tests.actions.support import (
    BERLIN,
    CALLER,
    STANDUP,
    FakeApprovals,
    FakeCalendar,
    FakeEditor,
    service,
)

DAY = (dt.datetime.now(BERLIN) + dt.timedelta(days=3)).replace(
    hour=9, minute=0, second=0, microsecond=0
)


def event(identifier: str | None, title: str, hour: int) -> CalendarEvent:
    start = DAY.replace(hour=hour).astimezone(dt.UTC)
    return msgspec.structs.replace(
        STANDUP,
        id=identifier,
        title=title,
        time=f"{hour:02}:00",
        start=start,
        end=start + dt.timedelta(hours=1),
    )


DENTIST, LUNCH = event("a", "Dentist Dr. Meier", 9), event("b", "Lunch with Ada", 12)
CHOIR = event(None, "Choir", 19)
EVENTS = [DENTIST, LUNCH, CHOIR]


def ask(
    name: str, *, language: Language = "en", **args: Any
) -> tuple[Completed | Pending, FakeApprovals]:
    approvals = FakeApprovals()
    actions = service(
        approvals, calendar=FakeCalendar(EVENTS), event_editor=FakeEditor(DENTIST, LUNCH)
    )
    caller = CALLER._replace(language=language)
    return asyncio.run(actions.run(caller, actions.command(name, args))), approvals


@pytest.mark.parametrize("words", ["dentist", "the dentists appointment", "dentsit"])
def test_the_one_event_that_fits_waits_for_an_approval(words: str) -> None:
    answer, approvals = ask("delete_event", about=words)
    assert isinstance(answer, Pending)
    ((kind, title, change),) = approvals.asked
    assert (kind, change.id, change.after) == ("delete_event", "a", None)
    assert title == f"In work, delete Dentist Dr. Meier ({DAY:%Y-%m-%d} 09:00-10:00)"


def test_moving_keeps_the_length() -> None:
    later = DAY.replace(hour=15)
    answer, approvals = ask("move_event", about="lunch", start=later.isoformat(), language="de")
    assert isinstance(answer, Pending)
    ((kind, title, change),) = approvals.asked
    assert (kind, change.id, change.after.start) == ("move_event", "b", later.astimezone(dt.UTC))
    day = f"{DAY:%Y-%m-%d}"
    assert title == (
        f"In work ändern: Lunch with Ada ({day} 12:00-13:00), "
        f"zu: Lunch with Ada ({day} 15:00-16:00)"
    )


def test_the_time_of_an_event_names_it() -> None:
    _, approvals = ask("delete_event", start=DAY.replace(hour=12).isoformat())
    assert [change.id for _, _, change in approvals.asked] == ["b"]


def test_what_could_be_several_asks_for_nothing() -> None:
    answer, approvals = ask("delete_event", start=DAY.replace(hour=0).isoformat())
    assert isinstance(answer, Completed)
    assert answer.status == "needs_choice"
    given: Any = answer.result
    assert [choice.id for choice in given.choices] == ["a", "b"]
    assert answer.text.startswith("Which event do you mean?\n- ")
    assert approvals.asked == []


def test_what_is_not_there_says_what_is() -> None:
    answer, approvals = ask("delete_event", about="concert", language="de")
    assert answer.status == "not_found"
    assert answer.text.startswith("So einen Termin habe ich nicht gefunden. Es gibt:\n- ")
    assert approvals.asked == []


def test_what_recurs_is_changed_elsewhere() -> None:
    answer, _ = ask("delete_event", about="choir")
    assert (answer.status, answer.text) == (
        "not_found",
        "This event recurs; please change it in your calendar program.",
    )


def test_without_a_calendar_that_is_said() -> None:
    actions = service()
    with pytest.raises(NotConfigured):
        asyncio.run(actions.run(CALLER, actions.command("delete_event", {"about": "x"})))
