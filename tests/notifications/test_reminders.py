"""Reminders that leave the machine: sent once, or reported."""

from __future__ import annotations

import datetime as dt
import os
import signal
from typing import Any

import pytest

from tests.memory.test_at_rest import superuser
from tests.notifications.conftest import Sending
from tests.reminders.support import Told, last_event, remind, told
from tests.support.graph_api import ALICE_PHONE, error, post, text_message, webhook
from tests.support.patience import PATIENCE_S
from tests.support.server import ALICE_KEY, BOB_KEY, Server, wait_until

NOW = dt.timedelta(0)


def open_window(sending: Sending) -> None:
    """Alice writes, so that she may be written to; the answer is no matter here."""
    picture = text_message("", phone=ALICE_PHONE) | {"type": "image"}
    assert post(sending.server.url, webhook(picture)).status_code == 200
    sending.graph.wait_for(1)
    sending.graph.sent.clear()


def delivery(server: Server, reminder: str, *, key: str = ALICE_KEY) -> dict[str, Any]:
    """How the reminder's message got on."""
    shown = server.request("GET", f"/v1/reminders/{reminder}", key=key).json()
    found: list[dict[str, Any]] = shown["deliveries"]
    return found[0] if found else {"status": "none"}


def settled(
    server: Server, reminder: str, *, key: str = ALICE_KEY, limit_s: float = PATIENCE_S
) -> dict[str, Any]:
    def ended() -> bool:
        return delivery(server, reminder, key=key)["status"] in ("sent", "failed", "uncertain")

    wait_until(ended, limit_s, "the end of the delivery")
    return delivery(server, reminder, key=key)


def failures(server: Server, after: int, *, key: str = ALICE_KEY) -> list[Told]:
    return [e for e in told(server, after=after, key=key) if e.kind == "delivery_failed"]


def test_a_reminder_arrives(sending: Sending) -> None:
    open_window(sending)
    made = remind(sending.server, "Call the dentist", NOW)
    assert sending.graph.wait_for(1) == ["⏰ Call the dentist"]
    ended = settled(sending.server, made["id"])
    assert (ended["channel"], ended["status"], ended["error"]) == ("whatsapp", "sent", None)
    assert failures(sending.server, 0) == []


def test_meta_is_busy_and_then_takes_it(sending: Sending) -> None:
    open_window(sending)
    sending.graph.refusals.append((429, error(130429)))
    made = remind(sending.server, "Busy", NOW)
    tries: list[dict[str, Any]] = []

    def is_tried() -> bool:
        tries.append(delivery(sending.server, made["id"]))
        return "130429" in (tries[-1].get("error") or "")

    wait_until(is_tried, PATIENCE_S, "a try")
    assert tries[-1]["status"] == "waiting"
    assert settled(sending.server, made["id"])["status"] == "sent"
    assert sending.graph.texts() == ["⏰ Busy"]


@pytest.mark.parametrize(
    ("refusal", "status", "copies"),
    [((400, error(131026)), "failed", 0), (None, "uncertain", 1), ((502, b""), "uncertain", 0)],
)
def test_what_fails_is_reported_and_holds_up_nothing(
    sending: Sending, refusal: Any, status: str, copies: int
) -> None:
    open_window(sending)
    start = last_event(sending.server)
    sending.graph.refusals.append(refusal)
    made = remind(sending.server, "First", NOW)
    other = remind(sending.server, "Second", NOW)
    ended = settled(sending.server, made["id"])
    assert ended["status"] == status
    assert settled(sending.server, other["id"])["status"] == "sent"
    assert sending.graph.texts() == ["⏰ First"] * copies + ["⏰ Second"]
    (failed,) = failures(sending.server, start)
    assert failed.data == {
        "channel": "whatsapp",
        "about": "reminder",
        "subject": made["id"],
        "status": status,
        "error": ended["error"],
    }


def test_without_a_window_it_is_reported(sending: Sending) -> None:
    made = remind(sending.server, "Late", NOW)
    ended = settled(sending.server, made["id"])
    assert ended["status"] == "failed"
    assert "24 hours" in ended["error"]
    assert sending.graph.sent == []


def test_who_has_no_number_is_told_so(sending: Sending) -> None:
    made = remind(sending.server, "For Bob", NOW, key=BOB_KEY)
    ended = settled(sending.server, made["id"], key=BOB_KEY)
    assert ended["status"] == "failed"
    assert "whatsapp.senders" in ended["error"]


def test_what_is_done_is_no_longer_sent(sending: Sending) -> None:
    open_window(sending)
    sending.graph.refusals.append((503, error(2)))
    made = remind(sending.server, "Done meanwhile", NOW)
    wait_until(
        lambda: delivery(sending.server, made["id"]).get("error") is not None,
        PATIENCE_S,
        "a failed try",
    )
    sending.server.request("POST", f"/v1/reminders/{made['id']}/done")
    other = remind(sending.server, "Another", NOW)
    assert settled(sending.server, other["id"])["status"] == "sent"
    assert sending.graph.texts() == ["⏰ Another"]
    assert delivery(sending.server, made["id"]) == {"status": "none"}


def test_a_reminder_that_was_put_off_is_sent_again(sending: Sending) -> None:
    open_window(sending)
    made = remind(sending.server, "Again", NOW)
    settled(sending.server, made["id"])
    path = f"/v1/reminders/{made['id']}/snooze"
    assert sending.server.request("POST", path, json={"minutes": 1}).status_code == 200
    with superuser(sending.server) as connection:
        connection.execute("UPDATE reminders SET remind_at = now()")
    remind(sending.server, "This makes the program look", NOW)
    assert sorted(sending.graph.wait_for(3))[:2] == ["⏰ Again", "⏰ Again"]


def test_who_is_killed_while_sending_has_sent_once(sending: Sending) -> None:
    open_window(sending)
    sending.graph.delay_s = 30
    made = remind(sending.server, "Cut off", NOW)
    wait_until(
        lambda: delivery(sending.server, made["id"])["status"] == "sending",
        PATIENCE_S,
        "the sending",
    )
    lines = sending.server.descendants()
    masters = sorted(pid for pid, line in lines.items() if "pisovereign.cli.serve api" in line)
    os.kill(masters[-1], signal.SIGKILL)
    sending.graph.delay_s = 0

    def answers() -> bool:
        try:
            return sending.server.request("GET", "/health", timeout=2).ok
        except OSError:
            return False

    wait_until(answers, PATIENCE_S, "the next worker")
    # Only when the lease of whoever was killed has run out.
    ended = settled(sending.server, made["id"], limit_s=2 * PATIENCE_S)
    assert ended["status"] == "uncertain"
    assert ended["error"] == "The program ended while it was sending"
    other = remind(sending.server, "Afterwards", NOW)
    assert settled(sending.server, other["id"])["status"] == "sent"
    assert sending.graph.texts().count("⏰ Cut off") <= 1
