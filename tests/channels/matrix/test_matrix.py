"""People write on Matrix, to the real program, over a real homeserver."""

from __future__ import annotations

import re
import uuid
from typing import Any

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
    room = matrix.homeserver.room(BOB_ACCOUNT)
    matrix.homeserver.wait_joined(room)
    matrix.homeserver.write(BOB_ACCOUNT, room, run(BOB_KEY))
    (said,) = matrix.homeserver.wait_for(1, room, BOB_ACCOUNT)
    assert CODE.search(said) is None


def test_strangers_get_no_answer(matrix: Matrix) -> None:
    room = matrix.homeserver.room(STRANGER)
    matrix.homeserver.write(STRANGER, room, "Remind me tomorrow at 9 to rob the bank")
    matrix.settle()
    assert room not in matrix.homeserver.rooms(ASSISTANT)
    assert "rob the bank" not in titles(matrix)


def test_a_room_that_others_are_in_is_no_place_for_answers(matrix: Matrix) -> None:
    """Neither Alice's words count there, nor those of who reads along."""
    room = matrix.homeserver.room(ALICE_ACCOUNT, STRANGER)
    matrix.homeserver.wait_joined(room)
    matrix.homeserver.write(ALICE_ACCOUNT, room, "Remind me tomorrow at 9 to read my mail")
    matrix.homeserver.write(STRANGER, room, "Remind me tomorrow at 9 to rob the bank")
    matrix.settle()
    assert matrix.homeserver.texts(room) == []
    assert not {"read my mail", "rob the bank"} & set(titles(matrix))


def test_whoever_joins_later_reads_nothing_either(matrix: Matrix) -> None:
    room = matrix.homeserver.room(BOB_ACCOUNT)
    matrix.homeserver.wait_joined(room)
    matrix.homeserver.write(BOB_ACCOUNT, room, "What day is it?")
    matrix.homeserver.wait_for(1, room, BOB_ACCOUNT)
    matrix.homeserver.invite(BOB_ACCOUNT, room, STRANGER)
    matrix.homeserver.join(STRANGER, room)
    path = "/v1/notifications/test"
    sent = matrix.server.request("POST", path, key=BOB_KEY, json={"way": "matrix"}).json()
    assert sent["status"] == "sent", sent
    assert len(matrix.homeserver.texts(room, BOB_ACCOUNT)) == 1
    # Nor does a room that the assistant is thrown out of hold up what others write.
    matrix.homeserver.write(BOB_ACCOUNT, room, "What time is it?")
    matrix.homeserver.kick(BOB_ACCOUNT, room, ASSISTANT)
    matrix.settle()
    for other in matrix.homeserver.rooms(BOB_ACCOUNT):
        matrix.homeserver.leave(BOB_ACCOUNT, other)


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


def test_in_an_encrypted_room_it_says_where_it_can_read(matrix: Matrix) -> None:
    room = matrix.homeserver.room(BOB_ACCOUNT, encrypted=True)
    matrix.homeserver.wait_joined(room)
    for other in matrix.homeserver.rooms(BOB_ACCOUNT):
        if other != room:
            matrix.homeserver.leave(BOB_ACCOUNT, other)
    cipher = {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "AwgAE"}
    matrix.homeserver.write(BOB_ACCOUNT, room, event="m.room.encrypted", **cipher)
    (said,) = matrix.homeserver.wait_for(1, room, BOB_ACCOUNT)
    assert said.startswith("This room is encrypted, and I cannot read that.")
    what = "an invitation to a room without encryption"
    wait_until(lambda: matrix.homeserver.invitations(BOB_ACCOUNT), PATIENCE_S, what)
    (readable,) = matrix.homeserver.invitations(BOB_ACCOUNT)
    matrix.homeserver.join(BOB_ACCOUNT, readable)
    matrix.homeserver.write(BOB_ACCOUNT, readable, "What day is it?")
    assert "Today is" in matrix.homeserver.wait_for(1, readable, BOB_ACCOUNT)[-1]
    # What he did not ask for is no text for an encrypted room either.
    matrix.homeserver.write(BOB_ACCOUNT, room, event="m.room.encrypted", **cipher)
    path = "/v1/notifications/test"
    sent = matrix.server.request("POST", path, key=BOB_KEY, json={"way": "matrix"}).json()
    assert sent["status"] == "sent", sent
    assert matrix.homeserver.wait_for(2, readable, BOB_ACCOUNT)[-1].startswith("This is a test.")


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
