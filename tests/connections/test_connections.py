"""Connections that are set up while the program runs, with real servers and two workers."""

from __future__ import annotations

from typing import Any

import psycopg
import requests

from pisovereign.connectors.connection_settings import ABOUT
from pisovereign.connectors.speech.audio import Audio, to_wav
from tests.connections.conftest import FOR_BOTH_WORKERS, Household
from tests.connectors.calendar.radicale import NAME
from tests.connectors.calendar.radicale import PASSWORD as CALENDAR_PASSWORD
from tests.connectors.email.dovecot import PASSWORD, USER
from tests.support.graph_api import (
    ALICE_PHONE,
    NUMBER_ID,
    SECRET,
    TOKEN,
    VERIFY,
    post,
    text_message,
    webhook,
)
from tests.support.patience import PATIENCE_S
from tests.support.server import ADMIN_KEY, AGENT_KEY, ALICE, ALICE_KEY, BOB_KEY, wait_until
from tests.support.speech_services import SpeechServices

KINDS = [
    "weather",
    "calendar",
    "email",
    "search",
    "telegram",
    "ntfy",
    "whatsapp",
    "matrix",
    "speech",
    "home_assistant",
    "waste",
    "backup_folder",
    "backup_stick",
    "backup_webdav",
    "backup_s3",
]
WEBHOOK = "/v1/webhooks/whatsapp"
HELLO = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "challenge123"}


def mailbox(household: Household, **other: Any) -> dict[str, Any]:
    return {
        "username": USER,
        "password": PASSWORD,
        "imap_host": "localhost",
        "imap_port": household.dovecot.tls_port,
        "smtp_host": "localhost",
        "smtp_port": household.smtp.tls_port,
        **other,
    }


def calendar(household: Household, **other: Any) -> dict[str, Any]:
    return {
        "url": household.radicale.url,
        "username": NAME,
        "password": CALENDAR_PASSWORD,
        **other,
    }


def whatsapp(**other: Any) -> dict[str, Any]:
    return {
        "phone_number_id": NUMBER_ID,
        "access_token": TOKEN,
        "app_secret": SECRET,
        "verify_token": VERIFY,
        "senders": [{"phone": f"+{ALICE_PHONE}", "user_id": ALICE}],
        **other,
    }


def command(household: Household, name: str, **kwargs: Any) -> requests.Response:
    return household.server.request("POST", "/v1/commands", json={"command": name}, **kwargs)


def applied(household: Household, name: str, status: int, key: str = ALICE_KEY) -> None:
    """Until every worker answers a command so."""

    def all_of_them() -> bool:
        asked = (command(household, name, key=key) for _ in range(FOR_BOTH_WORKERS))
        return all(answer.status_code == status for answer in asked)

    wait_until(all_of_them, PATIENCE_S, f"{name} answered with {status} by each worker")


def calendar_applied(household: Household) -> None:
    """Until every worker asks the server, which has no address books; without one that is a 503."""

    def all_of_them() -> bool:
        asked = (household.server.request("GET", "/v1/contacts") for _ in range(FOR_BOTH_WORKERS))
        return all(answer.status_code == 502 for answer in asked)

    wait_until(all_of_them, PATIENCE_S, "the calendar's server is used by each worker")


def errors(response: requests.Response) -> dict[str, str]:
    assert response.status_code == 422, response.text
    return {e["field"]: e["error"] for e in response.json()["error"]["details"]["fields"]}


def help_names(household: Household, key: str = ALICE_KEY) -> set[str]:
    shown = command(household, "help", key=key).json()["result"]["commands"]
    return {entry["name"] for entry in shown}


def test_each_is_listed_and_says_who_may_change_it(household: Household) -> None:
    def listed(key: str) -> dict[str, dict[str, Any]]:
        found = household.ask("GET", key=key).json()["connections"]
        assert [one["kind"] for one in found] == KINDS
        assert {one["source"] for one in found} == {"none"}
        assert {one["state"]["status"] for one in found} == {"not_set_up"}
        return {one["kind"]: one for one in found}

    assert all(one["editable"] for one in listed(ADMIN_KEY).values())
    own = {kind for kind, one in listed(ALICE_KEY).items() if one["editable"]}
    assert own == {"calendar", "email", "ntfy"}
    assert not any(one["editable"] for one in listed(AGENT_KEY).values())
    for key, kind in ((AGENT_KEY, "email"), (ALICE_KEY, "weather"), (ALICE_KEY, "whatsapp")):
        for method in ("GET", "DELETE", "POST"):
            path = f"{kind}/test" if method == "POST" else kind
            assert household.ask(method, path, key=key).status_code == 403
        assert household.ask("PUT", kind, key=key, location="Berlin").status_code == 403
    assert household.ask("GET", "gopher").status_code == 404


