"""Whatever waits for an approval can be approved from the command line, and over WhatsApp."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

import pytest

from pisovereign.channels.approval_codes import ApprovalCodes
from pisovereign.storage.sealing import load_key
from tests.approvals.kinds import KINDS
from tests.cli.test_commands import run
from tests.support.equipped import Equipped
from tests.support.graph_api import ALICE_PHONE, post, text_message, webhook
from tests.support.patience import PATIENCE_S
from tests.support.server import ALICE, ALICE_KEY, wait_until

Approve = Callable[[Equipped, dict[str, Any]], None]


def by_command_line(equipped: Equipped, approval: dict[str, Any]) -> None:
    environment = {"PISOVEREIGN_URL": equipped.server.url, "PISOVEREIGN_API_KEY": ALICE_KEY}
    done = run("approvals", "approve", approval["id"], "--yes", **environment)
    assert done.returncode == 0, done.stderr
    lines = [
        f"  {line['label']}: {line['text']}".replace("\n", "\n    ")
        for line in approval["lines"]
        if line["text"] != approval["title"]
    ]
    said = "\n".join([f"{approval['kind']}: {approval['title']}", *lines])
    assert done.stderr == f"{said}\n"
    assert done.stdout.strip()


def by_code(equipped: Equipped, approval: dict[str, Any]) -> None:
    """Over WhatsApp; the code is shown where the approval is asked for in a message."""
    key = load_key(equipped.server.data_dir / "master.key")
    codes = ApprovalCodes(cast("Any", None), cast("Any", None), "WhatsApp", key)
    code = codes.code(UUID(ALICE), ALICE_PHONE, UUID(approval["id"]))
    message = webhook(text_message(f"approve {code}"))
    assert post(equipped.server.url, message).status_code == 200
    (answer,) = equipped.graph.wait_for(1)
    assert answer.startswith(f"Done: {approval['title']}")


@pytest.mark.parametrize("approve", [by_command_line, by_code])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_approved_happens(equipped: Equipped, kind: str, approve: Approve) -> None:
    asked = KINDS[kind](equipped)
    path = f"/v1/approvals/{asked.id}"
    approval = equipped.server.request("GET", path).json()
    assert (approval["kind"], approval["status"]) == (kind, "pending")
    assert not asked.happened()
    approve(equipped, approval)
    assert equipped.server.request("GET", path).json()["status"] == "executed"
    wait_until(asked.happened, PATIENCE_S, "what was approved")
