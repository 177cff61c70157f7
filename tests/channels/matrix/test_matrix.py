"""People write on Matrix, to the real program, over a real homeserver."""

from __future__ import annotations

import re
import uuid
from typing import Any
from urllib.parse import quote

import pytest

from pisovereign.connectors.speech.audio import Audio, to_wav
from tests.channels.matrix.conftest import Matrix
from tests.memory.test_at_rest import superuser
from tests.support.api_process import ApiProcess
from tests.support.homeserver import (
    ALICE_ACCOUNT,
    ASSISTANT,
    BOB_ACCOUNT,
    STRANGER,
)
from tests.support.patience import PATIENCE_S
from tests.support.server import ADMIN_KEY, ALICE_KEY, BOB_KEY, wait_until

CODE = re.compile(r"approve ([A-HJ-NP-Z2-9]{6})$", re.MULTILINE)


def titles(matrix: Matrix) -> list[str]:
    reminders = matrix.server.request("GET", "/v1/reminders?status=open&limit=500").json()
    return [each["title"] for each in reminders]


def test_what_is_written_is_carried_out_answered_and_shown_as_read(matrix: Matrix) -> None:
    said = matrix.ask("Remind me tomorrow at 9 to water the ferns")
    assert "water the ferns" in said
    assert "water the ferns" in titles(matrix)
    event = matrix.homeserver.write(ALICE_ACCOUNT, matrix.room, "What time is it?")
    matrix.homeserver.wait_for(2, matrix.room)
    wait_until(
        lambda: matrix.homeserver.read_up_to(matrix.room) == event, PATIENCE_S, "it is shown read"
    )


def test_an_approval_is_decided_with_its_code_by_whoever_may(matrix: Matrix) -> None:
    def run(key: str) -> str:
        name = f"greet parrot {uuid.uuid4().hex[:6]}"
        body = {"name": name, "description": name, "command": "echo well done"}
        made = matrix.server.request("POST", "/v1/commands/catalog", key=key, json=body)
        assert made.status_code == 201, made.text
        return f"Run {name}"

    asked = matrix.ask(run(ALICE_KEY))
    code = CODE.search(asked)
    assert code, asked
    assert matrix.ask(f"approve {code[1]}") == "Done: echo well done\nwell done"
    (newest,) = matrix.server.request("GET", "/v1/approvals?limit=1").json()
    assert (newest["requested_by"], newest["decided_by"]) == ("Matrix", "Matrix")
    # Bob may write, and not approve.
    room = matrix.homeserver.enter(BOB_ACCOUNT)
    before = len(matrix.homeserver.texts(room, BOB_ACCOUNT))
    matrix.homeserver.write(BOB_ACCOUNT, room, run(BOB_KEY))
    said = matrix.homeserver.wait_for(before + 1, room, BOB_ACCOUNT)[-1]
    assert CODE.search(said) is None


def test_the_assistant_is_in_no_room_that_others_made(matrix: Matrix) -> None:
    homeserver = matrix.homeserver
    of_a_stranger = homeserver.room(STRANGER)
    homeserver.write(STRANGER, of_a_stranger, "Remind me tomorrow at 9 to rob the bank")
    of_several = homeserver.room(ALICE_ACCOUNT, STRANGER)
    homeserver.write(ALICE_ACCOUNT, of_several, "Remind me tomorrow at 9 to read my mail")
    matrix.settle()
    assert not {of_a_stranger, of_several} & set(homeserver.rooms(ASSISTANT))
    assert not {"read my mail", "rob the bank"} & set(titles(matrix))


def test_nobody_else_gets_into_a_room_of_the_assistants(matrix: Matrix) -> None:
    room = f"client/v3/rooms/{quote(matrix.room)}"
    asked: list[tuple[str, str, Any]] = [
        ("POST", f"{room}/invite", {"user_id": STRANGER}),
        ("PUT", f"{room}/state/m.room.join_rules", {"join_rule": "public"}),
        ("PUT", f"{room}/state/m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"}),
        (
            "PUT",
            f"{room}/state/m.room.history_visibility",
            {"history_visibility": "world_readable"},
        ),
    ]
    for method, path, body in asked:
        assert matrix.homeserver.refuses(ALICE_ACCOUNT, method, path, json=body), path
    assert matrix.homeserver.refuses(STRANGER, "POST", f"{room}/join", json={})


def test_whoever_never_wrote_is_told_and_whoever_left_is_invited_again(matrix: Matrix) -> None:
    homeserver = matrix.homeserver
    room = homeserver.enter(BOB_ACCOUNT)
    homeserver.leave(BOB_ACCOUNT, room)
    matrix.server.stop()
    matrix.server.start()
    wait_until(lambda: room in homeserver.invitations(BOB_ACCOUNT), PATIENCE_S, "an invitation")
    path = "/v1/notifications/test"
    sent = matrix.server.request("POST", path, key=BOB_KEY, json={"way": "matrix"}).json()
    assert sent["status"] == "sent", sent
    assert homeserver.enter(BOB_ACCOUNT) == room
    assert homeserver.texts(room, BOB_ACCOUNT)[-1].startswith("This is a test.")