def test_a_form_is_described_in_the_language_of_its_reader(household: Household) -> None:
    headers = {"Accept-Language": "de"}
    form = household.server.request(
        "GET", "/v1/connections/email", key=ALICE_KEY, headers=headers
    ).json()
    assert form["title"] == "E-Mail"
    fields = {field["name"]: field for field in form["fields"]}
    assert fields["password"] == {
        "name": "password",
        "type": "secret",
        "label": "Passwort",
        "help": fields["password"]["help"],
        "required": True,
        "advanced": False,
        "generated": False,
        "placeholder": "",
        "address": "",
        "choices": [],
    }
    assert [choice["value"] for choice in fields["imap_security"]["choices"]] == ["tls", "starttls"]
    gmx = next(one for one in form["providers"] if one["id"] == "gmx")
    assert "gmx.de" in gmx["domains"]
    assert gmx["values"]["imap_host"] == "imap.gmx.net"
    assert form["secrets"] == {"password": False}


def test_every_broken_field_is_named(household: Household) -> None:
    assert errors(household.ask("PUT", "email", imap_host="no host", imap_port=70000)) == {
        "values.imap_host": "must be a host name or an IP address",
        "values.imap_port": "must be between 0 and 65535",
        "values.username": "is required",
        "values.password": "is required",
    }
    assert set(errors(household.ask("PUT", "weather", latitude=52.5))) == {"values.longitude"}
    assert set(errors(household.ask("PUT", "weather", location=""))) == {"values.location"}
    assert set(errors(household.ask("PUT", "calendar", **calendar(household, uri="x")))) == {
        "values.uri"
    }
    # A file of the machine is nothing that a form may name.
    named = errors(household.ask("PUT", "calendar", **calendar(household, ca_file="/etc/passwd")))
    assert set(named) == {"values.ca_file"}
    stranger = [{"phone": "+491701234567", "user_id": "7" * 8 + "-7777-4777-8777-" + "7" * 12}]
    assert set(errors(household.ask("PUT", "whatsapp", **whatsapp(senders=stranger)))) == {
        "values.senders[0].user_id"
    }


def test_the_weather_of_a_place_without_a_restart(household: Household) -> None:
    assert command(household, "weather").status_code == 503
    tried = household.ask("POST", "weather/test", location="Berlin").json()
    assert tried["status"] == "works"
    assert tried["detail"].startswith("Berlin: 15")
    assert [step["name"] for step in tried["steps"]] == ["resolve", "connect", "read"]
    assert command(household, "weather").status_code == 503  # nothing was saved
    saved = household.ask("PUT", "weather", location="Berlin").json()
    assert saved["source"] == "saved"
    assert saved["state"]["status"] == "works"
    applied(household, "weather", 200)
    nowhere = household.ask("POST", "weather/test", location="Nowhere at all").json()
    assert nowhere["status"] == "fails"
    assert "not a place" in nowhere["detail"]
    assert household.ask("DELETE", "weather").status_code == 204
    applied(household, "weather", 503)
    assert household.ask("DELETE", "weather").status_code == 404


