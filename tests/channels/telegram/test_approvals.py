"""Approvals that are decided by buttons on Telegram."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.channels.telegram.conftest import pending, state, wait_for_state
from tests.support.equipped import Equipped
from tests.support.server import AGENT_KEY, ALICE_KEY, wait_until
from tests.support.telegram_api import ALICE_ACCOUNT, BOB_ACCOUNT, STRANGER

Buttons = dict[str, tuple[int, str]]


def ask(
    equipped: Equipped, printed: str = "well done", key: str = ALICE_KEY
) -> tuple[str, Buttons]:
    """Ask for a command that needs an approval; returns its id and the buttons that are shown."""
    account = ALICE_ACCOUNT if key == ALICE_KEY else BOB_ACCOUNT
    name = f"greet parrot {uuid.uuid4().hex[:6]}"
    body = {"name": name, "description": name, "command": f"echo {printed}"}
    made = equipped.server.request("POST", "/v1/commands/catalog", key=key, json=body)
    assert made.status_code == 201, made.text
    waited = {row["id"] for row in pending(equipped, key)}
    before = len(equipped.telegram.buttons(account))
    texts = len(equipped.telegram.texts(account))
    equipped.telegram.write(f"Run {name}", account)
    equipped.telegram.wait_for(texts + 2, account)
    shown = equipped.telegram.buttons(account)[before:]
    (approval,) = {row["id"] for row in pending(equipped, key)} - waited
    return approval, {text: (message, data) for message, text, data in shown}


def ask_for_mail(equipped: Equipped, body: str) -> str:
    """Ask for a mail that needs an approval, as another program does; returns its id."""
    mail = {"to": "bob@example.org", "subject": "Ferns", "body": body}
    before = {row["id"] for row in pending(equipped)}
    asked = equipped.server.request("POST", "/v1/mails", key=AGENT_KEY, json=mail)
    assert asked.ok, asked.text
    (approval,) = {row["id"] for row in pending(equipped)} - before
    return str(approval)


@contextmanager
def telling(equipped: Equipped, *ways: str) -> Iterator[None]:
    """Let Alice be told of approvals in some ways."""
    path = "/v1/settings/approvals"
    chosen = {"values": {"deliver": list(ways)}}
    saved = equipped.server.request("PUT", path, key=ALICE_KEY, json=chosen)
    assert saved.status_code == 200, saved.text
    yield
    equipped.server.request("DELETE", path, key=ALICE_KEY)


def press(equipped: Equipped, button: tuple[int, str], account: int = ALICE_ACCOUNT) -> str:
    """Press a button; returns what is shown."""
    name = equipped.telegram.press(button[1], account, button[0])
    wait_until(lambda: name in equipped.telegram.notes, 60, "an answer to the press")
    return equipped.telegram.notes[name]


def changed(equipped: Equipped, count: int) -> dict[str, Any]:
    """Until so many messages were changed; returns the last change."""
    wait_until(lambda: len(equipped.telegram.edited) >= count, 60, "a changed message")
    return equipped.telegram.edited[-1]


def test_a_press_decides_what_it_was_shown_with_once(linked: Equipped) -> None:
    approval, buttons = ask(linked)
    shown = next(m for m in linked.telegram.sent if "reply_markup" in m)
    assert "echo well done" in shown["text"]
    assert shown["link_preview_options"] == {"is_disabled": True}
    assert set(buttons) == {"Approve", "Refuse"}
    # What takes longer than Telegram waits is told by the message alone.
    said = press(linked, buttons["Approve"])
    assert said in ("Done: echo well done\nwell done", "It is being carried out.")
    wait_for_state(linked, approval, "executed")
    edited = changed(linked, 1)
    assert edited["message_id"] == buttons["Approve"][0]
    assert "reply_markup" not in edited
    assert edited["text"].endswith("Done: echo well done\nwell done")
    found = linked.server.request("GET", f"/v1/approvals/{approval}", key=ALICE_KEY).json()
    assert (found["requested_by"], found["decided_by"]) == ("Telegram", "Telegram")
    # Once more, either button only says what has become of it.
    for button in buttons.values():
        assert press(linked, button).startswith("This was decided before. Done:")
    log = linked.server.request("GET", f"/v1/audit?subject={approval}", key=ALICE_KEY).json()
    assert [each["event"] for each in log] == ["executed", "approved", "requested"]


def test_a_press_refuses(linked: Equipped) -> None:
    approval, buttons = ask(linked)
    assert press(linked, buttons["Refuse"]) == "Refused: echo well done"
    assert state(linked, approval) == "denied"


def test_what_was_decided_elsewhere_is_said(linked: Equipped) -> None:
    approval, buttons = ask(linked)
    linked.server.request("POST", f"/v1/approvals/{approval}/deny", key=ALICE_KEY)
    assert press(linked, buttons["Approve"]).startswith("This was decided before. Refused:")
    assert state(linked, approval) == "denied"


def test_nobody_decides_with_the_button_of_somebody_else(linked: Equipped) -> None:
    approval, buttons = ask(linked)
    assert "nothing to decide" in press(linked, buttons["Approve"], BOB_ACCOUNT)
    # A stranger is not even answered.
    linked.telegram.press(buttons["Approve"][1], STRANGER)
    forged = buttons["Approve"][1][:-4] + "AAA="
    for data in (forged, "", "a", "approve", "x" * 64, buttons["Approve"][1][:-1]):
        assert "nothing to decide" in press(linked, (1, data))
    # In a group that a linked person is in, nothing is decided either.
    linked.telegram.press(buttons["Approve"][1], ALICE_ACCOUNT, chat=-100123)
    assert state(linked, approval) == "pending"
    # An account that is linked no longer decides nothing.
    linked.server.request("DELETE", "/v1/telegram/account", key=ALICE_KEY)
    linked.telegram.press(buttons["Approve"][1])
    linked.telegram.wait_confirmed(linked.telegram.write("", STRANGER))
    assert state(linked, approval) == "pending"


def test_what_is_too_long_to_be_shown_cannot_be_decided_there(linked: Equipped) -> None:
    with telling(linked, "telegram"):
        approval = ask_for_mail(linked, "fern " * 900)
        (said,) = linked.telegram.wait_for(1)
    assert "too long to be shown" in said
    assert "fern" not in said
    assert linked.telegram.buttons() == []
    assert state(linked, approval) == "pending"


def test_an_approval_from_elsewhere_is_told_by_choice_alone(linked: Equipped) -> None:
    first = ask_for_mail(linked, "Nobody is told.")
    with telling(linked, "telegram", "ntfy"):
        second = ask_for_mail(linked, "They grow.")
        (told,) = linked.telegram.wait_for(1)
        assert "They grow." in told
        assert "bob@example.org" in told
        (notice,) = linked.ntfy.wait_for(1)
        # Whoever runs that server reads along: nothing of it, no key and no button.
        assert notice["message"] == notice["title"] == "Waits for your approval"
        assert notice["click"] == "https://pisovereign.test/approvals"
        assert "actions" not in notice
        button = next(data for _, text, data in linked.telegram.buttons() if text == "Refuse")
        press(linked, (1, button))
        wait_for_state(linked, second, "denied")
        assert state(linked, first) == "pending"
