"""Settings that hold at once: how somebody is reminded."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.connections.conftest import Household
from tests.connections.test_connections import applied, errors, mailbox
from tests.support.patience import PATIENCE_S
from tests.support.server import AGENT_KEY, ALICE_KEY, BOB_KEY, Server, wait_until

PATH = "/v1/settings/reminders"


def save(server: Server, key: str = ALICE_KEY, **values: Any) -> Any:
    return server.request("PUT", PATH, key=key, json={"values": values})


def shown(server: Server, key: str = ALICE_KEY) -> dict[str, Any]:
    answer = server.request("GET", "/v1/settings", key=key)
    assert answer.status_code == 200, answer.text
    forms = {form["kind"]: form for form in answer.json()["settings"]}
    assert set(forms) == {"reminders", "approvals"}
    found: dict[str, Any] = forms["reminders"]
    return found


def test_reminders_come_by_mail_once_it_is_connected(household: Household) -> None:
    server = household.server
    server.request("DELETE", PATH)
    assert shown(server)["source"] == "none"
    assert shown(server)["values"] == {"deliver": ["events", "push"], "snooze_minutes": 15}
    refused = save(server, deliver=["events", "mail"], snooze_minutes=20)
    assert errors(refused) == {"values.deliver": "holds mail, which is not set up for you"}
    assert set(errors(save(server, deliver=["pigeon"], snooze_minutes=0))) == {
        "values.deliver",
        "values.snooze_minutes",
    }
    household.ask("PUT", "email", **mailbox(household)).raise_for_status()
    applied(household, "emails", 200)
    saved = save(server, deliver=["events", "mail"], snooze_minutes=20)
    assert saved.json()["source"] == "saved", saved.text
    assert shown(server, BOB_KEY)["source"] == "none"

    def remind() -> bool:
        """A moment that has passed when the request is read is refused."""
        at = (dt.datetime.now(dt.UTC) + dt.timedelta(seconds=3)).isoformat()
        made = server.request("POST", "/v1/reminders", json={"title": "Water", "remind_at": at})
        return made.status_code == 201

    wait_until(remind, PATIENCE_S, "the reminder is made")
    wait_until(lambda: household.smtp.received, 90, "the mail that reminds")
    assert "Water" in str(household.smtp.mail(0).get_body())
    assert server.request("DELETE", PATH).status_code == 204
    # The other process is told of it.
    usual = {"deliver": ["events", "push"], "snooze_minutes": 15}
    wait_until(lambda: shown(server)["values"] == usual, PATIENCE_S, "what is usual holds again")
    assert server.request("DELETE", PATH).status_code == 404


def test_a_program_that_only_asks_changes_nothing(household: Household) -> None:
    assert household.server.request("GET", "/v1/settings", key=AGENT_KEY).status_code == 403
    assert save(household.server, AGENT_KEY, deliver=["events"]).status_code == 403
    nowhere = "/v1/settings/weather"
    body: dict[str, Any] = {"values": {}}
    assert household.server.request("PUT", nowhere, json=body).status_code == 404
