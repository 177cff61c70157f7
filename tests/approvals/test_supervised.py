"""What restricted people ask for is decided by an owner, who is told, and both logs say who."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from tests.accounts.support import Browser, signed_in
from tests.support.server import ADMIN_KEY, BOB_KEY, Server

PATH = "/v1/supervised-approvals"


class Household(NamedTuple):
    owner: Browser
    child: Browser
    child_id: str


@pytest.fixture
def household(server: Server) -> Iterator[Household]:
    owner = signed_in(server.url)
    invited = owner.request("POST", "/v1/people", json={"name": "Mia", "role": "restricted"}).json()
    child = Browser(server.url)
    child.sign_in(code=invited["invitation"]["code"])
    person = invited["person"]["id"]
    yield Household(owner, child, person)
    owner.request("DELETE", f"/v1/people/{person}?confirm=erase")


def ask(household: Household, printed: str = "hello") -> str:
    """The child asks for a command that needs an approval; returns its id."""
    name = f"greet finch {uuid.uuid4().hex[:6]}"
    body = {"name": name, "description": name, "command": f"echo {printed}"}
    made = household.child.request("POST", "/v1/commands/catalog", json=body)
    assert made.status_code == 201, made.text
    path = f"/v1/commands/catalog/{made.json()['id']}/execute"
    asked = household.child.request("POST", path)
    assert asked.json()["status"] == "pending_approval", asked.text
    return str(asked.json()["approval_id"])


def waiting(household: Household) -> dict[str, Any]:
    """What waits for owners, by its id."""
    rows = household.owner.request("GET", PATH).json()
    return {row["approval"]["id"]: row for row in rows if row["person_id"] == household.child_id}


def test_an_owner_approves_and_both_logs_say_who(household: Household) -> None:
    owner, child = household.owner, household.child
    approval = ask(household)
    # They cannot do it themselves.
    assert child.request("POST", f"/v1/approvals/{approval}/approve").status_code == 403
    shown = waiting(household)[approval]
    assert shown["person"] == "Mia"
    assert "echo hello" in json.dumps(shown["approval"]["lines"])
    done = owner.request("POST", f"{PATH}/{household.child_id}/{approval}/approve")
    assert done.status_code == 200, done.text
    found = child.request("GET", f"/v1/approvals/{approval}").json()
    assert (found["status"], found["result"]["stdout"]) == ("executed", "hello\n")
    assert found["decided_by"].endswith("(owner)")
    theirs = child.request("GET", f"/v1/audit?subject={approval}").json()
    assert [each["event"] for each in theirs] == ["executed", "approved", "requested"]
    assert theirs[1]["actor"].endswith("(owner)")
    mine = owner.request("GET", f"/v1/audit?subject={approval}").json()
    assert [(each["event"], each["what"]) for each in mine] == [("approved", "for Mia: echo hello")]
    again = owner.request("POST", f"{PATH}/{household.child_id}/{approval}/approve")
    assert again.status_code == 409


def test_an_owner_refuses(household: Household) -> None:
    approval = ask(household)
    path = f"{PATH}/{household.child_id}/{approval}/deny"
    refused = household.owner.request("POST", path, json={"reason": "Not today"})
    assert refused.status_code == 200, refused.text
    found = household.child.request("GET", f"/v1/approvals/{approval}").json()
    assert (found["status"], found["reason"]) == ("denied", "Not today")
    assert approval not in waiting(household)


def test_owners_are_told(household: Household) -> None:
    approval = ask(household)
    events = household.owner.request("GET", "/v1/events?after=0&follow=false").text
    told = [
        json.loads(line.removeprefix("data: "))
        for name, line in zip(events.splitlines(), events.splitlines()[1:], strict=False)
        if name == "event: supervised_approval_requested"
    ]
    assert (approval, "Mia") in {(each["id"], each["person"]) for each in told}
    child = household.child.request("GET", "/v1/events?after=0&follow=false").text
    assert "supervised_approval_requested" not in child


def test_nobody_else_decides_or_sees_it(household: Household, server: Server) -> None:
    approval = ask(household)
    path = f"{PATH}/{household.child_id}/{approval}"
    for key in (BOB_KEY, None):
        for method, where in (("GET", PATH), ("POST", f"{path}/approve"), ("POST", f"{path}/deny")):
            if key is None:
                answer = household.child.request(method, where)
            else:
                answer = server.request(method, where, key=key)
            assert answer.status_code == 403, where
    # A program that an owner gave an admin key reads, and decides nothing.
    body = {"name": "a program", "scopes": ["user", "approve", "admin"]}
    key = household.owner.request("POST", "/v1/api-keys", json=body).json()
    refused = server.request("POST", f"{path}/approve", key=key["key"])
    assert refused.status_code == 403
    household.owner.request("DELETE", f"/v1/api-keys/{key['id']}")
    assert household.child.request("GET", f"/v1/approvals/{approval}").json()["status"] == "pending"


def test_an_owner_decides_for_nobody_who_may_do_it_themselves(
    household: Household, server: Server
) -> None:
    owner = household.owner
    invited = owner.request("POST", "/v1/people", json={"name": "Ben", "role": "member"}).json()
    member, person = Browser(server.url), invited["person"]["id"]
    member.sign_in(code=invited["invitation"]["code"])
    approval = ask(Household(owner, member, person))
    assert approval not in {row["approval"]["id"] for row in owner.request("GET", PATH).json()}
    refused = server.request("POST", f"{PATH}/{person}/{approval}/approve", key=ADMIN_KEY)
    assert refused.status_code == 404
    owner.request("DELETE", f"/v1/people/{person}?confirm=erase")
