"""A house that is connected on the page: tried, saved, used at once, and removed."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.support.home_assistant_api import TOKEN, HomeAssistantApi, home_assistant_api
from tests.support.patience import PATIENCE_S
from tests.support.server import ADMIN_KEY, ALICE_KEY, BOB_KEY, Server, wait_until

PATH = "/v1/connections/home_assistant"


@pytest.fixture
def house(server: Server) -> Iterator[HomeAssistantApi]:
    """A house that is forgotten afterwards."""
    with home_assistant_api() as running:
        yield running
        server.request("DELETE", PATH, key=ADMIN_KEY)


def test_it_is_tried_saved_used_and_removed(server: Server, house: HomeAssistantApi) -> None:
    values = {"url": house.url, "token": TOKEN, "without_approval": ["light", "switch"]}
    wrong = {"json": {"values": {**values, "token": "another"}}}
    tried = server.request("POST", f"{PATH}/test", key=ADMIN_KEY, **wrong).json()
    assert tried["status"] == "fails"
    assert "does not accept the token" in tried["detail"]
    tried = server.request("POST", f"{PATH}/test", key=ADMIN_KEY, json={"values": values}).json()
    assert tried["status"] == "works", tried
    assert tried["detail"] == "Home Assistant 2026.2.3, 4 exposed"

    saved = server.request("PUT", PATH, key=ADMIN_KEY, json={"values": values})
    assert saved.status_code == 200, saved.text
    assert "token" not in saved.json()["values"]
    assert saved.json()["secrets"] == {"token": True}
    # It is the household's, and what it lets people do is said in the form.
    for key in (ALICE_KEY, BOB_KEY):
        answer = server.chat("turn on the pump", key=key, conversation_id=str(uuid4())).json()
        assert answer["content"] == "Turned on: Pump."
    assert house.calls == [("switch.turn_on", ["switch.pump"])] * 2

    server.request("DELETE", PATH, key=ADMIN_KEY)
    body = {"command": "home_state", "args": {"names": ["Pump"]}}
    wait_until(
        lambda: server.request("POST", "/v1/commands", json=body).status_code == 503,
        PATIENCE_S,
        "the house is forgotten",
    )


def test_only_an_owner_connects_a_house(server: Server, house: HomeAssistantApi) -> None:
    values = {"url": house.url, "token": TOKEN}
    for method, path in (("PUT", PATH), ("POST", f"{PATH}/test"), ("GET", PATH)):
        refused = server.request(method, path, key=ALICE_KEY, json={"values": values})
        assert refused.status_code == 403
    assert house.connections == 0
