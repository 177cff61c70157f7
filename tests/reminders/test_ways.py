"""Which ways a reminder is told in."""

from __future__ import annotations

import uuid
from typing import Any, cast
from zoneinfo import ZoneInfo

import msgspec
import pytest

from pisovereign.notifications.types import Way
from pisovereign.reminders.scheduler import Scheduler
from pisovereign.reminders.store import Due
from tests.actions.support import REMINDER


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        ((), ("events",)),
        (("events",), ("events",)),
        (("whatsapp",), ("events", "whatsapp")),
        (("mail", "events"), ("events", "mail")),
    ],
)
def test_open_pages_are_told_whatever_was_chosen(
    chosen: tuple[Way, ...], told: tuple[Way, ...]
) -> None:
    nothing = cast("Any", None)
    scheduler = Scheduler(
        database=nothing,
        store=nothing,
        notifications=nothing,
        ways=lambda user: chosen,
        users=[],
        zones=lambda _: ZoneInfo("UTC"),
        check_s=60.0,
    )
    due = Due(msgspec.structs.replace(REMINDER, status="due"), 0, None)
    assert scheduler._told(uuid.uuid4(), due).ways == told
