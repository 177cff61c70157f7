"""What Telegram's side does wrong: nothing is lost, nothing is sent twice, and it is said."""

from __future__ import annotations

from typing import Any

import pytest

from tests.accounts.support import Browser, signed_in
from tests.memory.test_at_rest import superuser
from tests.support.equipped import Equipped
from tests.support.server import ADMIN_KEY, ALICE_KEY, wait_until
from tests.support.telegram_api import TOKEN, Answer

PATH = "/v1/notifications/test"


def tried(equipped: Equipped) -> tuple[str, str]:
    """How a test message ended, and why."""
    answer = equipped.server.request("POST", PATH, key=ALICE_KEY, json={"way": "telegram"})
    assert answer.status_code == 200, answer.text
    return answer.json()["status"], answer.json()["error"] or ""


@pytest.mark.parametrize(
    ("answer", "status", "said"),
    [
        (Answer(403, "Forbidden: bot was blocked by the user"), "failed", "was the bot stopped"),
        (Answer(400, "Bad Request: chat not found"), "failed", "link it again"),
        (Answer(502, "Bad Gateway", body=b"<html>"), "uncertain", "status 502"),
        (Answer(0, taken=True), "uncertain", ""),
        (Answer(0), "uncertain", ""),
        (Answer(200, body=b"no JSON"), "uncertain", "another form"),
    ],
)
def test_what_was_refused_failed_and_what_nobody_knows_is_uncertain(
    linked: Equipped, answer: Answer, status: str, said: str
) -> None:
    linked.telegram.fail("sendMessage", answer)
    found, why = tried(linked)
    assert found == status
    assert said in why
    assert TOKEN.partition(":")[2] not in why
    # It is told, and never sent again.
    events = linked.server.request("GET", "/v1/events?after=0&follow=false", key=ALICE_KEY).text
    assert '"about":"test"' in events.replace(" ", "")
    linked.telegram.write("What time is it?")
    linked.telegram.wait_for(1 + answer.taken)
    assert len(linked.telegram.texts()) == 1 + answer.taken


def test_a_bot_that_has_to_be_slower_is(linked: Equipped) -> None:
    linked.telegram.fail("sendMessage", Answer(429, "Too Many Requests: retry after 1", 1))
    assert tried(linked)[0] in {"sent", "waiting"}
    assert len(linked.telegram.wait_for(1)) == 1


def test_questions_that_fail_lose_nothing(linked: Equipped) -> None:
    linked.telegram.fail(
        "getUpdates",
        Answer(500, "Internal Server Error"),
        Answer(0),
        Answer(429, "Too Many Requests", 1),
        Answer(200, body=b"no JSON"),
    )
    linked.telegram.write("What time is it?")
    assert len(linked.telegram.wait_for(1)) == 1


def test_a_webhook_elsewhere_is_said_and_messages_wait(linked: Equipped) -> None:
    linked.telegram.webhook = "https://elsewhere.example/hook"
    tested = linked.server.request("POST", "/v1/connections/telegram/test", key=ADMIN_KEY).json()
    assert tested["status"] == "fails"
    assert "Another program has set a webhook for this bot" in tested["detail"]
    linked.telegram.webhook = ""
    linked.telegram.write("What time is it?")
    assert len(linked.telegram.wait_for(1, limit_s=90)) == 1


def test_updates_that_come_again_are_answered_once(linked: Equipped) -> None:
    number = linked.telegram.write("What time is it?")
    linked.telegram.wait_for(1)
    linked.telegram.wait_confirmed(number)
    # As after a confirmation that was lost: the same update is handed out once more.
    with superuser(linked.server) as connection:
        connection.execute("UPDATE channel_positions SET position = %s", (number,))
    message: dict[str, Any] = {
        "message_id": 1,
        "from": {"id": 1001, "is_bot": False},
        "chat": {"id": 1001, "type": "private"},
        "date": 1,
        "text": "What time is it?",
    }
    calls = linked.telegram.calls["getUpdates"]
    wait_until(lambda: linked.telegram.calls["getUpdates"] > calls + 1, 60, "another question")
    linked.telegram.happen({"message": message}, number)
    linked.telegram.wait_confirmed(linked.telegram.write("And what day is it?"))
    linked.telegram.wait_for(2)
    assert len(linked.telegram.texts()) == 2


def test_numbers_that_begin_anew_are_taken(linked: Equipped) -> None:
    linked.telegram.write("What time is it?")
    linked.telegram.wait_for(1)
    with superuser(linked.server) as connection:
        connection.execute("UPDATE channel_positions SET received_at = now() - interval '6 days'")
    # The next question that begins has no offset.
    calls = linked.telegram.calls["getUpdates"]
    wait_until(lambda: linked.telegram.calls["getUpdates"] > calls + 1, 60, "another question")
    linked.telegram.begin_anew(3)
    linked.telegram.write("What day is it?")
    assert len(linked.telegram.wait_for(2)) == 2
    linked.telegram.begin_anew(100_000)


def test_one_process_asks_at_a_time(linked: Equipped) -> None:
    with superuser(linked.server) as connection:
        query = "SELECT count(DISTINCT holder) FROM channel_positions"
        holders = connection.execute(query).fetchone()
    assert holders == (1,)
    assert linked.telegram.ended == 0, "a question was ended by another one"


def test_an_account_of_somebody_who_is_disabled_is_a_strangers(equipped: Equipped) -> None:
    equipped.clear()
    owner = signed_in(equipped.server.url)
    made = owner.request("POST", "/v1/people", json={"name": "Cleo", "role": "restricted"}).json()
    person = made["person"]["id"]
    cleo = Browser(owner.url)
    cleo.sign_in(code=made["invitation"]["code"])
    code = cleo.request("POST", "/v1/telegram/codes").json()["code"]
    equipped.telegram.write(f"/start {code}", 1005)
    equipped.telegram.wait_for(1, 1005)
    owner.request("PATCH", f"/v1/people/{person}", json={"state": "disabled"})
    equipped.telegram.wait_confirmed(equipped.telegram.write("What time is it?", 1005))
    assert len(equipped.telegram.texts(1005)) == 1
    erased = owner.request("DELETE", f"/v1/people/{person}?confirm=erase")
    assert erased.status_code == 204, erased.text
    with superuser(equipped.server) as connection:
        query = "SELECT count(*) FROM channel_links WHERE user_id = %s"
        assert connection.execute(query, (person,)).fetchone() == (0,)
