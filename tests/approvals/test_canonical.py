"""What is shown is what is done, whatever characters it was asked for with."""

from __future__ import annotations

from typing import Any

import pytest

from tests.approvals.conftest import Approvals
from tests.mcp.test_client import text_of, use
from tests.support.server import AGENT_KEY

AT = "2099-12-24T17:00:00Z"


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Call Ada\u202e eid", "Call Ada eid"),
        ("Call Ada\u3164\u3164\u3164\u3164 and send money", "Call Ada     and send money"),
        ("Call\u2800\u2800 Ada", "Call   Ada"),
        ("Call Ada" + " " * 150 + "and more", "Call Ada        and more"),
    ],
)
def test_title_and_payload_hold_nothing_that_hides(
    approvals: Approvals, title: str, shown: str
) -> None:
    arguments = {"title": title, "remind_at": AT}
    asked = use(approvals.server, "create_reminder", arguments, key=AGENT_KEY)
    approval = approvals.get(asked.structured_content["approval_id"])
    assert approval["details"]["title"] == shown
    assert " ".join(shown.split()) in approval["title"]
    assert {"name": "title", "label": "What", "text": shown} in approval["lines"]
    assert f"What: {shown}" in text_of(asked)


def test_nothing_can_be_asked_for_in_invisible_characters(approvals: Approvals) -> None:
    arguments = {"title": "\u3164\u2800", "remind_at": AT}
    asked = use(approvals.server, "create_reminder", arguments, key=AGENT_KEY)
    assert asked.is_error
    assert "only invisible characters" in text_of(asked)


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "Disk\u3164\u3164space"},
        {"name": "Disk" + " " * 40 + "space"},
        {"description": "Shows\u2800 space"},
        {"command": "echo 'a" + " " * 20 + "b'"},
    ],
)
def test_no_command_of_the_catalog_hides_its_end(approvals: Approvals, fields: Any) -> None:
    body = {"name": "Mine", "command": "echo a", **fields}
    assert approvals.catalog.request("POST", json=body).status_code == 422


def test_no_argument_of_a_command_hides_its_end(approvals: Approvals) -> None:
    made = approvals.catalog.add("cat {file:path:/srv}", key=AGENT_KEY)["id"]
    answer = approvals.catalog.execute(made, key=AGENT_KEY, file="a" + " " * 20 + "b")
    assert answer.status_code == 422
