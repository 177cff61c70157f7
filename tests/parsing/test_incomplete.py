"""Commands whose words do not give everything."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from pisovereign.actions.types import CreateReminder
from pisovereign.parsing.types import Incomplete, Parsed, ParseResponse

AT = dt.datetime(2026, 3, 12, 8, tzinfo=dt.UTC)


def test_clients_see_what_is_known_and_what_is_missing() -> None:
    incomplete = Incomplete(CreateReminder, {"remind_at": AT})
    parsed = Parsed(
        parsed=True,
        command=None,
        confidence=0.9,
        requires_approval=False,
        incomplete=incomplete,
        missing=("title",),
    )
    assert msgspec.json.decode(msgspec.json.encode(ParseResponse.of(parsed))) == {
        "parsed": True,
        "command": {"type": "CreateReminder", "remind_at": "2026-03-12T08:00:00Z"},
        "confidence": 0.9,
        "requires_approval": False,
        "missing": ["title"],
    }


def test_a_command_is_completed_only_with_all_that_is_missing() -> None:
    incomplete = Incomplete(CreateReminder, {"remind_at": AT})
    assert incomplete.completed(title="bins") == CreateReminder(title="bins", remind_at=AT)
    with pytest.raises(TypeError):
        incomplete.completed()
