"""Tasks through the running program: plans, parts, approvals, results, limits."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from pisovereign.agents.dispatcher import MOST_AT_ONCE
from pisovereign.approvals.service import MOST_PENDING
from tests.agents.support import (
    FINAL,
    TASKS,
    approvals_of,
    begin,
    decide,
    events_of,
    show,
    wait_for,
)
from tests.connectors.calendar.radicale import Radicale
from tests.support.open_meteo import OpenMeteoServer
from tests.support.patience import PATIENCE_S
from tests.support.server import ADMIN_KEY, BOB_KEY, Server, wait_until

TRIP = (
    "Plan my trip to Berlin next week: check the weather, find what is in my calendar, "
    "and create the events."
)


def tools_of(task: dict[str, Any]) -> list[str]:
    return [part["tool"] for part in task["sub_agents"]]


def test_commands_become_one_answer_with_exact_facts(api: Server, meeting: str) -> None:
    task = begin(api, "Check the weather in Berlin and show my calendar for tomorrow")
    done = wait_for(api, task)
    assert done["status"] == "completed"
    assert done["plan_summary"] == "2 sub-tasks: weather, calendar"
    assert [part["status"] for part in done["sub_agents"]] == ["completed", "completed"]
    for fact in ("Berlin: 15°C, partly cloudy. Today 8 to 17°C", "14:30", meeting):
        assert fact in done["result"]
    for part in done["sub_agents"]:
        assert part["result"] in done["result"]


def test_german_is_answered_in_german(api: Server, meeting: str) -> None:
    task = begin(api, "Wie ist das Wetter in Köln, und was steht morgen in meinem Kalender?")
    done = wait_for(api, task)
    assert done["plan_summary"] == "2 Teilaufgaben: Wetter, Kalender"
    assert "Köln" in done["result"]
    assert meeting in done["result"]


def test_the_stream_tells_the_course_and_replays_whole(api: Server) -> None:
    task = begin(api, "Show my reminders, and tell me what you can do")
    told = events_of(api, task)
    kinds = [event.kind for event in told]
    assert kinds[:2] == ["task_started", "plan_created"]
    assert kinds.count("sub_agent_started") == kinds.count("sub_agent_completed") == 2
    assert kinds[-1] == "task_completed"
    assert [event.id for event in told] == list(range(1, 8))
    assert told[0].data.keys() == {"task_id", "description"}
    assert told[1].data.keys() == {"task_id", "sub_tasks"}
    # How long it takes is known once one like it was done.
    begun = {"sub_agent_id": "sa-1", "description": "Show my reminders"}
    assert told[2].data == begun | {"expected_s": told[2].data["expected_s"]}
    assert told[-1].data == {"task_id": task, "result": show(api, task)["result"]}
    assert events_of(api, task) == told
    for seen in range(8):
        assert events_of(api, task, after=seen) == told[seen:]


def test_a_side_effect_waits_for_its_approval(api: Server, radicale: Radicale) -> None:
    task = begin(api, TRIP)
    waiting = wait_for(api, task, "awaiting_approval")
    assert waiting["plan_summary"] == "3 sub-tasks: weather, calendar, events"
    assert [p["status"] for p in waiting["sub_agents"]] == [
        "completed",
        "completed",
        "awaiting_approval",
    ]
    (approval,) = approvals_of(api, task)
    before = len(radicale.objects("work"))
    assert approval["status"] == "pending"
    assert "Trip to Berlin" in approval["title"]
    decide(api, approval["id"])
    done = wait_for(api, task)
    assert done["status"] == "completed"
    assert approval["title"] in done["result"]
    assert len(radicale.objects("work")) == before + 1
    kinds = [event.kind for event in events_of(api, task)]
    assert kinds.count("approval_required") == 1
    (required,) = [e.data for e in events_of(api, task) if e.kind == "approval_required"]
    assert required["approval_id"] == approval["id"]
    assert required["title"] == approval["title"]
    assert required["details"] == approval["details"]


def test_a_denied_part_does_not_sink_the_others(api: Server) -> None:
    task = begin(api, "Remind me tomorrow at 9 to pack, and show my reminders")
    wait_for(api, task, "awaiting_approval")
    (approval,) = approvals_of(api, task)
    decide(api, approval["id"], "deny", reason="Not now")
    done = wait_for(api, task)
    assert done["status"] == "completed"
    failed, listed = done["sub_agents"]
    assert (failed["status"], failed["reason"]) == ("failed", "It was denied: Not now")
    assert listed["status"] == "completed"
    assert "Not now" in done["result"]


def test_nothing_waits_for_a_slow_part_beside_it(api: Server, meteo: OpenMeteoServer) -> None:
    meteo.delay_s = 4.0  # for each of two requests
    try:
        task = begin(
            api, "Check the weather in Zugspitze and remind me tomorrow at 8 to water the plants"
        )
        wait_until(lambda: approvals_of(api, task), PATIENCE_S, "an approval")
        decide(api, approvals_of(api, task)[0]["id"])
        assert wait_for(api, task)["status"] == "completed"
    finally:
        meteo.delay_s = 0.0
    told = [data for _, kind, data in events_of(api, task) if kind == "sub_agent_completed"]
    assert [data["sub_agent_id"] for data in told] == ["sa-2", "sa-1"]


@pytest.mark.parametrize(
    ("description", "reason"),
    [
        (
            "Show my reminders. If it rains, remind me tomorrow at 8 to take an umbrella.",
            "It depends on a condition, which nobody watches; nothing was changed",
        ),
        (
            "Zeig mir meine Erinnerungen und lösche alle meine Mails",
            "Darin wurde kein Befehl gefunden; geändert wurde nichts",
        ),
    ],
)
def test_what_cannot_be_done_is_not_said_to_be_done(
    api: Server, description: str, reason: str
) -> None:
    task = begin(api, description)
    shown, refused = wait_for(api, task)["sub_agents"]
    assert (shown["tool"], shown["status"]) == ("reminders", "completed")
    assert (refused["status"], refused["reason"]) == ("failed", reason)
    assert approvals_of(api, task) == []


def test_no_reminder_is_made_without_an_approval(api: Server) -> None:
    before = api.request("GET", "/v1/reminders").headers["X-Total-Count"]
    task = begin(api, "Remind me tomorrow at 8 to water the plants")
    wait_for(api, task, "awaiting_approval")
    assert api.request("GET", "/v1/reminders").headers["X-Total-Count"] == before
    (approval,) = approvals_of(api, task)
    decide(api, approval["id"])
    assert wait_for(api, task)["status"] == "completed"
    after = api.request("GET", "/v1/reminders").headers["X-Total-Count"]
    assert int(after) == int(before) + 1


def test_an_administrators_task_has_no_more_rights(api: Server) -> None:
    task = begin(api, "Remind me tomorrow at 7 to stretch", key=ADMIN_KEY)
    wait_for(api, task, "awaiting_approval")
    assert api.request("POST", f"{TASKS}/{task}/cancel").json()["status"] == "cancelled"


def test_nothing_begins_before_the_plan_is_approved(api: Server) -> None:
    task = begin(api, "Check the weather and show my reminders", require_approval=True)
    waiting = wait_for(api, task, "awaiting_approval")
    assert {part["status"] for part in waiting["sub_agents"]} == {"pending"}
    approval = api.request("GET", f"/v1/approvals/{waiting['approval_id']}").json()
    assert approval["kind"] == "agent_plan"
    assert [each["tool"] for each in approval["details"]["sub_tasks"]] == ["weather", "reminders"]
    decide(api, approval["id"])
    done = wait_for(api, task)
    assert done["status"] == "completed"
    kinds = [event.kind for event in events_of(api, task)]
    assert kinds.index("approval_required") < kinds.index("sub_agent_started")


def test_a_denied_plan_is_the_end(api: Server) -> None:
    task = begin(api, "Check the weather", require_approval=True)
    waiting = wait_for(api, task, "awaiting_approval")
    decide(api, waiting["approval_id"], "deny")
    done = wait_for(api, task)
    assert (done["status"], done["reason"]) == ("cancelled", "The plan was denied")
    assert {part["status"] for part in done["sub_agents"]} == {"cancelled"}
    assert events_of(api, task)[-1].kind == "task_cancelled"


def test_a_part_that_fails_says_why(api: Server) -> None:
    task = begin(api, "Check my mail and show my reminders")
    done = wait_for(api, task)
    assert done["status"] == "completed"
    mail, reminders = done["sub_agents"]
    assert mail["status"] == "failed"
    assert "email.imap_host" in mail["reason"]
    assert mail["reason"] in done["result"]
    assert reminders["status"] == "completed"


def test_that_the_model_cannot_is_told_in_the_users_language(api: Server) -> None:
    done = wait_for(api, begin(api, f"Erkläre mir bitte {'😀' * 3900}"))
    assert done["status"] == "failed"
    assert done["reason"].endswith(": Es ist länger, als das Modell lesen kann")


def test_a_task_of_which_nothing_works_fails(api: Server) -> None:
    task = begin(api, "Check my mail")
    done = wait_for(api, task)
    assert done["status"] == "failed"
    assert "email.imap_host" in done["reason"]
    assert events_of(api, task)[-1].data["reason"] == done["reason"]


def test_too_many_parts_are_refused_with_a_reason(api: Server) -> None:
    days = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    asked = "; ".join([f"show my calendar for {day}" for day in days])
    task = begin(api, f"{asked}; show my reminders; check the weather")
    done = wait_for(api, task)
    assert done["status"] == "failed"
    assert done["reason"].startswith("The request has 9 sub-tasks, and 8 is the most")


def test_then_waits_for_what_comes_before(api: Server) -> None:
    task = begin(api, "Check the weather, then show my reminders")
    wait_for(api, task)
    kinds = [(e.kind, e.data.get("sub_agent_id")) for e in events_of(api, task)]
    assert kinds.index(("sub_agent_completed", "sa-1")) < kinds.index(("sub_agent_started", "sa-2"))


def test_what_finds_no_room_to_ask_fails_and_keeps_nobody_waiting(api: Server) -> None:
    reminders = "; ".join(f"remind me tomorrow at {hour}:00 to breathe" for hour in range(8, 16))
    full = [begin(api, reminders, key=BOB_KEY) for _ in range(MOST_PENDING // 8 + 1)]
    try:
        for task in full:
            wait_for_bob(api, task, "awaiting_approval", *FINAL)
        # More of them than one process works at.
        begun = [
            begin(api, f"{what}, and show my reminders", key=BOB_KEY, require_approval=plan)
            for plan in (False, True)
            for what in ["Remind me tomorrow at 7 to rest"] * MOST_AT_ONCE
        ]
        full += begun
        for task in begun:
            wait_for_bob(api, task)
        ended = [show(api, task, key=BOB_KEY) for task in begun]
        assert [task["status"] for task in ended] == ["completed"] * MOST_AT_ONCE + [
            "failed"
        ] * MOST_AT_ONCE
        failed, listed = ended[0]["sub_agents"]
        assert (failed["status"], listed["status"]) == ("failed", "completed")
        assert failed["reason"] == ended[-1]["reason"]
        assert failed["reason"].startswith("Too many approvals wait already")
    finally:
        for task in full:
            api.request("POST", f"{TASKS}/{task}/cancel", key=BOB_KEY)


@pytest.mark.parametrize(
    ("body", "field", "error"),
    [
        ({}, "description", "is required"),
        ({"description": ""}, "description", "cannot be empty"),
        ({"description": " \n"}, "description", "cannot be empty"),
        ({"description": "a\0b"}, "description", "cannot contain NUL characters"),
        ({"description": "x" * 4001}, "description", "must be at most 4000 characters"),
        ({"description": "x", "require_approval": 1}, "require_approval", "must be true or false"),
        ({"description": "x", "other": 1}, "other", "is not a known field"),
    ],
)
def test_each_rule_is_kept(api: Server, body: Any, field: str, error: str) -> None:
    response = api.request("POST", TASKS, json=body)
    assert response.status_code == 422
    (named,) = response.json()["error"]["details"]["fields"]
    assert named["field"] == field
    assert named["error"].startswith(error)


@pytest.mark.parametrize("name", ["unknown", "somebody else's", "malformed"])
def test_what_is_not_ones_own_does_not_exist(api: Server, name: str) -> None:
    own = begin(api, "Show my reminders")
    identifier = {"unknown": str(uuid.uuid4()), "malformed": "x"}.get(name, own)
    path = f"{TASKS}/{identifier}"
    calls = [
        api.request("GET", path, key=BOB_KEY),
        api.request("GET", f"{path}/stream", key=BOB_KEY),
        api.request("POST", f"{path}/cancel", key=BOB_KEY),
    ]
    assert [call.status_code for call in calls] == [404] * 3
    assert {call.json()["error"]["message"] for call in calls} == {"No such task"}
    listed = api.request("GET", f"{TASKS}?limit=500", key=BOB_KEY).json()
    assert own not in [row["task_id"] for row in listed]


def test_the_list_is_counted_and_filtered(api: Server) -> None:
    task = begin(api, "Show my reminders", key=BOB_KEY)
    wait_for_bob(api, task, "completed")
    reply = api.request("GET", f"{TASKS}?status=completed&limit=1", key=BOB_KEY)
    assert int(reply.headers["X-Total-Count"]) >= 1
    assert [row["task_id"] for row in reply.json()] == [task]
    assert api.request("GET", f"{TASKS}?status=new", key=BOB_KEY).status_code == 422


def wait_for_bob(api: Server, task: str, *states: str) -> None:
    wanted = states or FINAL
    wait_until(lambda: show(api, task, key=BOB_KEY)["status"] in wanted, PATIENCE_S, f"{wanted}")
