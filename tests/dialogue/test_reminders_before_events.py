"""Reminders some time before events of a calendar, with the running program."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.dialogue.conversations import forget_everything
from tests.support.days import lasting_day
from tests.support.equipped import CALENDAR, Equipped

BERLIN = ZoneInfo("Europe/Berlin")
SHOW = {
    "en": "What's in my calendar on {day}?",
    "de": "Was steht am {day} in meinem Kalender?",
    "fr": "Qu'est-ce que j'ai dans mon agenda le {day} ?",
}


def day_after_tomorrow() -> dt.date:
    return lasting_day(BERLIN) + dt.timedelta(days=2)


def add(equipped: Equipped, title: str, begins: str) -> None:
    """An event of a calendar program; `begins` is as iCalendar writes it."""
    lines = (
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:test", "BEGIN:VEVENT", f"UID:{title}",
        "DTSTAMP:20260101T000000Z", f"SUMMARY:{title}", f"DTSTART{begins}", "END:VEVENT",
        "END:VCALENDAR", "",
    )  # fmt: skip
    equipped.radicale.add(CALENDAR, title.lower(), "\r\n".join(lines))


class Talk:
    """A conversation in one language.

    Args:
        equipped: The program.
        language: What it is held in.
    """

    def __init__(self, equipped: Equipped, language: str) -> None:
        forget_everything(equipped.server)
        self._server = equipped.server
        self._language = language
        self._name = f"before-{uuid.uuid4()}"

    def say(self, text: str) -> dict[str, Any]:
        response = self._server.request(
            "POST",
            "/v1/chat",
            headers={"Accept-Language": self._language},
            json={"message": text, "conversation_id": self._name},
        )
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def show(self, day: dt.date, *titles: str) -> None:
        """Have the events of a day listed."""
        answer = self.say(SHOW[self._language].format(day=day.isoformat()))
        assert all(title in answer["content"] for title in titles), answer["content"]

    def reminders(self, day: dt.date) -> list[tuple[str, str]]:
        """The title of each open reminder, and how many days before a day it is at what time."""
        listed = self._server.request("GET", "/v1/reminders?status=open&limit=500").json()
        times = [dt.datetime.fromisoformat(row["remind_at"]).astimezone(BERLIN) for row in listed]
        return [
            (row["title"], f"{(day - at.date()).days} {at:%H:%M}")
            for row, at in zip(listed, times, strict=True)
        ]


@pytest.mark.parametrize(
    ("language", "text", "whole_day", "timed"),
    [
        ("en", "remind me the evening before", "1 19:00", "1 19:00"),
        ("en", "remind me the evening before at eight", "1 20:00", "1 20:00"),
        ("en", "remind me 30 minutes earlier", "1 23:30", "0 14:30"),
        ("de", "erinner mich am Abend davor", "1 19:00", "1 19:00"),
        ("de", "eine Stunde vorher erinnern", "1 23:00", "0 14:00"),
        ("de", "erinner mich morgens an dem Tag", "0 09:00", "0 09:00"),
        ("fr", "rappelle-moi la veille au soir", "1 19:00", "1 19:00"),
        ("fr", "rappelle-le-moi une heure avant", "1 23:00", "0 14:00"),
        ("fr", "rappelle-moi le matin même", "0 09:00", "0 09:00"),
    ],
)
def test_an_event_that_was_shown(
    equipped: Equipped, language: str, text: str, whole_day: str, timed: str
) -> None:
    day = lasting_day(BERLIN) + dt.timedelta(days=2)
    whole, at_three = f";VALUE=DATE:{day:%Y%m%d}", f";TZID=Europe/Berlin:{day:%Y%m%dT150000}"
    for title, begins, when in (("Bin", whole, whole_day), ("Dentist", at_three, timed)):
        equipped.radicale.empty(CALENDAR)
        add(equipped, title, begins)
        talk = Talk(equipped, language)
        talk.show(day, title)
        answer = talk.say(text)
        assert answer["command"]["type"] == "CreateReminder", answer
        assert title in answer["content"]
        assert talk.reminders(day) == [(title, when)]


@pytest.mark.parametrize(
    ("language", "text", "choice"),
    [
        ("en", "remind me the evening before", "the dentist"),
        ("de", "erinner mich am Abend davor", "die zweite"),
        ("fr", "rappelle-moi la veille au soir", "2"),
    ],
)
def test_one_of_several_that_were_shown(
    equipped: Equipped, language: str, text: str, choice: str
) -> None:
    day = lasting_day(BERLIN) + dt.timedelta(days=2)
    add(equipped, "Bin", f";VALUE=DATE:{day:%Y%m%d}")
    add(equipped, "Dentist", f";TZID=Europe/Berlin:{day:%Y%m%dT150000}")
    talk = Talk(equipped, language)
    talk.show(day, "Bin", "Dentist")
    asked = talk.say(text)
    assert asked["command"]["status"] == "incomplete"
    assert "1. Bin" in asked["content"]
    assert "2. Dentist" in asked["content"]
    assert not any(midnight in asked["content"] for midnight in ("00:00", " 0 h"))
    assert talk.reminders(day) == []
    talk.say(choice)
    assert talk.reminders(day) == [("Dentist", "1 19:00")]


def test_what_is_over_is_refused(equipped: Equipped) -> None:
    day = lasting_day(BERLIN)
    add(equipped, "Party", f";TZID=Europe/Berlin:{day:%Y%m%dT235900}")
    talk = Talk(equipped, "en")
    talk.show(day, "Party")
    answer = talk.say("remind me the evening before")
    assert answer["command"]["status"] == "failed", answer
    assert "must be in the future" in answer["content"]
    assert talk.reminders(day) == []


def test_where_nothing_was_shown_it_stays_a_request_of_its_own(equipped: Equipped) -> None:
    talk = Talk(equipped, "en")
    answer = talk.say("remind me the evening before the wedding to iron my shirt")
    assert answer["command"]["status"] == "incomplete", answer
    assert answer["command"]["missing"] == ["remind_at"]
    assert talk.reminders(lasting_day(BERLIN)) == []
