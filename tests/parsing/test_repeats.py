"""Repetition in words, times that belong to one half of the day, and being told again later.

Said on Wednesday, 11 March 2026, at 11:35 in Berlin.
"""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from pisovereign.parsing.intent_model import Guess
from tests.parsing.support import BERLIN, message
from tests.support.rules import rules

NOW = dt.datetime(2026, 3, 11, 11, 35, tzinfo=BERLIN)

WAKING = {
    "Wake me at 6:30": "03-12 06:30",
    "Weck mich um halb sieben": "03-12 06:30",
    "Réveille-moi à six heures et demie": "03-12 06:30",
    "set an alarm for 7 in the evening": "03-11 19:00",
}
REPEATED = {
    "remind me every Monday at 7 to take out the bins": ("03-16 07:00", "weekly"),
    "remind me on Mondays at 7 to take out the bins": ("03-16 07:00", "weekly"),
    "remind me every evening at 8 to take out the bins": ("03-11 20:00", "daily"),
    "remind me every night at 10 to take out the bins": ("03-11 22:00", "daily"),
    "remind me every morning at 7 to take out the bins": ("03-12 07:00", "daily"),
    "remind me every day at 2:30 to take out the bins": ("03-11 14:30", "daily"),
    "remind me every day at 2:30 am to take out the bins": ("03-12 02:30", "daily"),
    "erinnere mich jeden Montag um 7 an die Tonne": ("03-16 07:00", "weekly"),
    "erinnere mich montags um 7 an die Tonne": ("03-16 07:00", "weekly"),
    "erinnere mich an jedem Montag um 7 an die Tonne": ("03-16 07:00", "weekly"),
    "erinnere mich jeden Abend um 8 an die Tonne": ("03-11 20:00", "daily"),
    "rappelle-moi tous les lundis à 7h de sortir la poubelle": ("03-16 07:00", "weekly"),
    "rappelle-moi chaque lundi à 7h de sortir la poubelle": ("03-16 07:00", "weekly"),
    "rappelle-moi tous les soirs à 8h de sortir la poubelle": ("03-11 20:00", "daily"),
}
TITLES = {"take out the bins", "Tonne", "sortir la poubelle"}
# There is no such repeat: nothing is set, rather than something else.
NONE_SUCH = [
    "remind me every two hours to drink",
    "remind me every other day to water the plants",
    "remind me twice a day to take my pills",
    "erinnere mich alle zwei Stunden ans Trinken",
    "erinnere mich jeden zweiten Tag ans Gießen",
    "rappelle-moi toutes les 2 heures de boire",
]
SNOOZED = {
    "snooze": None,
    "Snooze for 10 minutes": 10,
    "remind me again in 10 minutes": 10,
    "Schlummern": None,
    "noch 5 Minuten": 5,
    "erinnere mich in 10 Minuten nochmal": 10,
    "erinnere mich in 10 Minuten noch einmal": 10,
    "rappelle-moi encore dans 10 minutes": 10,
}


def arguments(text: str, intent: str) -> dict[str, object]:
    command = rules().weigh(message(text, NOW), [Guess(intent, 0.99)], []).command
    assert command is not None
    return msgspec.structs.asdict(command)


def shown(moment: object) -> str:
    assert isinstance(moment, dt.datetime)
    return f"{moment.astimezone(BERLIN):%m-%d %H:%M}"


@pytest.mark.parametrize("text", WAKING)
def test_waking_means_the_next_morning(text: str) -> None:
    assert shown(arguments(text, "alarm")["at"]) == WAKING[text]


@pytest.mark.parametrize("text", REPEATED)
def test_what_repeats_comes_when_it_is_meant(text: str) -> None:
    read = arguments(text, "reminder")
    assert (shown(read["remind_at"]), read["repeat"]) == REPEATED[text]
    assert read["title"] in TITLES


@pytest.mark.parametrize("text", NONE_SUCH)
def test_a_repeat_that_there_is_not_sets_nothing(text: str) -> None:
    parsed = rules().weigh(message(text, NOW), [Guess("reminder", 0.99)], [])
    assert (parsed.command, parsed.incomplete, parsed.unsupported) == (None, None, "intervals")


@pytest.mark.parametrize("text", SNOOZED)
def test_being_told_again_later(text: str) -> None:
    parsed = rules().parse(text, NOW, BERLIN, [])
    assert type(parsed.command).__name__ == "SnoozeReminder"
    assert parsed.command is not None
    assert msgspec.structs.asdict(parsed.command)["minutes"] == SNOOZED[text]


def test_another_time_is_no_snooze() -> None:
    parsed = rules().parse("remind me again tomorrow at 9", NOW, BERLIN, [])
    assert type(parsed.command).__name__ != "SnoozeReminder"
