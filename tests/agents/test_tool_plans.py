"""A model that calls tools plans with them: it looks up; what changes something is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.agents.support import approvals_of, begin, decide, wait_for
from tests.support.acting import Acting, acting
from tests.support.scripted_model import Calls
from tests.support.server import Server

DENTIST = "Keep the dentist in mind for 2099-07-01 at 9"
ARGUMENTS = {"title": "the dentist", "remind_at": "2099-07-01T09:00"}
TEA = "The tea that Anna loves has to be there when she comes"
MEMORY = "Anna loves Lapsang Souchong."


@pytest.fixture(name="acting", scope="module")
def _acting(server: Server, models_dir: Path) -> Iterator[Acting]:
    with acting(server, models_dir) as running:
        yield running


def script(acting: Acting, *said: Any) -> None:
    acting.model.forget()
    acting.model.script["plan"] = list(said)


def parts_of(task: dict[str, Any]) -> list[tuple[str, list[str], str]]:
    return [(part["tool"], part["depends_on"], part["status"]) for part in task["sub_agents"]]


def test_what_a_plan_changes_is_asked_for(acting: Acting) -> None:
    script(acting, Calls(("create_reminder", ARGUMENTS)), "Done.")
    task = begin(acting.server, DENTIST)
    wait_for(acting.server, task, "awaiting_approval")
    (approval,) = approvals_of(acting.server, task)
    assert approval["title"].startswith("Create a reminder for 2099-07-01 09:00")
    assert acting.server.request("GET", "/v1/reminders").json() == []
    decide(acting.server, approval["id"])
    assert parts_of(wait_for(acting.server, task)) == [("create_reminder", [], "completed")]
    (reminder,) = acting.server.request("GET", "/v1/reminders").json()
    acting.server.request("DELETE", f"/v1/reminders/{reminder['id']}")
    first, second = acting.model.requests["plan"]
    assert "create_reminder" in {tool["function"]["name"] for tool in first["tools"]}
    assert first["messages"][-1]["content"].endswith(f"\n{DENTIST}")
    assert second["messages"][-1]["role"] == "tool"
    assert "Planned" in second["messages"][-1]["content"]


def test_what_was_looked_up_may_be_acted_upon(acting: Acting) -> None:
    acting.server.request("POST", "/v1/memories", json={"content": MEMORY, "summary": MEMORY})
    script(
        acting,
        Calls(("memory_search", {"q": "tea of Anna"})),
        Calls(("add_to_list", {"items": ["Lapsang Souchong"]})),
        "Done.",
    )
    task = begin(acting.server, TEA)
    wait_for(acting.server, task, "awaiting_approval")
    (approval,) = approvals_of(acting.server, task)
    assert "Lapsang Souchong" in f"{approval['title']} {approval['details']}"
    assert MEMORY in acting.model.requests["plan"][1]["messages"][-1]["content"]
    decide(acting.server, approval["id"])
    assert parts_of(wait_for(acting.server, task)) == [
        ("memory", [], "completed"),
        ("add_to_list", ["sa-1"], "completed"),
    ]


def test_what_nobody_said_is_given_back_and_not_planned(acting: Acting) -> None:
    invented = {**ARGUMENTS, "title": "the surgeon"}
    script(
        acting, Calls(("create_reminder", invented)), Calls(("create_reminder", ARGUMENTS)), "Done."
    )
    task = begin(acting.server, DENTIST)
    wait_for(acting.server, task, "awaiting_approval")
    (approval,) = approvals_of(acting.server, task)
    assert "the dentist" in approval["title"]
    assert "title was not said by the user" in str(acting.model.requests["plan"][1]["messages"])
    decide(acting.server, approval["id"], "deny")
    wait_for(acting.server, task)


def test_without_a_call_the_request_is_answered_in_words(acting: Acting) -> None:
    script(acting, "I do not know.")
    acting.model.script["answer"] = [{"action": "answer", "text": "Better leave it."}]
    task = wait_for(acting.server, begin(acting.server, "Should I learn the violin?"))
    assert parts_of(task) == [("answer", [], "completed")]
    assert "Better leave it." in task["result"]
