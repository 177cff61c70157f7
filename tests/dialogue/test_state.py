"""The state of a conversation: whose it is, and that it outlives processes."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.chat.test_at_rest import superuser
from tests.dialogue.conversations import reminders
from tests.support.server import ALICE_KEY, BOB_KEY, Server

FOLLOW_UPS = [
    "cancel that", "undo", "actually make it 8", "move it to 5", "an hour later", "no, the dog",
    "delete the first one", "cancel all of them", "yes", "both", "the second one", "lösch das",
    "annule ça",
]  # fmt: skip


def say(server: Server, text: str, conversation: str, key: str = ALICE_KEY) -> dict[str, Any]:
    response = server.chat(text, conversation_id=conversation, key=key)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def test_a_follow_up_acts_on_no_other_conversation_and_no_other_user(server: Server) -> None:
    title = f"feed the cat {uuid.uuid4().hex[:8]}"
    conversation = f"mine-{uuid.uuid4()}"
    say(server, "Show my reminders", conversation)
    say(server, f"Remind me to {title} tomorrow at 9 am", conversation)
    before = server.request("GET", "/v1/reminders?status=open&limit=500").json()
    for text in FOLLOW_UPS:
        say(server, text, conversation, BOB_KEY)
        say(server, text, f"other-{uuid.uuid4()}")
        server.chat(text)  # without a conversation
    assert server.request("GET", "/v1/reminders?status=open&limit=500").json() == before
    moved = say(server, "actually make it 8 am", conversation)
    assert moved["command"]["type"] == "MoveReminder"
    assert title in say(server, "cancel that", conversation)["content"]
    assert title not in reminders(server)


def test_it_is_sealed_and_deleted_with_the_conversation(server: Server) -> None:
    title = f"feed the fish {uuid.uuid4().hex[:8]}"
    conversation = f"sealed-{uuid.uuid4()}"
    say(server, f"Remind me to {title} tomorrow at 9 am", conversation)

    def rows() -> list[bytes]:
        with superuser(server) as connection:
            found = connection.execute(
                "SELECT state FROM dialogue_states WHERE conversation_id = %s", (conversation,)
            ).fetchall()
            commands = connection.execute(
                "SELECT command FROM messages WHERE conversation_id = %s AND command IS NOT NULL",
                (conversation,),
            ).fetchall()
        return [row[0] for row in found + commands]

    stored = rows()
    assert len(stored) == 2
    assert not any(title.encode() in sealed or b"CreateReminder" in sealed for sealed in stored)
    say(server, "cancel that", conversation)
    assert server.request("DELETE", f"/v1/conversations/{conversation}").status_code == 204
    assert rows() == []


def test_a_state_that_cannot_be_read_is_none(server: Server) -> None:
    title = f"feed the birds {uuid.uuid4().hex[:8]}"
    conversation = f"broken-{uuid.uuid4()}"
    say(server, f"Remind me to {title} tomorrow at 9 am", conversation)
    with superuser(server) as connection:
        connection.execute(
            "UPDATE dialogue_states SET state = set_byte(state, 40, get_byte(state, 40) # 1)"
            " WHERE conversation_id = %s",
            (conversation,),
        )
    assert "name it" in say(server, "cancel that", conversation)["content"]
    assert title in reminders(server)


@pytest.fixture
def own(models_dir: Path, data_dir: Path) -> Any:
    """A server of the test's own."""
    running = Server(data_dir, models_dir).start()
    yield running
    running.remove()


def test_it_outlives_a_restart_and_a_kill(own: Server) -> None:
    say(own, "Remind me to water the plants tomorrow at 6 pm", "kept")
    own.stop()
    own.start()
    assert "20:00" in say(own, "actually make it 8", "kept")["content"]
    own.kill_everything()
    own.start()
    assert "21:00" in say(own, "an hour later", "kept")["content"]
    assert reminders(own) == ("water the plants",)
    assert "water the plants" in say(own, "cancel that", "kept")["content"]
    assert reminders(own) == ()


def test_of_two_answers_at_the_same_moment_one_counts(server: Server) -> None:
    title = f"feed the hens {uuid.uuid4().hex[:8]}"
    conversation = f"twice-{uuid.uuid4()}"
    asked = say(server, "Remind me tomorrow at 7 pm", conversation)
    assert asked["command"]["status"] == "incomplete"
    with ThreadPoolExecutor(max_workers=3) as pool:
        answers = list(pool.map(lambda _: say(server, title, conversation), range(3)))
    assert reminders(server).count(title) == 1
    assert sum("command" in answer for answer in answers) == 1


def test_changes_at_the_same_moment_are_made_one_after_the_other(server: Server) -> None:
    title = f"feed the goats {uuid.uuid4().hex[:8]}"
    conversation = f"turns-{uuid.uuid4()}"
    say(server, f"Remind me to {title} tomorrow at 9 am", conversation)
    with ThreadPoolExecutor(max_workers=3) as pool:
        answers = list(pool.map(lambda _: say(server, "an hour later", conversation), range(3)))
    moments = sorted(answer["command"]["arguments"]["remind_at"] for answer in answers)
    assert len(set(moments)) == 3
    assert reminders(server).count(title) == 1
