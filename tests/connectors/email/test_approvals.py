"""Mails of commands, from the request over the approval to the servers, through HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.connectors.email.crash import settings
from tests.connectors.email.dovecot import USER, Dovecot
from tests.connectors.email.smtp_server import SmtpServer
from tests.support.api_process import ApiProcess
from tests.support.server import BOB_KEY, Server

HELLO = {"to": "bob@example.org", "subject": "Grüße", "body": "Hello Bob,\nsee you."}


@pytest.fixture(scope="module")
def _running(server: Server, _running_dovecot: Dovecot) -> Iterator[tuple[ApiProcess, SmtpServer]]:
    with (
        SmtpServer(_running_dovecot.certificates) as smtp,
        ApiProcess(server, **settings(_running_dovecot, smtp)) as api,
    ):
        yield api, smtp


@pytest.fixture
def api(_running: tuple[ApiProcess, SmtpServer]) -> ApiProcess:
    return _running[0]


@pytest.fixture
def smtp(_running: tuple[ApiProcess, SmtpServer]) -> SmtpServer:
    _running[1].reset()
    return _running[1]


def command(api: ApiProcess, name: str, args: dict[str, Any], *, key: str | None = None) -> Any:
    keys = {"key": key} if key else {}
    return api.request("POST", "/v1/commands", json={"command": name, "args": args}, **keys)


def ask(api: ApiProcess, name: str, args: dict[str, Any]) -> str:
    """The approval that a command asks for."""
    reply = command(api, name, args)
    assert reply.status_code == 200, reply.text
    assert reply.json()["status"] == "pending_approval"
    return str(reply.json()["approval_id"])


def approve(api: ApiProcess, approval: str) -> dict[str, Any]:
    reply = api.request("POST", f"/v1/approvals/{approval}/approve")
    assert reply.status_code == 200, reply.text
    shown: dict[str, Any] = reply.json()
    return shown


def test_a_mail_is_shown_then_sent(api: ApiProcess, smtp: SmtpServer, dovecot: Dovecot) -> None:
    approval = ask(api, "send_email", HELLO)
    assert smtp.received == []
    shown = api.request("GET", f"/v1/approvals/{approval}").json()
    assert shown["details"] == {
        "sender": USER,
        "to": ["bob@example.org"],
        "subject": "Grüße",
        "text": "Hello Bob,\nsee you.",
    }
    done = approve(api, approval)
    assert done["status"] == "executed"
    assert done["result"]["confirmed_by"] == "answer"
    mail = smtp.mail()
    assert len(smtp.received) == 1
    assert (mail["From"], mail["To"], mail["Subject"]) == (USER, "bob@example.org", "Grüße")
    assert mail.get_content().splitlines() == ["Hello Bob,", "see you."]
    assert len(dovecot.mails("Gesendet")) == 1
    again = api.request("POST", f"/v1/approvals/{approval}/approve")
    assert again.status_code == 409
    assert len(smtp.received) == 1


def test_a_denied_mail_stays(api: ApiProcess, smtp: SmtpServer) -> None:
    approval = ask(api, "send_email", HELLO)
    assert api.request("POST", f"/v1/approvals/{approval}/deny").status_code == 200
    assert smtp.received == []


def test_a_draft(api: ApiProcess, smtp: SmtpServer, dovecot: Dovecot) -> None:
    done = approve(api, ask(api, "draft_email", HELLO))
    assert done["status"] == "executed"
    assert len(dovecot.mails("Entw&APw-rfe")) == 1
    assert smtp.received == []


def test_an_answer_to_a_mail_of_the_summary(
    api: ApiProcess, smtp: SmtpServer, dovecot: Dovecot
) -> None:
    dovecot.put(b"From: zoe@example.org\r\nSubject: Lunch?\r\nMessage-ID: <l@x>\r\n\r\nToday?\r\n")
    summary = command(api, "emails", {"count": 1}).json()["result"]
    identifier = summary["mails"][0]["id"]
    approve(api, ask(api, "send_email", {"body": "Yes.", "reply_to": identifier}))
    mail = smtp.mail()
    assert (mail["To"], mail["Subject"]) == ("zoe@example.org", "Re: Lunch?")
    assert mail["In-Reply-To"] == "<l@x>"


def test_a_lost_answer_is_reported(api: ApiProcess, smtp: SmtpServer) -> None:
    smtp.answer = None
    done = approve(api, ask(api, "send_email", HELLO))
    assert done["status"] == "failed"
    assert "whether it was sent is unknown, and it is not sent again" in done["reason"]
    assert len(smtp.received) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("to", "bob@example.org\r\nBcc: eve@example.net"),
        ("to", "Bob"),
        ("subject", "Hi\r\nBcc: eve@example.net"),
        ("subject", "\u202eevil"),
        ("body", "a\u2066b"),
        ("body", " "),
        ("reply_to", "1"),
        ("bcc", "eve@example.net"),
    ],
)
def test_what_is_refused(api: ApiProcess, smtp: SmtpServer, field: str, value: str) -> None:
    for name in ("send_email", "draft_email"):
        reply = command(api, name, HELLO | {field: value})
        assert reply.status_code == 422, reply.text
        named = [row["field"] for row in reply.json()["error"]["details"]["fields"]]
        assert named == [f"args.{field}"]
    assert smtp.received == []


def test_who_may_not(api: ApiProcess, server: Server) -> None:
    reply = command(api, "send_email", HELLO, key=BOB_KEY)
    assert (reply.status_code, "email.user_id" in reply.text) == (503, True)
    body = {"command": "send_email", "args": HELLO}
    reply = server.request("POST", "/v1/commands", json=body)
    assert (reply.status_code, "email.smtp_host" in reply.text) == (503, True)


def test_nothing_is_told_to_the_log(api: ApiProcess, smtp: SmtpServer) -> None:
    mail = {"to": "secret-friend@example.org", "subject": "Secret plan", "body": "At midnight"}
    approve(api, ask(api, "send_email", mail))
    log = api.log_path.read_text()
    assert not [word for word in ("secret-friend", "Secret plan", "midnight") if word in log]


def test_the_trial_logs_in_to_both_servers(api: ApiProcess) -> None:
    reply = api.request("POST", "/v1/integrations/test")
    (mail,) = [row for row in reply.json()["integrations"] if row["name"] == "email"]
    assert mail["status"] == "works"
    assert mail["detail"] == "INBOX of localhost can be read, localhost takes mail"
