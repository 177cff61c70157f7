"""Reminders by mail, from the real program to the mailbox's own address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.email.crash import settings
from tests.connectors.email.dovecot import USER, Dovecot
from tests.connectors.email.smtp_server import SmtpServer
from tests.support.patience import PATIENCE_S
from tests.support.server import ALICE_KEY, BOB_KEY, Server, wait_until


@pytest.fixture(scope="module")
def sending(models_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A program of its own, a server that takes its mails, and its mailbox."""
    with (
        Dovecot() as dovecot,
        SmtpServer(dovecot.certificates) as smtp,
    ):
        folder = tmp_path_factory.mktemp("sending")
        ways = {"PISOVEREIGN_REMINDERS__DELIVER": '["events", "mail"]'}
        server = Server(folder, models_dir, **settings(dovecot, smtp), **ways).start()
        yield server, smtp
        server.remove()


def remind(server: Server, title: str, *, key: str) -> str:
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=1)
    body = {"title": title, "remind_at": soon.isoformat()}
    reply = server.request("POST", "/v1/reminders", json=body, key=key)
    assert reply.status_code == 201, reply.text
    return str(reply.json()["id"])


def delivery(server: Server, reminder: str, *, key: str) -> dict[str, Any]:
    """How the mail about a reminder got on, once that is settled."""

    def ways() -> list[dict[str, Any]]:
        shown = server.request("GET", f"/v1/reminders/{reminder}", key=key).json()
        settled = {"sent", "failed", "uncertain"}
        return [way for way in shown["deliveries"] if way["status"] in settled]

    wait_until(ways, PATIENCE_S, "the delivery")
    return ways()[0]


def test_a_reminder_comes_by_mail(sending: tuple[Server, SmtpServer]) -> None:
    server, smtp = sending
    reminder = remind(server, "Tee für Ömer", key=ALICE_KEY)
    assert delivery(server, reminder, key=ALICE_KEY)["status"] == "sent"
    assert len(smtp.received) == 1
    mail = smtp.mail()
    assert smtp.received[0].rcpt_tos == [USER]
    assert mail["Subject"] == "⏰ Tee für Ömer"
    assert mail.get_content().strip() == "⏰ Tee für Ömer"


def test_nobody_elses_reminders_come(sending: tuple[Server, SmtpServer]) -> None:
    server, smtp = sending
    smtp.reset()
    reminder = remind(server, "secret", key=BOB_KEY)
    said = delivery(server, reminder, key=BOB_KEY)
    assert said["status"] == "failed"
    assert "belongs to somebody else" in said["error"]
    assert smtp.received == []


def test_a_start_that_is_refused(models_dir: Path, data_dir: Path) -> None:
    ways = {"PISOVEREIGN_REMINDERS__DELIVER": '["mail"]'}
    server = Server(data_dir, models_dir, **ways)
    server.start(wait=False)
    wait_until(lambda: "set email.smtp_host" in server.log(), 60, "the refusal")
    server.remove()
