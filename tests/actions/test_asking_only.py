"""Whoever may only ask changes nothing, whatever the key may do."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from pisovereign.actions.registry import offered_to
from pisovereign.actions.types import Completed, Pending
from pisovereign.api_keys import Identity
from tests.actions.support import (
    CALLER,
    FACT,
    LAMP,
    REMINDER,
    SHOPPING,
    STANDUP,
    TASK,
    FakeApprovals,
    FakeCalendar,
    FakeCatalog,
    FakeEditor,
    FakeHome,
    FakeLists,
    FakeMemories,
    FakeReminders,
    FakeTasks,
    service,
)

# A key with every right; the words that it comes with were chosen by a model.
PERSON = CALLER._replace(
    identity=Identity(CALLER.identity.user_id, frozenset(("user", "approve", "admin")))
)
MODEL = PERSON.asking_only()
# What takes back what a person did.
ONLY_PEOPLE = {"restore_reminders"}
MOMENT, LATER = "2099-12-24T17:00:00Z", "2099-12-24T18:00:00Z"
ARGUMENTS: dict[str, dict[str, Any]] = {
    "create_reminder": {"title": "Call <b>Ada", "remind_at": MOMENT},
    "set_alarm": {"at": MOMENT, "repeat": "weekdays"},
    "set_timer": {"seconds": 300, "label": "Eggs"},
    "cancel_reminders": {"about": "call Ada"},
    "move_reminder": {"about": "call Ada", "remind_at": LATER},
    "snooze_reminder": {"minutes": 10},
    "restore_reminders": {"reminders": [{"title": "Call Ada", "remind_at": MOMENT}]},
    "add_to_list": {"items": ["Eggs"]},
    "remove_from_list": {"items": ["milk"]},
    "create_list": {"list": "Party"},
    "delete_list": {"list": "shopping list"},
    "create_event": {"title": "Meeting", "start": MOMENT, "end": LATER},
    "delete_event": {"event_id": "abc"},
    "move_event": {"event_id": "abc", "start": MOMENT},
    "add_task": {"title": "Tax return"},
    "complete_task": {"about": "tax"},
    "control_home": {"action": "turn_off", "names": ["Kitchen lamp"]},
    "send_email": {"to": "ada@example.org", "subject": "Hi", "body": "Hello"},
    "remember": {"statement": "The key is under the pot"},
    "forget": {"about": "the key"},
    "draft_email": {"to": "ada@example.org", "subject": "Hi", "body": "Hello"},
}


def test_a_model_has_the_rights_of_an_ordinary_key() -> None:
    assert MODEL.identity.scopes == {"user"}
    assert MODEL.identity.user_id == PERSON.identity.user_id


@pytest.mark.parametrize("client", ["agents", "mcp"])
def test_everything_that_models_are_offered_and_changes_something_is_here(client: Any) -> None:
    changing = {spec.name for spec in offered_to(client) if spec.side_effects}
    assert changing | ONLY_PEOPLE == {*ARGUMENTS, "run"}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_a_model_only_asks(name: str) -> None:
    approvals, reminders, memories = FakeApprovals(), FakeReminders(REMINDER), FakeMemories(FACT)
    lists, tasks, home = FakeLists(SHOPPING), FakeTasks(TASK), FakeHome(LAMP)
    actions = service(
        approvals,
        reminders=reminders,
        calendar=FakeCalendar([]),
        event_editor=FakeEditor(msgspec.structs.replace(STANDUP, id="abc")),
        memories=memories,
        lists=lists,
        tasks=tasks,
        home=home,
    )
    asked = asyncio.run(actions.run(MODEL, actions.command(name, ARGUMENTS[name])))
    assert isinstance(asked, Pending)
    assert [kind for kind, _, _ in approvals.asked] == [name]
    # The audit log says which key asked, with all that it may do.
    assert approvals.keys == [PERSON.identity]
    assert reminders.listed == [REMINDER]
    assert memories.known == [FACT]
    assert lists.known == [SHOPPING]
    assert tasks.made == []
    assert home.called == []


def test_an_approval_that_is_there_already_is_told_as_what_it_is() -> None:
    """A model that is asked again after a crash may choose other arguments."""

    class Asked(FakeApprovals):
        async def request(self, *given: Any) -> Any:
            return msgspec.structs.replace(await super().request(*given), title="Call Bob")

    actions = service(Asked())
    command = actions.command("create_reminder", ARGUMENTS["create_reminder"])
    asked = asyncio.run(actions.run(MODEL, command))
    assert isinstance(asked, Pending)
    assert asked.title == "Call Bob"
    assert "Call Bob" in asked.text
    assert "Ada" not in asked.text


def test_a_person_is_reminded_without_being_asked() -> None:
    approvals, reminders = FakeApprovals(), FakeReminders()
    actions = service(approvals, reminders=reminders)
    command = actions.command("create_reminder", ARGUMENTS["create_reminder"])
    done = asyncio.run(actions.run(PERSON, command))
    assert isinstance(done, Completed)
    assert [reminder.title for reminder in reminders.listed] == ["Call <b>Ada"]
    assert approvals.asked == []


def test_an_approver_reads_when_and_of_what_to_remind() -> None:
    actions = service()
    command = actions.command("create_reminder", ARGUMENTS["create_reminder"])
    new = asyncio.run(actions.prepare(MODEL, command))
    assert new is not None
    assert new.title == "Create a reminder for 2099-12-24 18:00: “Call ‹b›Ada”"
    german = asyncio.run(actions.prepare(MODEL._replace(language="de"), command))
    assert german is not None
    assert german.title == "Erinnerung für 2099-12-24 18:00 anlegen: „Call ‹b›Ada“"


@pytest.mark.parametrize("requires_approval", [True, False])
def test_the_catalog_judges_the_model_and_not_the_key(*, requires_approval: bool) -> None:
    judged: list[frozenset[str]] = []

    class Judging(FakeCatalog):
        async def bind(self, identity: Identity, *given: Any) -> Any:
            judged.append(frozenset(identity.scopes))
            return await super().bind(identity, *given)

    catalog = Judging(requires_approval=requires_approval)
    actions = service(catalog=catalog)
    command = actions.command("run", {"catalog_id": "default-uptime"})
    done = asyncio.run(actions.run(MODEL, command))
    assert isinstance(done, Pending if requires_approval else Completed)
    assert len(catalog.executed) == (not requires_approval)
    assert set(judged) == {frozenset(("user",))}


def test_nothing_else_is_offered_to_people_than_to_models() -> None:
    people = {spec.name for spec in offered_to("commands")}
    for client in ("agents", "mcp"):
        models = {spec.name for spec in offered_to(client)}
        assert models == people - ONLY_PEOPLE | {"memory_search", "search_documents"}
