"""People write on Telegram, to the real program."""

from __future__ import annotations

from typing import Any

import pytest

from pisovereign.connectors.speech.audio import Audio, to_wav
from tests.channels.telegram.conftest import link, unlink
from tests.support.equipped import Equipped
from tests.support.server import ADMIN_KEY, AGENT_KEY, ALICE_KEY, BOB_KEY
from tests.support.speech_services import SpeechServices
from tests.support.telegram_api import ALICE_ACCOUNT, BOB_ACCOUNT, STRANGER, TOKEN


def test_what_is_written_is_carried_out_and_answered(linked: Equipped) -> None:
    linked.telegram.write("Remind me tomorrow at 9 to water the ferns")
    (said,) = linked.telegram.wait_for(1)
    assert "water the ferns" in said
    reminders = linked.server.request("GET", "/v1/reminders", key=ALICE_KEY).json()
    assert any("water the ferns" in each["title"] for each in reminders)
    assert linked.telegram.texts(BOB_ACCOUNT) == []


def test_what_a_model_says_is_sent_in_pieces_that_fit(linked: Equipped) -> None:
    long = "\n\n".join(f"{number}. " + "Wool and yarn. " * 30 for number in range(12))
    linked.model.script["other"].append(long)
    linked.telegram.write("Tell me about wool, please")
    said = linked.telegram.wait_for(2)
    assert len(" ".join(said)) > 5000


def test_strangers_get_no_answer_and_nothing_is_stored(linked: Equipped) -> None:
    number = linked.telegram.write("Remind me tomorrow at 9 to rob the bank", STRANGER)
    linked.telegram.wait_confirmed(number)
    number = linked.telegram.write("/start ABCD-EFGH-JKLM", STRANGER)
    linked.telegram.wait_confirmed(number)
    linked.telegram.write("What time is it?")
    linked.telegram.wait_for(1)
    assert linked.telegram.texts(STRANGER) == []
    assert "rob the bank" not in linked.server.request("GET", "/v1/reminders").text


def test_strangers_hide_no_message_however_many_they_are(linked: Equipped) -> None:
    with linked.telegram.held():
        for _ in range(30):
            linked.telegram.write("/start ABCD-EFGH-JKLM", STRANGER)
        linked.telegram.write("What time is it?")
    assert len(linked.telegram.wait_for(1)) == 1


def test_groups_bots_and_what_is_not_understood_are_passed_over(linked: Equipped) -> None:
    group = {"id": -100123, "type": "supergroup"}
    linked.telegram.write("What time is it?", chat=group)
    bot = {"id": ALICE_ACCOUNT, "is_bot": True}
    more: dict[str, Any] = {"from": bot}
    linked.telegram.write("What time is it?", **more)
    linked.telegram.happen({"message": {"message_id": "no number"}})
    linked.telegram.happen({"edited_message": {"text": "What time is it?"}})
    linked.telegram.write("What time is it?")
    linked.telegram.wait_confirmed(linked.telegram.write("", STRANGER))
    assert len(linked.telegram.wait_for(1)) == 1


@pytest.mark.parametrize(
    "others",
    [
        {"forward_origin": {"type": "user", "date": 1}},
        # Picked from what another bot offered, which wrote it.
        {"via_bot": {"id": 99, "is_bot": True, "first_name": "Quotes"}},
    ],
)
def test_what_somebody_else_wrote_is_not_taken_for_the_users_words(
    linked: Equipped, others: dict[str, Any]
) -> None:
    linked.telegram.write("Remind me tomorrow at 9 to send money", **others)
    (said,) = linked.telegram.wait_for(1)
    assert said.startswith("Somebody else wrote this.")
    assert "send money" not in linked.server.request("GET", "/v1/reminders").text


def test_a_voice_message_is_answered_that_only_text_is_read(linked: Equipped) -> None:
    linked.telegram.write("", voice={"file_id": "v1", "duration": 3})
    (said,) = linked.telegram.wait_for(1)
    assert "only read text" in said


def test_a_voice_message_is_written_down_and_nothing_done_before_it_was_read(
    linked: Equipped,
) -> None:
    connection = "/v1/connections/speech"
    with SpeechServices() as services:
        services.says = "Remind me tomorrow at 9 to tune the harp"
        values = {"values": {"to_text": services.address}}
        saved = linked.server.request("PUT", connection, key=ADMIN_KEY, json=values)
        assert saved.status_code == 200, saved.text
        linked.telegram.files["v2"] = to_wav(Audio(16_000, 1, bytes(32_000)))
        linked.telegram.write("", voice={"file_id": "v2", "duration": 1})
        said = linked.telegram.wait_for(1)[0]
        linked.server.request("DELETE", connection, key=ADMIN_KEY)
    assert said.startswith(f"I heard: “{services.says}”\n\nThis needs an approval")
    reminders = linked.server.request("GET", "/v1/reminders", key=ALICE_KEY).text
    assert "tune the harp" not in reminders


