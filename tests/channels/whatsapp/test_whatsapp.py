"""The webhook through the running program."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import pytest
import requests

from tests.channels.whatsapp.conftest import Messenger
from tests.docs.blocks import blocks, read
from tests.memory.test_at_rest import superuser
from tests.support.graph_api import (
    ALICE_PHONE,
    BOB_PHONE,
    VERIFY,
    post,
    sign,
    text_message,
    webhook,
)
from tests.support.patience import PATIENCE_S
from tests.support.server import ALICE_KEY, BOB_KEY, Server, wait_until

PATH = "/v1/webhooks/whatsapp"
HELLO = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "challenge123"}


def settled(messenger: Messenger, count: int) -> list[str]:
    """The states of messages, once so many are dealt with."""

    def states() -> list[str]:
        with superuser(messenger.server) as connection:
            rows = connection.execute(
                "SELECT state FROM jobs WHERE queue = 'whatsapp_inbox' AND settled_at IS NOT NULL"
            ).fetchall()
        return [row[0] for row in rows]

    wait_until(lambda: len(states()) >= count, 60, "settled messages")
    return states()


def outbox(messenger: Messenger) -> list[tuple[str, str | None]]:
    """The states and errors of answers, once each was sent or given up."""
    rows: list[tuple[str, str | None]] = []

    def ended() -> bool:
        with superuser(messenger.server) as connection:
            found = connection.execute(
                "SELECT state, error FROM jobs WHERE queue = 'outbox.whatsapp'"
            ).fetchall()
        rows[:] = [(row[0], row[1]) for row in found]
        return bool(rows) and not {"waiting", "running"} & {state for state, _ in rows}

    try:
        wait_until(ended, 60, "answers")
    except AssertionError as error:
        raise AssertionError(f"{error}; {rows}") from None
    return rows


def test_meta_is_told_its_challenge(messenger: Messenger) -> None:
    reply = requests.get(messenger.server.url + PATH, params=HELLO, timeout=PATIENCE_S)
    assert (reply.status_code, reply.text) == (200, "challenge123")
    assert reply.headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize(
    "change",
    [
        {"hub.verify_token": "wrong"},
        {"hub.verify_token": ""},
        {"hub.verify_token": "ü"},
        {"hub.mode": "unsubscribe"},
        {"hub.challenge": "<script>"},
        {"hub.challenge": "1" * 257},
        {"hub.challenge": ""},
    ],
)
def test_others_are_not(messenger: Messenger, change: dict[str, str]) -> None:
    reply = requests.get(messenger.server.url + PATH, params=HELLO | change, timeout=PATIENCE_S)
    assert reply.status_code == 403
    assert "challenge123" not in reply.text


@pytest.mark.parametrize(
    "signature",
    ["", "sha256=", "sha256=" + "0" * 64, "sha1=abc", "ü", sign(b"{}"), sign(b"", "other secret")],
)
def test_a_wrong_signature_is_refused_before_anything_is_read(
    messenger: Messenger, signature: str
) -> None:
    for body in (webhook(text_message("Hello")), b"not JSON", b""):
        reply = post(messenger.server.url, body, signature=signature)
        assert reply.status_code == 401
    with superuser(messenger.server) as connection:
        count = connection.execute(
            "SELECT count(*) FROM jobs WHERE queue = 'whatsapp_inbox'"
        ).fetchone()
    assert count == (0,)


def test_a_server_without_whatsapp_takes_no_webhook(server: Server) -> None:
    assert post(server.url, webhook(text_message("Hello"))).status_code == 401
    empty = HELLO | {"hub.verify_token": ""}
    assert requests.get(server.url + PATH, params=empty, timeout=PATIENCE_S).status_code == 403


def test_a_text_is_answered_in_a_conversation(messenger: Messenger) -> None:
    message = text_message("Say hello.")
    reply = post(messenger.server.url, webhook(message))
    assert reply.status_code == 200
    (answer,) = messenger.graph.wait_for(1)
    (sent,) = messenger.graph.sent
    assert sent["recipient_type"] == "individual"
    assert sent["text"]["preview_url"] is False
    # A courtesy, which the answer does not wait for.
    wait_until(lambda: messenger.graph.read == [message["id"]], PATIENCE_S, "it is shown as read")
    listed = messenger.server.request("GET", "/v1/conversations").json()
    (conversation,) = [c for c in listed if c["id"].startswith("whatsapp-")][:1]
    assert ALICE_PHONE not in conversation["id"]
    shown = messenger.server.request("GET", f"/v1/conversations/{conversation['id']}").json()
    assert [m["content"] for m in shown["messages"][-2:]] == ["Say hello.", answer]
    elsewhere = messenger.server.request(
        "GET", f"/v1/conversations/{conversation['id']}", key=BOB_KEY
    )
    assert elsewhere.status_code == 404


def test_each_sender_has_a_conversation_and_a_user(messenger: Messenger) -> None:
    def counts(key: str) -> list[int]:
        listed = messenger.server.request("GET", "/v1/conversations?limit=500", key=key).json()
        return [c["message_count"] for c in listed if c["id"].startswith("whatsapp-")]

    bobs, alices = sum(counts(BOB_KEY)), counts(ALICE_KEY)
    post(messenger.server.url, webhook(text_message("Hi", phone=BOB_PHONE)))
    messenger.graph.wait_for(1, BOB_PHONE)
    assert counts(BOB_KEY) == [bobs + 2]
    assert counts(ALICE_KEY) == alices
    assert messenger.graph.texts() == []


def test_a_number_that_is_not_listed_is_ignored(messenger: Messenger) -> None:
    stranger = text_message("Hello", phone="15551234567")
    assert post(messenger.server.url, webhook(stranger)).status_code == 200
    post(messenger.server.url, webhook(text_message("Hi")))
    messenger.graph.wait_for(1)
    assert {m["to"] for m in messenger.graph.sent} == {ALICE_PHONE}
    assert stranger["id"] not in messenger.graph.read
    assert "15551234567" not in messenger.server.log_path.read_text()


def test_a_message_is_answered_once_however_often_it_comes(messenger: Messenger) -> None:
    message = text_message("Hi")
    for _ in range(20):
        assert post(messenger.server.url, webhook(message, message)).status_code == 200
    messenger.graph.wait_for(1)
    assert post(messenger.server.url, webhook(message)).status_code == 200
    post(messenger.server.url, webhook(text_message("Bye")))
    messenger.graph.wait_for(2)
    assert settled(messenger, 2) == ["done", "done"]
    assert len(messenger.graph.sent) == 2


def test_what_waits_is_answered_in_the_order_it_was_written(messenger: Messenger) -> None:
    now = time.time()
    late, early = (
        text_message("Second", sent_at=now - 10),
        text_message("First", sent_at=now - 20),
    )
    post(messenger.server.url, webhook(late, early))
    messenger.graph.wait_for(2)
    wait_until(lambda: len(messenger.graph.read) == 2, PATIENCE_S, "both are shown as read")
    assert messenger.graph.read == [early["id"], late["id"]]


def test_what_was_forwarded_is_not_done(messenger: Messenger) -> None:
    text = "Set a timer for 3 hours called Forwarded"
    post(messenger.server.url, webhook(text_message(text) | {"context": {"forwarded": True}}))
    (said,) = messenger.graph.wait_for(1)
    assert said.startswith("Somebody else wrote this.")
    listed = messenger.server.request("GET", "/v1/reminders?limit=500").json()
    assert not [each for each in listed if "Forwarded" in each["title"]]


@pytest.mark.parametrize("kind", ["image", "audio", "document", "location", "contacts"])
def test_what_is_no_text_gets_one_polite_line(messenger: Messenger, kind: str) -> None:
    picture = text_message("") | {"type": kind, kind: {"id": "1"}}
    del picture["text"]
    again = picture | {"id": "wamid.other"}
    post(messenger.server.url, webhook(picture, again))
    assert settled(messenger, 2) == ["done", "done"]
    assert messenger.graph.wait_for(1) == ["Sorry, I can only read text here."]


@pytest.mark.parametrize(
    "value",
    [
        {"statuses": [{"id": "wamid.1", "status": "delivered", "recipient_id": ALICE_PHONE}]},
        {"messages": [text_message("") | {"type": "reaction", "reaction": {"emoji": "👍"}}]},
        {"messages": [text_message("") | {"type": "unsupported", "errors": [{"code": 131051}]}]},
        {"messages": "none"},
        {"messages": [1, None, {"from": 1}, {"type": "text"}]},
        {"metadata": {"phone_number_id": "1"}, "messages": [text_message("Not for us")]},
    ],
)
def test_other_things_are_acknowledged_and_ignored(messenger: Messenger, value: Any) -> None:
    assert post(messenger.server.url, webhook(**value)).status_code == 200
    with superuser(messenger.server) as connection:
        count = connection.execute(
            "SELECT count(*) FROM jobs WHERE queue = 'whatsapp_inbox'"
        ).fetchone()
    assert count == (0,)


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 400), (b"[]", 400), (b"\xff", 400), (b"{}", 200), (b'{"object": "page"}', 200)],
)
def test_a_signed_body_of_another_form(messenger: Messenger, body: bytes, status: int) -> None:
    assert post(messenger.server.url, body).status_code == status


def test_one_part_that_is_not_understood_hides_no_other(messenger: Messenger) -> None:
    broken = {"from": ALICE_PHONE, "type": "text", "text": "no object", "id": "wamid.broken"}
    post(messenger.server.url, webhook({"from": [], "type": "text"}, broken, text_message("Hi")))
    assert len(messenger.graph.wait_for(2)) == 2


def test_the_examples_of_the_documentation(messenger: Messenger) -> None:
    page = read("docs/api.md")
    shown = blocks(page[page.index("### GET /v1/webhooks") : page.index("## Telegram")])
    challenge, request, response = (block.text for block in shown)
    reply = requests.get(messenger.server.url + PATH, params=HELLO, timeout=PATIENCE_S)
    assert reply.text == challenge.strip()
    body = request.replace("+1234567890", f"+{ALICE_PHONE}").encode()
    for _ in range(2):
        reply = post(messenger.server.url, body)
        assert (reply.status_code, reply.json()) == (200, json.loads(response))
    messenger.graph.wait_for(1)
    assert settled(messenger, 1) == ["done"]


def test_a_flood_is_bounded(messenger: Messenger) -> None:
    old = time.time() - 2 * 86_400  # too old to be answered, so that no model is kept busy
    flood = [text_message(f"{n}", sent_at=old) for n in range(150)]
    assert post(messenger.server.url, webhook(*flood)).status_code == 200
    states = settled(messenger, 150)
    assert (states.count("failed"), states.count("dropped")) == (100, 50)
    assert messenger.graph.sent == []


def test_messages_are_sealed_and_forgotten_once_answered(messenger: Messenger) -> None:
    secret = "My word is Xylophonic"
    messenger.graph.refusals.extend([(503, {"error": {"code": 2, "is_transient": True}})])
    post(messenger.server.url, webhook(text_message(secret)))
    assert settled(messenger, 1) == ["done"]
    assert outbox(messenger) == [("done", None)]
    assert len(messenger.graph.texts()) == 1

    def rows() -> str:
        with superuser(messenger.server) as connection:
            return repr(connection.execute("SELECT * FROM jobs").fetchall())

    assert "Xylophonic" not in rows()
    assert ALICE_PHONE not in rows()
    assert "Xylophonic" not in messenger.server.log_path.read_text()
    assert ALICE_PHONE not in messenger.server.log_path.read_text()
    with superuser(messenger.server) as connection:
        left = connection.execute(
            "SELECT count(*) FROM jobs WHERE queue = 'whatsapp_inbox' AND payload IS NOT NULL"
        ).fetchone()
    assert left == (0,)


def test_health_says_how_whatsapp_is(messenger: Messenger) -> None:
    body = requests.get(f"{messenger.server.url}/ready/all", timeout=PATIENCE_S).json()
    assert body["services"]["whatsapp"]["healthy"] is True
    assert ALICE_KEY not in json.dumps(body)


def test_a_command_is_carried_out_once_when_it_is_answered_again(messenger: Messenger) -> None:
    title = f"feed the cat {uuid.uuid4().hex}"
    message = webhook(text_message(f"Remind me to {title} tomorrow at 9am"))
    post(messenger.server.url, message)
    (answer,) = messenger.graph.wait_for(1)
    assert answer == f"I will remind you tomorrow at 09:00: {title}"
    # As if the process had ended when the reminder was made, before anything else was stored.
    with superuser(messenger.server) as connection:
        connection.execute("DELETE FROM messages WHERE role = 'assistant' AND model = 'commands'")
        connection.execute("DELETE FROM jobs")
    post(messenger.server.url, message)
    assert messenger.graph.wait_for(2) == [answer, answer]
    listed = messenger.server.request("GET", "/v1/reminders?status=open&limit=500").json()
    assert [row["title"] for row in listed].count(title) == 1
