"""Where the configuration has a connection, it is shown and cannot be changed on the page."""

from __future__ import annotations

from tests.support.equipped import Equipped
from tests.support.server import ADMIN_KEY, BOB_KEY


def test_the_configuration_wins_and_the_answer_says_so(equipped: Equipped) -> None:
    listed = equipped.server.request("GET", "/v1/connections", key=ADMIN_KEY).json()
    configured = [one for one in listed["connections"] if one["source"] != "none"]
    assert {one["kind"] for one in configured} >= {"weather", "calendar", "email", "whatsapp"}
    for one in configured:
        assert (one["source"], one["editable"]) == ("configuration", False)
        assert one["state"]["status"] == "works", one
        path = f"/v1/connections/{one['kind']}"
        form = equipped.server.request("GET", path, key=ADMIN_KEY).json()
        assert "config.toml" in form["reason"]
        assert all(form["secrets"].values())
        for method, where in (("PUT", path), ("POST", f"{path}/test")):
            refused = equipped.server.request(method, where, key=ADMIN_KEY, json={"values": {}})
            assert refused.status_code == 409
        tried = equipped.server.request("POST", f"{path}/test", key=ADMIN_KEY).json()
        assert tried["status"] == "works", tried
    assert (
        equipped.server.request("GET", "/v1/connections/weather", key=ADMIN_KEY).json()["values"][
            "location"
        ]
        == "Berlin"
    )


def test_it_wins_for_those_whom_it_names(equipped: Equipped) -> None:
    """The calendar and the mailbox of the configuration are Alice's; Bob may have his own."""
    listed = equipped.server.request("GET", "/v1/connections", key=BOB_KEY).json()["connections"]
    found = {one["kind"]: (one["source"], one["editable"]) for one in listed}
    assert found["calendar"] == found["email"] == ("none", True)
    assert found["weather"] == ("configuration", False)
    shown = equipped.server.request("GET", "/v1/connections/email", key=BOB_KEY).json()
    assert shown["values"]["imap_host"] == shown["values"]["username"] == ""
    assert "localhost" not in str(shown["values"])