def test_a_mailbox_from_a_wrong_password_to_a_sent_mail(household: Household) -> None:
    assert not help_names(household) & {"emails", "send_email", "draft_email"}
    wrong = household.ask("POST", "email/test", **mailbox(household, password="wrong")).json()
    reading = [step for step in wrong["steps"] if step["server"].endswith(_port(household))]
    assert [(step["name"], step["status"]) for step in reading] == [
        ("resolve", "done"),
        ("connect", "done"),
        ("tls", "done"),
        ("sign_in", "failed"),
        ("read", "skipped"),
    ]
    assert "certificate valid until" in reading[2]["detail"]
    assert "does not accept the login" in wrong["detail"]

    failing = household.ask("PUT", "email", **mailbox(household, password="wrong")).json()["state"]
    assert failing["status"] == "fails"
    # It is hers alone: whether the program is ready does not depend on it, and nobody else is told.
    ready = requests.get(f"{household.server.url}/ready/all", timeout=PATIENCE_S)
    assert ready.status_code == 200
    assert ready.json()["services"]["email"]["status"] == "not_configured"
    again = household.ask("GET", "email").json()["state"]
    assert (again["since"], again["status"]) == (failing["since"], "fails")

    saved = household.ask("PUT", "email", **mailbox(household)).json()
    assert saved["secrets"] == {"password": True}
    assert "password" not in saved["values"]
    applied(household, "emails", 200)
    assert {"emails", "send_email", "draft_email"} <= help_names(household)
    assert "emails" not in help_names(household, BOB_KEY)
    assert command(household, "emails", key=BOB_KEY).status_code == 503

    sent = household.server.request(
        "POST",
        "/v1/commands",
        json={
            "command": "send_email",
            "args": {"to": "bob@example.org", "subject": "Hi", "body": "It works"},
        },
    ).json()
    approved = household.server.request(
        "POST", f"/v1/approvals/{sent['approval_id']}/approve"
    ).json()
    assert approved["status"] == "executed", approved
    assert len(household.smtp.received) == 1


def _port(household: Household) -> str:
    return f":{household.dovecot.tls_port}"


def test_an_approval_waits_while_nothing_can_carry_it_out(household: Household) -> None:
    household.ask("PUT", "email", **mailbox(household)).raise_for_status()
    applied(household, "emails", 200)
    args = {"to": "bob@example.org", "subject": "Hi", "body": "Later"}
    body = {"command": "send_email", "args": args}
    asked = household.server.request("POST", "/v1/commands", json=body).json()
    household.ask("DELETE", "email")
    applied(household, "emails", 503)
    path = f"/v1/approvals/{asked['approval_id']}"
    assert household.server.request("POST", f"{path}/approve").status_code == 503
    assert household.server.request("GET", path).json()["status"] == "pending"
    household.ask("PUT", "email", **mailbox(household)).raise_for_status()
    applied(household, "emails", 200)
    assert household.server.request("POST", f"{path}/approve").json()["status"] == "executed"


def test_a_secret_stays_where_it_is_and_goes_nowhere_else(household: Household) -> None:
    household.ask("PUT", "email", **mailbox(household)).raise_for_status()
    without = mailbox(household)
    del without["password"]
    assert household.ask("PUT", "email", **without, folder="INBOX").status_code == 200
    assert household.ask("POST", "email/test", **without).json()["status"] == "works"
    elsewhere = without | {"imap_host": "127.0.0.1"}
    for method, path in (("PUT", "email"), ("POST", "email/test")):
        refused = errors(household.ask(method, path, **elsewhere))
        assert refused == {
            "values.password": "is needed again, since the server or the account is another one"
        }
    shown = household.ask("GET", "email").text
    assert PASSWORD not in shown
    assert "pässwort" not in household.server.log()
    with psycopg.connect(household.server.owner_dsn()) as connection:
        rows = connection.execute("SELECT settings FROM connections").fetchall()
        assert rows
        assert not any(b"localhost" in bytes(row[0]) for row in rows)
    told = household.server.request("GET", "/v1/audit?limit=2").json()
    assert {entry["kind"] for entry in told} == {"connection"}
    assert {entry["what"] for entry in told} == {"email"}


def test_what_was_sealed_with_another_key_or_erased_is_gone(household: Household) -> None:
    household.ask("PUT", "weather", location="Berlin").raise_for_status()
    applied(household, "weather", 200)
    with psycopg.connect(household.server.owner_dsn(), autocommit=True) as connection:
        connection.execute("INSERT INTO sealing_keys VALUES ('foreign') ON CONFLICT DO NOTHING")
        connection.execute("UPDATE connections SET key_id = 'foreign' WHERE kind = 'weather'")
        connection.execute("UPDATE connection_changes SET version = version + 1")
        # Without it both workers look as well, some seconds later.
        connection.execute("SELECT pg_notify('pisovereign_news', %s)", (f"test {ABOUT}",))
    applied(household, "weather", 503)
    form = household.ask("GET", "weather").json()
    assert form["state"]["status"] == "unreadable"
    assert "enter it again" in form["reason"]
    assert household.ask("PUT", "weather", location="Bonn").json()["state"]["status"] == "works"
    applied(household, "weather", 200)
    # Whoever is erased has no connections any more, and every worker sees it.
    with psycopg.connect(household.server.owner_dsn(), autocommit=True) as connection:
        connection.execute("DELETE FROM connections WHERE kind = 'weather'")
    applied(household, "weather", 503)


