"""Whoever decides is told of words and addresses that are easily taken for others."""

from __future__ import annotations

import uuid
from typing import Any

import msgspec
import pytest

from pisovereign.approvals.types import Approval
from pisovereign.approvals.wording import WARNING
from pisovereign.channels.approval_messages import approval_text
from pisovereign.languages import LANGUAGES
from tests.approvals.conftest import Approvals
from tests.mcp.test_client import text_of, use
from tests.support.equipped import Equipped
from tests.support.patience import PATIENCE_S
from tests.support.server import AGENT_KEY, wait_until

AT = "2099-12-24T17:00:00Z"
POSING = "Call Аnna"  # its A is Cyrillic


def test_letters_of_another_alphabet_are_named_first_on_every_way(approvals: Approvals) -> None:
    arguments = {"title": POSING, "remind_at": AT}
    asked = use(approvals.server, "create_reminder", arguments, key=AGENT_KEY)
    shown = approvals.get(asked.structured_content["approval_id"])
    warning = shown["lines"][0]
    assert warning["name"] == WARNING
    assert "“Аnna” only looks like “Anna”" in warning["text"]
    assert "А (U+0410 CYRILLIC CAPITAL LETTER A)" in warning["text"]
    # Programs, and a messenger.
    assert warning["text"] in text_of(asked)
    approval = msgspec.convert(shown, Approval)
    for language in LANGUAGES:
        assert "U+0410" in approval_text(approval, language)


def test_an_order_in_ones_own_alphabet_is_marked_nowhere(approvals: Approvals) -> None:
    arguments = {"title": "Позвонить Анне в Köln", "remind_at": AT}
    asked = use(approvals.server, "create_reminder", arguments, key=AGENT_KEY)
    shown = approvals.get(asked.structured_content["approval_id"])
    assert [line["name"] for line in shown["lines"]] == ["title", "remind_at"]


@pytest.mark.parametrize(
    ("to", "resembles"),
    [
        ("quentin@exarnple.org", ["quentin@exarnple.org ≠ quentin@example.org"]),
        ("quentin@xn--exmple-4nf.org", ["quentin@xn--exmple-4nf.org ≠ quentin@example.org"]),
        ("quentin@example.org", None),
        ("somebody@else.example", None),
    ],
)
def test_an_address_that_is_nearly_a_contacts_one_is_named(
    equipped: Equipped, to: str, resembles: list[str] | None
) -> None:
    book = f"near-{uuid.uuid4().hex[:6]}"
    equipped.radicale.make_address_book(book)
    card = (
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:q\r\nFN:Quentin Near\r\nN:Near;Quentin;;;\r\n"
        "EMAIL:quentin@example.org\r\nEND:VCARD\r\n"
    )
    equipped.radicale.add_card(book, "q", card)
    shown: dict[str, Any] = {}

    def is_known() -> bool:
        shown.update(_asked(equipped, to))
        return bool(shown["details"].get("resembles") == resembles)

    try:
        # An address book that takes long on a busy machine is not waited for.
        wait_until(is_known, PATIENCE_S, "the warning")
    finally:
        equipped.radicale.remove(book)
    lines = {line["name"]: line["text"] for line in shown["lines"]}
    assert lines.get("resembles") == (resembles[0] if resembles else None)
    assert (WARNING in lines) is ("xn--" in to)


def _asked(equipped: Equipped, to: str) -> dict[str, Any]:
    args = {"to": to, "subject": "Ferns", "body": "They grow."}
    body = {"command": "send_email", "args": args}
    asked = equipped.server.request("POST", "/v1/commands", json=body).json()
    path = f"/v1/approvals/{asked['approval_id']}"
    shown: dict[str, Any] = equipped.server.request("GET", path).json()
    equipped.server.request("POST", f"{path}/deny", json={})
    return shown
