"""Editing what was asked, and asking for an answer once more."""

from __future__ import annotations

import uuid
from typing import Any

from tests.chat.test_answer_streams import ask
from tests.chat.test_stream import in_flight
from tests.support.long_answers import LONG_STORY
from tests.support.patience import PATIENCE_S
from tests.support.server import BOB_KEY, Server, wait_until


def said(server: Server, conversation: str) -> list[dict[str, Any]]:
    found = server.request("GET", f"/v1/conversations/{conversation}/messages").json()
    assert isinstance(found, list)
    return found


def contents(server: Server, conversation: str) -> list[str]:
    return [one["content"] for one in said(server, conversation) if one["role"] == "user"]


def begun(server: Server, *messages: str) -> str:
    name = f"edited-{uuid.uuid4()}"
    for message in messages:
        assert server.chat(message, conversation_id=name, max_tokens=4).status_code == 200
    return name


def test_an_edited_message_takes_the_place_of_all_that_followed(server: Server) -> None:
    name = begun(server, "Tell me of Rome.", "And of Paris?", "And of Oslo?")
    second = said(server, name)[2]
    answer = server.chat(
        "And of Berlin?", conversation_id=name, replaces=second["id"], max_tokens=4
    ).json()
    assert contents(server, name) == ["Tell me of Rome.", "And of Berlin?"]
    assert said(server, name)[-1]["id"] == answer["id"]
    listed = server.request("GET", "/v1/conversations?limit=1").json()[0]
    assert (listed["id"], listed["message_count"]) == (name, 4)


def test_the_model_is_told_nothing_of_what_is_replaced(server: Server) -> None:
    """So the prompt is as long as that of a conversation which never had it."""
    plain = begun(server, "Tell me of Rome.")
    edited = begun(server, "Tell me of Rome.", "Tell me a long story of all the hills of Rome.")
    second = said(server, edited)[2]["id"]
    sent = [
        server.chat(
            "Thank you for that.", conversation_id=name, max_tokens=4, commands=False, **more
        ).json()
        for name, more in ((plain, {}), (edited, {"replaces": second}))
    ]
    assert sent[0]["tokens"]["prompt"] == sent[1]["tokens"]["prompt"]


def test_what_is_asked_once_more_stays_until_it_is_answered(server: Server) -> None:
    name = begun(server, "Tell me of Rome.", LONG_STORY)
    before = said(server, name)
    last = before[2]
    response = ask(
        server,
        last["content"],
        conversation_id=name,
        replaces=last["id"],
        max_tokens=2000,
        resumable=False,
    )
    assert any(line == b"event: message" for line in response.iter_lines(chunk_size=1))
    response.close()
    wait_until(
        lambda: in_flight(server) == 0, PATIENCE_S, "the departed client's generation to end"
    )
    assert said(server, name) == before
    assert server.request("GET", f"/v1/conversations/{name}").json()["message_count"] == 4
    again = server.chat(
        last["content"], conversation_id=name, replaces=last["id"], max_tokens=4
    ).json()
    assert [one["id"] for one in said(server, name)][:2] == [one["id"] for one in before[:2]]
    assert said(server, name)[3]["id"] == again["id"]


def test_a_command_is_not_done_twice(server: Server) -> None:
    title = f"water {uuid.uuid4().hex[:8]}"
    name = begun(server, f"Remind me tomorrow at 8 am to {title}")
    first = said(server, name)[0]
    fields = {"conversation_id": name, "replaces": first["id"]}
    assert server.chat(first["content"], **fields).status_code == 409
    assert len(said(server, name)) == 2
    # What is asked in another way is another command; what it was about before is gone.
    changed = server.chat(f"Remind me tomorrow at 9 am to {title}", **fields)
    assert changed.json()["command"]["status"] == "completed"
    assert len(said(server, name)) == 2
    listed = server.request("GET", "/v1/reminders?limit=500").json()
    assert sum(title in one["title"] for one in listed) == 2


def test_nothing_refers_to_what_was_replaced(server: Server) -> None:
    title = f"water {uuid.uuid4().hex[:8]}"
    name = begun(server, "Hello there", f"Remind me tomorrow at 8 am to {title}")
    first = said(server, name)[0]["id"]
    answer = server.chat("cancel that", conversation_id=name, replaces=first).json()
    listed = server.request("GET", "/v1/reminders?status=scheduled&limit=500").json()
    assert any(title in one["title"] for one in listed), answer


def test_only_messages_of_ones_own_in_the_conversation_can_be_replaced(server: Server) -> None:
    name, other = begun(server, "Tell me of Rome."), begun(server, "Tell me of Paris.")
    mine = said(server, name)
    for conversation, message, key in (
        (other, mine[0]["id"], None),
        (name, mine[1]["id"], None),
        (name, str(uuid.uuid4()), None),
        (name, mine[0]["id"], BOB_KEY),
    ):
        who = {} if key is None else {"key": key}
        refused = server.chat("No", conversation_id=conversation, replaces=message, **who)
        assert refused.status_code == 422
        assert refused.json()["error"]["message"].startswith("replaces: ")
    assert said(server, name) == mine
