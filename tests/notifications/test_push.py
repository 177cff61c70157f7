"""Web Push with a push service of our own: what arrives, who can read it, and what is forgotten."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from tests.accounts.support import signed_in
from tests.approvals.conftest import Approvals
from tests.memory.test_at_rest import superuser
from tests.reminders.support import remind
from tests.support.api_server import running_api
from tests.support.push_service import Message, PushServer, SubscribedBrowser
from tests.support.server import ADMIN_KEY, ALICE_KEY, BOB_KEY, Server, wait_until

NOW = dt.timedelta(0)


class Pushing(NamedTuple):
    """Both sides."""

    server: Server
    push: PushServer

    def subscribe(
        self, browser: SubscribedBrowser, *, key: str = ALICE_KEY, **more: str
    ) -> dict[str, Any]:
        answer = self.server.request(
            "POST", "/v1/push/subscriptions", key=key, json=browser.subscription(**more)
        )
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def subscriptions(self, *, key: str = ALICE_KEY) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.server.request(
            "GET", "/v1/push/subscriptions", key=key
        ).json()
        return found


@pytest.fixture(scope="module")
def running(
    server: Server, models_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pushing]:
    with (
        PushServer(tmp_path_factory.mktemp("push")) as push,
        running_api(server, models_dir, **push.settings()) as pushing,
    ):
        yield Pushing(pushing, push)


@pytest.fixture
def pushing(running: Pushing) -> Pushing:
    """Nobody has subscribed, and nothing was sent yet."""
    with superuser(running.server) as connection:
        for table in ("jobs", "reminders", "events", "approvals", "push_subscriptions"):
            connection.execute(f"DELETE FROM {table}".encode())
    running.push.sent.clear()
    running.push.statuses.clear()
    return running


def claims(message: Message) -> dict[str, Any]:
    """What the sender says of itself in its signed token."""
    token = message.headers["authorization"].partition("t=")[2].partition(",")[0]
    body = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return found


def test_reminder_arrives_and_only_the_browser_can_read_it(pushing: Pushing) -> None:
    browser = pushing.push.browser("phone")
    pushing.subscribe(browser, language="de")
    made = remind(pushing.server, "Call the dentist", NOW)
    (message,) = pushing.push.wait_for("phone", 1)
    assert browser.read(message.body) == {
        "title": "Eine Erinnerung",
        "body": "⏰ Call the dentist",
        "tag": made["id"],
        "kind": "reminder",
    }
    assert b"dentist" not in message.body
    assert message.headers["content-encoding"] == "aes128gcm"
    assert int(message.headers["ttl"]) > 0
    said = claims(message)
    assert said["aud"] == f"https://localhost:{pushing.push.port}"
    assert said["sub"].startswith(("https:", "mailto:"))
    key = pushing.server.request("GET", "/v1/push/key", key=ALICE_KEY).json()["key"]
    assert message.headers["authorization"].endswith(f"k={key}")
    # The length says nothing: a much longer title makes a message of the same.
    remind(pushing.server, "Call the dentist about the other tooth, the one on the left", NOW)
    other = pushing.push.wait_for("phone", 2)[1]
    assert len(other.body) == len(message.body)


def test_what_waits_for_an_approval_is_told(pushing: Pushing) -> None:
    browser = pushing.push.browser("tablet")
    pushing.subscribe(browser)
    Approvals(pushing.server).ask()
    pending = pushing.server.request("GET", "/v1/approvals?status=pending", key=ALICE_KEY).json()
    (message,) = pushing.push.wait_for("tablet", 1)
    notice = browser.read(message.body)
    assert (notice["kind"], notice["tag"]) == ("approval", pending[0]["id"])
    assert notice["body"] == pending[0]["title"]


def test_browser_that_unsubscribed_is_forgotten_and_the_others_are_told(pushing: Pushing) -> None:
    gone, there = pushing.push.browser("gone"), pushing.push.browser("there")
    pushing.subscribe(gone)
    kept = pushing.subscribe(there)
    pushing.push.statuses["/send/gone"] = 410
    remind(pushing.server, "Bread", NOW)
    pushing.push.wait_for("there", 1)
    wait_until(
        lambda: [each["id"] for each in pushing.subscriptions()] == [kept["id"]],
        60,
        "the subscription is forgotten",
    )
    wait_until(lambda: pushing.subscriptions()[0]["sent_at"] is not None, 60, "it is noted")
    shown = pushing.subscriptions()[0]
    assert shown["service"] == "localhost"
    assert "endpoint" not in shown


def test_busy_service_is_asked_again_and_tells_once(pushing: Pushing) -> None:
    browser = pushing.push.browser("busy")
    pushing.subscribe(browser)
    pushing.push.statuses["/send/busy"] = 400
    made = remind(pushing.server, "Refused", NOW)

    def status() -> str:
        shown = pushing.server.request("GET", f"/v1/reminders/{made['id']}", key=ALICE_KEY).json()
        return next((d["status"] for d in shown["deliveries"] if d["channel"] == "push"), "none")

    wait_until(lambda: status() == "failed", 60, "a refusal is an end")
    pushing.push.statuses["/send/busy"] = 503
    again = remind(pushing.server, "Busy", NOW)
    made["id"] = again["id"]
    pushing.push.wait_for("busy", 2)
    wait_until(lambda: status() == "waiting", 60, "it waits for another try")


def test_others_hear_nothing_and_cannot_remove_it(pushing: Pushing) -> None:
    mine = pushing.push.browser("mine")
    made = pushing.subscribe(mine)
    assert pushing.subscriptions(key=BOB_KEY) == []
    path = f"/v1/push/subscriptions/{made['id']}"
    assert pushing.server.request("DELETE", path, key=BOB_KEY).status_code == 404
    assert pushing.subscribe(mine)["id"] == made["id"]
    assert len(pushing.subscriptions()) == 1
    remind(pushing.server, "Of Bob", NOW, key=BOB_KEY)
    remind(pushing.server, "Of Alice", NOW)
    (message,) = pushing.push.wait_for("mine", 1)
    assert mine.read(message.body)["body"] == "⏰ Of Alice"
    assert pushing.server.request("DELETE", path, key=ALICE_KEY).status_code == 204
    assert pushing.server.request("DELETE", path, key=ALICE_KEY).status_code == 404


def test_who_is_signed_out_is_told_nothing_more(pushing: Pushing) -> None:
    """Also from elsewhere, and also when the browser does not unsubscribe: it may be lost."""
    lost, owner = (signed_in(pushing.server.url, key=ADMIN_KEY) for _ in range(2))
    program = owner.request("POST", "/v1/api-keys", json={"name": "Program"}).json()
    here = pushing.push.browser("here")
    pushing.subscribe(here)
    gone = [pushing.push.browser(name) for name in ("lost", "revoked")]
    answer = lost.request("POST", "/v1/push/subscriptions", json=gone[0].subscription())
    assert answer.status_code == 201, answer.text
    pushing.subscribe(gone[1], key=program["key"])
    remind(pushing.server, "Before", NOW)
    for name in ("here", "lost", "revoked"):
        pushing.push.wait_for(name, 1)
    owner.request("DELETE", f"/v1/sessions/{lost.me().json()['session']}")
    owner.request("DELETE", f"/v1/api-keys/{program['id']}")
    remind(pushing.server, "Afterwards", NOW)
    pushing.push.wait_for("here", 2)
    assert [each["service"] for each in pushing.subscriptions()] == ["localhost"]
    # Browsers are told together: what would have gone there is there by now, or never comes.
    for name in ("lost", "revoked"):
        assert len(pushing.push.wait_for(name, 1)) == 1


def test_where_browsers_are_reached_is_sealed(pushing: Pushing) -> None:
    name = f"secret-{uuid4()}"
    pushing.subscribe(pushing.push.browser(name))
    with superuser(pushing.server) as connection:
        rows = connection.execute(b"SELECT * FROM push_subscriptions").fetchall()
    assert name.encode() not in b"".join(v for v in rows[0] if isinstance(v, bytes))
    assert name not in pushing.server.log()


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example.com/send/x",
        "https://127.0.0.1/send/x",
        "https://[::1]/send/x",
        "https://user@push.example.com/x",
        "https://2130706433/x",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "",
    ],
)
def test_only_a_push_service_can_be_named(pushing: Pushing, endpoint: str) -> None:
    body = pushing.push.browser("x").subscription() | {"endpoint": endpoint}
    answer = pushing.server.request("POST", "/v1/push/subscriptions", key=ALICE_KEY, json=body)
    assert answer.status_code == 422
    assert answer.json()["error"]["details"]["fields"][0]["field"] == "endpoint"


def test_host_of_the_local_network_is_never_contacted(pushing: Pushing) -> None:
    """The gate decides, when something is sent: a name may lead anywhere by then."""
    other = SubscribedBrowser("https://localhost:9/send/x")
    pushing.subscribe(other)
    made = remind(pushing.server, "Nobody hears this", NOW)

    def refused() -> bool:
        shown = pushing.server.request("GET", f"/v1/reminders/{made['id']}", key=ALICE_KEY).json()
        return any(d["channel"] == "push" and d["status"] == "failed" for d in shown["deliveries"])

    wait_until(refused, 60, "the refusal")


def test_keys_that_are_none_are_refused(pushing: Pushing) -> None:
    body = pushing.push.browser("x").subscription()
    for keys in ({"p256dh": "AAAA", "auth": "AAAA"}, {**body["keys"], "auth": "!"}):
        answer = pushing.server.request(
            "POST", "/v1/push/subscriptions", key=ALICE_KEY, json=body | {"keys": keys}
        )
        assert answer.status_code == 422
        assert answer.json()["error"]["details"]["fields"][0]["field"] == "keys"


def test_browsers_of_one_user_are_limited(pushing: Pushing) -> None:
    for number in range(20):
        pushing.subscribe(pushing.push.browser(f"many-{number}"))
    body = pushing.push.browser("one-more").subscription()
    answer = pushing.server.request("POST", "/v1/push/subscriptions", key=ALICE_KEY, json=body)
    assert answer.status_code == 409
    assert len(pushing.subscriptions()) == 20