def test_a_calendar_of_ones_own(household: Household) -> None:
    # Who may not name servers of the local network sees why it cannot be reached.
    bobs = household.ask("POST", "calendar/test", key=BOB_KEY, **calendar(household)).json()
    assert bobs["status"] == "fails"
    assert "not on the public internet" in bobs["detail"]
    tried = household.ask("POST", "calendar/test", **calendar(household)).json()
    assert tried["status"] == "works", tried
    assert [step["name"] for step in tried["steps"]] == [
        "resolve",
        "connect",
        "tls",
        "sign_in",
        "read",
    ]
    assert "Home" in tried["detail"]
    household.ask("PUT", "calendar", **calendar(household)).raise_for_status()
    calendar_applied(household)
    assert command(household, "calendar", key=BOB_KEY).json()["result"]["events"] == []
    assert household.ask("GET", "calendar", key=BOB_KEY).json()["values"]["url"] == ""


def test_whatsapp_is_linked_and_answers(household: Household) -> None:
    url = household.server.url
    assert requests.get(url + WEBHOOK, params=HELLO, timeout=PATIENCE_S).status_code == 403
    saved = household.ask("PUT", "whatsapp", **whatsapp()).json()
    assert saved["state"]["status"] == "works"
    assert saved["webhook"] == WEBHOOK
    assert saved["secrets"] == {"access_token": True, "app_secret": True, "verify_token": True}

    def verified() -> bool:
        replies = [
            requests.get(url + WEBHOOK, params=HELLO, timeout=PATIENCE_S)
            for _ in range(FOR_BOTH_WORKERS)
        ]
        return all(reply.text == "challenge123" for reply in replies)

    wait_until(verified, PATIENCE_S, "both workers know the token")
    asked = webhook(text_message("help"))
    wait_until(lambda: post(url, asked).status_code == 200, PATIENCE_S, "the message is taken")
    assert household.graph.wait_for(1)
    household.ask("DELETE", "whatsapp")

    def refused() -> bool:
        replies = [
            requests.get(url + WEBHOOK, params=HELLO, timeout=PATIENCE_S)
            for _ in range(FOR_BOTH_WORKERS)
        ]
        return all(reply.status_code == 403 for reply in replies)

    wait_until(refused, PATIENCE_S, "no worker takes it any more")


def test_speech_is_tried_saved_and_used(household: Household) -> None:
    with SpeechServices() as services:
        values = {"to_text": services.address, "to_speech": services.address}
        tried = household.ask("POST", "speech/test", **values).json()
        assert (tried["status"], tried["detail"]) == ("works", "espeak-ng")
        assert household.ask("PUT", "speech", **values).status_code == 200
        wait_until(lambda: writes_down(household) == {True}, 60, "speech everywhere")
        services.says = "Good morning"
        recording = silence()
        heard = household.server.request("POST", "/v1/audio/transcriptions", data=recording)
        assert heard.json() == {"text": "Good morning"}
    wrong = household.ask("PUT", "speech", to_text="http://127.0.0.1:1")
    assert wrong.status_code == 422
    none = household.ask("PUT", "speech", voice="anna")
    assert none.json()["error"]["details"]["fields"][0]["field"] == "values.to_text"
    assert household.ask("DELETE", "speech").status_code == 204
    wait_until(lambda: writes_down(household) == {False}, 60, "no speech anywhere")


def writes_down(household: Household) -> set[bool]:
    """What the workers say of whether speech is written down."""
    states = household.everywhere("GET", "/v1/audio")
    return {state.json()["transcriptions"] for state in states}


def silence() -> bytes:
    """A recording of a second."""
    return to_wav(Audio(16_000, 1, bytes(32_000)))