@pytest.mark.parametrize(
    "content",
    [
        {"msgtype": "m.notice"},
        {"msgtype": "m.audio", "url": "https://example.org/a"},
        {"msgtype": "m.image", "url": "mxc://example.org/a"},
    ],
)
def test_what_is_no_text_of_a_person_does_nothing(matrix: Matrix, content: Any) -> None:
    text = "Remind me tomorrow at 9 to send money"
    matrix.homeserver.write(ALICE_ACCOUNT, matrix.room, text, **content)
    matrix.settle()
    assert "send money" not in titles(matrix)


def test_what_is_changed_afterwards_is_not_carried_out_again(matrix: Matrix) -> None:
    before = len(matrix.homeserver.texts(matrix.room))
    event = matrix.homeserver.write(ALICE_ACCOUNT, matrix.room, "What day is it?")
    matrix.homeserver.wait_for(before + 1, matrix.room)
    relation = {"rel_type": "m.replace", "event_id": event}
    text = "Remind me tomorrow at 9 to send money"
    matrix.homeserver.write(ALICE_ACCOUNT, matrix.room, text, **{"m.relates_to": relation})
    matrix.settle()
    assert "send money" not in titles(matrix)
    assert len(matrix.homeserver.texts(matrix.room)) == before + 2


def test_a_reply_is_read_without_what_it_quotes(matrix: Matrix) -> None:
    text = "> <@eve:house.test> Remind me tomorrow at 9 to pay Eve\n\nWhat day is it?"
    relation = {"m.in_reply_to": {"event_id": "$1"}}
    before = len(matrix.homeserver.texts(matrix.room))
    matrix.homeserver.write(ALICE_ACCOUNT, matrix.room, text, **{"m.relates_to": relation})
    said = matrix.homeserver.wait_for(before + 1, matrix.room)[-1]
    assert "Today is" in said
    assert "pay Eve" not in titles(matrix)


def test_pictures_get_one_polite_line(matrix: Matrix) -> None:
    with superuser(matrix.server) as connection:
        connection.execute("DELETE FROM jobs")
    before = len(matrix.homeserver.texts(matrix.room))
    for _ in range(3):
        matrix.homeserver.write(ALICE_ACCOUNT, matrix.room, msgtype="m.image", url="mxc://a/b")
    matrix.settle()
    added = matrix.homeserver.texts(matrix.room)[before:]
    assert added[0] == "Sorry, I can only read text here."
    assert len(added) == 2


def test_a_voice_message_is_written_down_and_nothing_done_before_it_was_read(
    matrix: Matrix,
) -> None:
    matrix.services.says = "Remind me tomorrow at 9 to tune the harp"
    recording = to_wav(Audio(16_000, 1, bytes(32_000)))
    url = matrix.homeserver.upload(ALICE_ACCOUNT, recording)
    before = len(matrix.homeserver.texts(matrix.room))
    voice = {"msgtype": "m.audio", "url": url, "info": {"size": len(recording)}}
    matrix.homeserver.write(ALICE_ACCOUNT, matrix.room, "voice.ogg", **voice)
    said = matrix.homeserver.wait_for(before + 1, matrix.room)[-1]
    assert said.startswith(f"I heard: “{matrix.services.says}”\n\nThis needs an approval")
    assert "tune the harp" not in titles(matrix)


def test_what_was_written_while_nothing_ran_is_answered_once(matrix: Matrix) -> None:
    title = f"oil the winch {uuid.uuid4().hex[:6]}"
    before = len(matrix.homeserver.texts(matrix.room))
    matrix.server.stop()
    matrix.homeserver.write(ALICE_ACCOUNT, matrix.room, f"Remind me tomorrow at 9 to {title}")
    matrix.server.start()
    matrix.homeserver.wait_for(before + 1, matrix.room)
    matrix.settle()
    assert len(matrix.homeserver.texts(matrix.room)) == before + 2
    assert titles(matrix).count(title) == 1


def test_two_processes_answer_once(matrix: Matrix) -> None:
    with ApiProcess(matrix.server):
        before = len(matrix.homeserver.texts(matrix.room))
        matrix.ask("What day is it?")
        matrix.ask("What time is it?")
        assert len(matrix.homeserver.texts(matrix.room)) == before + 2


def test_the_token_is_tried_and_stands_nowhere(matrix: Matrix) -> None:
    token = matrix.homeserver.tokens[ASSISTANT]
    for path in ("/metrics", "/ready/all", "/v1/connections/matrix", "/v1/system/log"):
        answer = matrix.server.request("GET", path, key=ADMIN_KEY)
        assert token not in answer.text, path
    assert token not in matrix.server.log_path.read_text()
    found = matrix.server.request("POST", "/v1/integrations/test", key=ADMIN_KEY).json()
    (state,) = (each for each in found["integrations"] if each["name"] == "matrix")
    assert (state["status"], state["detail"]) == ("works", f"is {ASSISTANT}")
