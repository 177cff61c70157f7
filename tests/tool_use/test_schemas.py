"""What a model is told of arguments, and what is made of those that it gives."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pisovereign.actions import registry
from pisovereign.actions.service import ActionService
from pisovereign.actions.types import CreateReminder, ListCalendarEvents
from pisovereign.tool_use.actions import ActionTools, everybodys, further
from pisovereign.tool_use.schemas import read_arguments, simple_schema

BERLIN = ZoneInfo("Europe/Berlin")
MOST_BYTES = 6_000


class NoApprovals:
    async def request(self, *asked: Any) -> Any:
        raise AssertionError("nothing is called")


def tools() -> ActionTools:
    service = ActionService((), NoApprovals(), lambda _: BERLIN)
    return ActionTools(service, lambda _: BERLIN, (*everybodys(), *further()))


def test_the_tools_are_actions_with_arguments_that_a_model_can_give() -> None:
    """Every description belongs to an action and names each argument that it cannot do without."""
    offered = tools().tools()
    assert len(offered) == len(everybodys()) + len(further())
    for tool in offered:
        spec = registry.find(tool.name, "mcp")
        assert tool.has_effects == spec.side_effects
        assert tool.has_effects == tool.description.endswith("The user has to approve it.")
        assert not {"confirmed", "everything"} & tool.parameters["properties"].keys()
        for name, schema in tool.parameters["properties"].items():
            assert schema["type"], name
            assert schema["description"], name
            assert "anyOf" not in schema
            assert not name.endswith("_id")


def test_they_are_the_same_each_time_and_short() -> None:
    first, second = (json.dumps([t.parameters for t in tools().tools()]) for _ in range(2))
    assert first == second
    assert len(first) < MOST_BYTES


def test_what_may_be_left_out_is_no_alternative() -> None:
    schema = registry.find("weather").arguments()
    simple = simple_schema(schema, {"location": "City", "day": "Day"})
    assert simple["properties"] == {
        "location": {"type": "string", "description": "City"},
        "day": {"type": "string", "format": "date", "description": "Day"},
    }
    assert "required" not in simple


@pytest.mark.parametrize("described", [{"title": "What"}, {"title": "", "remind_at": "", "x": ""}])
def test_a_description_that_does_not_fit_is_refused(described: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="arguments"):
        simple_schema(registry.find("create_reminder").arguments(), described)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("2026-07-01T09:00", "2026-07-01T09:00:00+02:00"),
        ("2026-12-01 09:00", "2026-12-01T09:00:00+01:00"),
        ("2026-12-01", "2026-12-01T00:00:00+01:00"),
        ("2026-12-01T09:00Z", "2026-12-01T09:00Z"),
        ("tomorrow", "tomorrow"),
        (7, 7),
    ],
)
def test_local_times_get_the_users_zone(given: Any, read: Any) -> None:
    assert read_arguments({"start": given}, ListCalendarEvents, BERLIN) == {"start": read}


def test_what_is_empty_was_left_out_but_for_what_is_needed() -> None:
    given = {"title": "", "repeat": "", "remind_at": None}
    assert read_arguments(given, CreateReminder, BERLIN) == {"title": ""}
