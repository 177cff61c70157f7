"""Hours of alarms that are said with "to"."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from pisovereign.actions.types import SetAlarm
from pisovereign.parsing.intent_model import Guess
from tests.parsing.support import message
from tests.support.rules import rules

NOW = dt.datetime(2026, 2, 6, 20, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [
        ("Could you wake me up at a quarter to seven tomorrow?", 6, 45),
        ("wake me at ten to seven tomorrow", 6, 50),
        ("set the alarm to seven tomorrow", 7, 0),
        ("set an alarm for 7 tomorrow", 7, 0),
    ],
)
def test_to_before_an_hour(text: str, hour: int, minute: int) -> None:
    parsed = rules().by_intent(message(text, NOW, ZoneInfo("UTC")), [Guess("alarm", 0.99)], [])
    assert parsed is not None
    command = parsed.command
    assert isinstance(command, SetAlarm)
    assert command.at == dt.datetime(2026, 2, 7, hour, minute, tzinfo=dt.UTC)