def test_a_recording_that_cannot_be_fetched_is_answered_in_the_end(linked: Equipped) -> None:
    connection = "/v1/connections/speech"
    with SpeechServices() as services:
        values = {"values": {"to_text": services.address}}
        saved = linked.server.request("PUT", connection, key=ADMIN_KEY, json=values)
        assert saved.status_code == 200, saved.text
        linked.telegram.write("", voice={"file_id": "nowhere", "duration": 1})
        (said,) = linked.telegram.wait_for(1)
        linked.server.request("DELETE", connection, key=ADMIN_KEY)
    assert said == "Sorry, I could not listen to this recording."


def test_a_code_links_once_and_ends_what_was_linked(equipped: Equipped) -> None:
    equipped.clear()
    made = equipped.server.request("POST", "/v1/telegram/codes", key=ALICE_KEY).json()
    assert made["link"] == f"https://t.me/our_house_bot?start={made['code']}"
    equipped.telegram.write(f"/start {made['code']}")
    equipped.telegram.wait_for(1)
    again = equipped.telegram.write(f"/start {made['code']}", STRANGER)
    equipped.telegram.wait_confirmed(again)
    assert equipped.telegram.texts(STRANGER) == []
    shown = equipped.server.request("GET", "/v1/telegram/account", key=ALICE_KEY).json()
    assert (shown["set_up"], shown["linked"], shown["name"]) == (True, True, "Somebody")
    # A second account takes the place of the first one.
    link(equipped, 1003, ALICE_KEY)
    number = equipped.telegram.write("What time is it?")
    equipped.telegram.wait_confirmed(number)
    equipped.telegram.write("What time is it?", 1003)
    equipped.telegram.wait_for(2, 1003)
    assert len(equipped.telegram.texts()) == 1
    unlink(equipped)
    equipped.telegram.wait_confirmed(equipped.telegram.write("What time is it?", 1003))
    assert len(equipped.telegram.texts(1003)) == 2
    assert not equipped.server.request("GET", "/v1/telegram/account", key=ALICE_KEY).json()[
        "linked"
    ]


def test_an_account_is_one_persons_alone(linked: Equipped) -> None:
    made = linked.server.request("POST", "/v1/telegram/codes", key=ALICE_KEY).json()
    linked.telegram.write(f"/start {made['code']}", BOB_ACCOUNT)
    linked.telegram.wait_for(1, BOB_ACCOUNT)
    shown = linked.server.request("GET", "/v1/telegram/account", key=ALICE_KEY).json()
    assert shown["name"] == f"@account_{ALICE_ACCOUNT}"


def test_the_token_stands_nowhere(linked: Equipped) -> None:
    linked.telegram.write("What time is it?")
    linked.telegram.wait_for(1)
    secret = TOKEN.partition(":")[2]
    assert secret not in linked.server.log_path.read_text()
    for path in ("/metrics", "/ready/all", "/v1/connections/telegram", "/v1/system/log"):
        answer = linked.server.request("GET", path, key="sk-admin-0123456789abcdef")
        assert secret not in answer.text, path


def test_only_a_person_makes_a_code(linked: Equipped) -> None:
    made = linked.server.request("POST", "/v1/api-keys", json={"name": "a program"}).json()
    refused = linked.server.request("POST", "/v1/telegram/codes", key=made["key"])
    assert refused.status_code == 403
    linked.server.request("DELETE", f"/v1/api-keys/{made['id']}")


def test_a_code_of_a_key_that_may_not_approve_links_an_account_that_may_not(
    equipped: Equipped,
) -> None:
    equipped.clear()
    link(equipped, 1004, AGENT_KEY)
    equipped.telegram.clear()
    body = {"name": "greet wren", "description": "greet wren", "command": "echo wren"}
    made = equipped.server.request("POST", "/v1/commands/catalog", json=body)
    assert made.status_code == 201, made.text
    equipped.telegram.write("Run greet wren", 1004)
    said = equipped.telegram.wait_for(2, 1004)
    assert any("You may not decide this." in each for each in said)
    assert equipped.telegram.buttons(1004) == []
    unlink(equipped)


def test_somebody_tries_each_way(linked: Equipped) -> None:
    def tried(way: str, key: str = ALICE_KEY) -> Any:
        path = "/v1/notifications/test"
        return linked.server.request("POST", path, key=key, json={"way": way}).json()

    for way in ("telegram", "ntfy", "mail"):
        assert tried(way)["status"] == "sent", way
    (said,) = linked.telegram.wait_for(1)
    assert said == "This is a test. Here you are told from now on what you choose."
    assert linked.ntfy.sent[0]["title"] == "A test"
    # Bob has no topic, and Alice no browser.
    for way, key in (("ntfy", BOB_KEY), ("push", ALICE_KEY)):
        fields = tried(way, key)["error"]["details"]["fields"]
        assert fields == [{"field": "way", "error": f"is {way}, which is not set up for you"}]
    linked.server.request("DELETE", "/v1/telegram/account", key=ALICE_KEY)
    failed = tried("telegram")
    assert (failed["status"], "linked" in failed["error"]) == ("failed", True)
