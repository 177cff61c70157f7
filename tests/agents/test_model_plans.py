"""What no rule understands is planned by the model, as far as the user's words bear it out."""

from __future__ import annotations

from typing import Any

import pytest

from pisovereign.agents.planning.proposals import Proposal, merge_plans
from pisovereign.agents.types import ANSWER, Draft
from tests.agents.support import approvals_of, begin, decide, wait_for
from tests.support.equipped import Equipped
from tests.support.scripted_model import plan, sub_task

BIKE = "Should I take the bike in Berlin?"


def done(equipped: Equipped, description: str) -> dict[str, Any]:
    return wait_for(equipped.server, begin(equipped.server, description))


def test_a_plan_of_the_model_is_carried_out(equipped: Equipped) -> None:
    equipped.model.script["plan"] = [plan(sub_task("weather", location="Berlin"))]
    task = done(equipped, BIKE)
    (part,) = task["sub_agents"]
    assert (part["tool"], part["status"]) == ("weather", "completed")
    assert part["description"] == "Should I take the bike in Berlin"
    assert task["plan_summary"] == "1 sub-task: weather"
    assert "Berlin: 15°C" in task["result"]
    (asked,) = equipped.model.asked["plan"]
    assert asked[-1]["content"].endswith("\n1. Should I take the bike in Berlin")


def test_several_sub_tasks_stand_between_those_of_the_rules(equipped: Equipped) -> None:
    equipped.model.script["plan"] = [
        plan(
            sub_task("weather", location="Berlin"),
            sub_task("memory", 1, query="bike"),
        )
    ]
    task = done(equipped, f"Show my reminders. {BIKE} Show my calendar.")
    parts = [(part["tool"], part["depends_on"], part["status"]) for part in task["sub_agents"]]
    assert parts == [
        ("reminders", [], "completed"),
        ("weather", [], "completed"),
        ("memory", ["sa-2"], "completed"),
        ("calendar", [], "completed"),
    ]


def test_what_a_plan_changes_is_asked_for(equipped: Equipped) -> None:
    arguments = {"title": "the dentist", "remind_at": "2099-07-01T09:00:00+02:00"}
    equipped.model.script["plan"] = [plan(sub_task("create_reminder", **arguments))]
    said = "Keep the dentist in mind for 2099-07-01 at 9"
    task = begin(equipped.server, said)
    wait_for(equipped.server, task, "awaiting_approval")
    (approval,) = approvals_of(equipped.server, task)
    assert approval["title"] == "Create a reminder for 2099-07-01 09:00: “the dentist”"
    decide(equipped.server, approval["id"])
    assert wait_for(equipped.server, task)["status"] == "completed"
    assert "the dentist" in equipped.server.request("GET", "/v1/reminders").text


def test_a_plan_that_breaks_a_rule_is_given_back_once(equipped: Equipped) -> None:
    equipped.model.script["plan"] = [
        plan(sub_task("weather", location="Bonn")),
        plan(sub_task("weather", location="Berlin")),
    ]
    assert "Berlin: 15°C" in done(equipped, BIKE)["result"]
    first, second = equipped.model.asked["plan"]
    assert second[: len(first)] == first
    assert [message["role"] for message in second[len(first) :]] == ["assistant", "user"]
    assert "sub-task 1: location was not said by the user" in second[-1]["content"]


def test_after_two_faulty_plans_the_model_answers_in_words(equipped: Equipped) -> None:
    equipped.model.script["plan"] = [plan(sub_task("weather", location="Bonn"))] * 2
    equipped.model.script["answer"] = [{"action": "answer", "text": "Better leave it."}]
    task = done(equipped, BIKE)
    assert [part["tool"] for part in task["sub_agents"]] == ["answer"]
    assert (task["status"], task["result"]) == ("completed", "Better leave it.")


def test_an_order_for_which_there_is_no_plan_is_refused(equipped: Equipped) -> None:
    task = done(equipped, "Delete all my emails")
    assert len(equipped.model.asked["plan"]) == 2
    assert equipped.model.asked["answer"] == []
    assert task["reason"].endswith("No command was found in it; nothing was changed")


# By the rules: a reading, then two requests that they do not understand, then another reading.
DRAFTS = [
    Draft(description="mail", tool="emails"),
    Draft(description="bike", tool=ANSWER, depends_on=(1,)),
    Draft(description="coat", tool=ANSWER, depends_on=(1,)),
    Draft(description="reminders", tool="reminders", depends_on=(2, 3)),
]


def planned(request: int, tool: str, *after: int) -> Proposal:
    return Proposal(request=request, tool=tool, depends_on=list(after))


@pytest.mark.parametrize(
    ("sub_tasks", "expected"),
    [
        ([], [("emails", ()), (ANSWER, (1,)), (ANSWER, (1,)), ("reminders", (2, 3))]),
        # Whoever waited for a request waits for all that it became.
        (
            [planned(1, "weather"), planned(1, "calendar", 1)],
            [
                ("emails", ()),
                ("weather", (1,)),
                ("calendar", (1, 2)),
                (ANSWER, (1,)),
                ("reminders", (2, 3, 4)),
            ],
        ),
        # What is answered in words waits too, and is waited for.
        (
            [planned(1, "weather"), planned(2, ANSWER, 1)],
            [("emails", ()), ("weather", (1,)), (ANSWER, (1, 2)), ("reminders", (2, 3))],
        ),
        (
            [planned(1, ANSWER), planned(2, "weather", 1)],
            [("emails", ()), (ANSWER, (1,)), ("weather", (1, 2)), ("reminders", (2, 3))],
        ),
        # The order of the requests is that of the user.
        (
            [planned(2, "weather"), planned(1, "calendar", 1)],
            [("emails", ()), ("calendar", (1,)), ("weather", (1,)), ("reminders", (2, 3))],
        ),
    ],
)
def test_a_plan_takes_the_places_of_what_was_left(
    sub_tasks: list[Proposal], expected: list[tuple[str, tuple[int, ...]]]
) -> None:
    drafts = merge_plans(DRAFTS, sub_tasks)
    assert [(draft.tool, draft.depends_on) for draft in drafts] == expected
