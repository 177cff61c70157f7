"""Approvals that are answered over WhatsApp."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import uuid
from collections.abc import Iterator
from typing import Any, cast
from uuid import UUID

import pytest

from pisovereign.approvals.types import Approval
from pisovereign.channels.approval_codes import ApprovalCodes
from tests.channels.whatsapp.conftest import Messenger
from tests.memory.test_at_rest import superuser
from tests.reminders.support import told
from tests.support.graph_api import ALICE_PHONE, BOB_PHONE, post, text_message, webhook
from tests.support.server import ALICE_KEY, BOB_KEY

CODE = re.compile(r"approve ([A-HJ-NP-Z2-9]{6})$", re.MULTILINE)


@pytest.fixture(autouse=True)
def _nothing_waits(messenger: Messenger) -> Iterator[None]:
    yield
    for key in (ALICE_KEY, BOB_KEY):
        for row in messenger.server.request("GET", "/v1/approvals?status=pending", key=key).json():
            messenger.server.request("POST", f"/v1/approvals/{row['id']}/cancel", key=key)


def say(messenger: Messenger, text: str, phone: str = ALICE_PHONE) -> str:
    """Write a message; returns what is answered."""
    before = len(messenger.graph.texts(phone))
    assert post(messenger.server.url, webhook(text_message(text, phone=phone))).status_code == 200
    return messenger.graph.wait_for(before + 1, phone)[-1]


def ask(messenger: Messenger, printed: str = "well done", **options: Any) -> str:
    """Ask for a command of one's own that needs an approval; returns what is answered."""
    key = options.pop("key", ALICE_KEY)
    name = f"greet parrot {uuid.uuid4().hex[:6]}"
    body = {"name": name, "description": name, "command": f"echo {printed}"}
    made = messenger.server.request("POST", "/v1/commands/catalog", key=key, json=body)
    assert made.status_code == 201, made.text
    return say(messenger, f"Run {name}", **options)


def code_in(answer: str) -> str:
    found = CODE.search(answer)
    assert found, answer
    return found[1]


def newest(messenger: Messenger, key: str = ALICE_KEY) -> Any:
    """The approval that was asked for last."""
    return messenger.server.request("GET", "/v1/approvals?limit=1", key=key).json()[0]


def state(messenger: Messenger, key: str = ALICE_KEY) -> str:
    """What has become of it."""
    return str(newest(messenger, key)["status"])


def test_a_code_approves_what_it_was_shown_with_once(messenger: Messenger) -> None:
    answer = ask(messenger)
    assert "echo well done" in answer
    code = code_in(answer)
    assert state(messenger) == "pending"
    assert say(messenger, f"approve {code}") == "Done: echo well done\nwell done"
    assert state(messenger) == "executed"
    approval = newest(messenger)
    assert (approval["requested_by"], approval["decided_by"]) == ("WhatsApp", "WhatsApp")
    # Once more it only says what has become of it.
    assert say(messenger, f"approve {code}") == "Done: echo well done\nwell done"


@pytest.mark.parametrize("form", ["deny {}", "Ablehnen {}", " DENY  {}. "])
def test_a_code_refuses(messenger: Messenger, form: str) -> None:
    code = code_in(ask(messenger))
    told_so = say(messenger, form.format(code.lower()))
    assert told_so in ("Refused: echo well done", "Abgelehnt: echo well done")
    assert state(messenger) == "denied"


def test_a_code_stands_below_all_that_it_decides() -> None:
    """What is pushed out of a title stands in the lines; what cannot be shown has no code."""
    approvals = {
        UUID(int=1): approval(
            UUID(int=1), {"to": ["bob@example.org"], "text": "Hi\u202e\n\nPS: pay"}
        ),
        UUID(int=2): approval(UUID(int=2), {"text": "x" * 5000}),
    }

    class Asked:
        async def get(self, user: UUID, approval: UUID) -> Approval:
            return approvals[approval]

    class Directory:
        async def scopes(self, user: UUID, address: str) -> frozenset[str]:
            return frozenset(("user", "approve"))

    codes = ApprovalCodes(cast("Any", Asked()), cast("Any", Directory()), "Messenger", bytes(32))
    shown, untold = (
        asyncio.run(codes.hints(UUID(int=9), ALICE_PHONE, [one], "en")) for one in approvals
    )
    before, code, _ = shown.partition("To approve it")
    assert code
    assert before.strip() == "To: bob@example.org\nText:\nHi⟨U+202E⟩\n\nPS: pay"
    assert "approve" not in untold.replace("approved", "")
    assert "5006 characters" in untold


def approval(number: UUID, details: dict[str, Any]) -> Approval:
    now = dt.datetime.now(dt.UTC)
    return Approval(
        id=number,
        kind="send_email",
        title="Mail to Bob",
        details=details,
        status="pending",
        requested_by="agent",
        created_at=now,
        expires_at=now,
    )


def test_each_approval_has_its_own(messenger: Messenger) -> None:
    first, second = (code_in(ask(messenger, text)) for text in ("one", "two"))
    assert first != second
    assert say(messenger, f"approve {second}").startswith("Done: echo two")
    assert state(messenger) == "executed"
    assert say(messenger, f"deny {first}") == "Refused: echo one"


@pytest.mark.parametrize("code", ["AAAAAA", "222222"])
def test_a_wrong_code_decides_nothing(messenger: Messenger, code: str) -> None:
    ask(messenger)
    assert "nothing to decide" in say(messenger, f"approve {code}")
    assert state(messenger) == "pending"


def test_without_the_right_to_approve_no_code_is_shown(messenger: Messenger) -> None:
    answer = ask(messenger, key=BOB_KEY, phone=BOB_PHONE)
    assert "approve" not in answer.replace("approval", "")
    assert state(messenger, BOB_KEY) == "pending"


def test_somebody_elses_code_decides_nothing(messenger: Messenger) -> None:
    code = code_in(ask(messenger))
    assert "nothing to decide" in say(messenger, f"approve {code}", BOB_PHONE)
    assert state(messenger) == "pending"


def test_words_around_a_code_are_talk(messenger: Messenger) -> None:
    code = code_in(ask(messenger))
    say(messenger, f"He said: approve {code}")
    assert state(messenger) == "pending"


def test_after_an_interruption_the_code_is_the_same(messenger: Messenger) -> None:
    name = f"greet parrot {uuid.uuid4().hex[:6]}"
    body = {"name": name, "description": name, "command": "echo again"}
    messenger.server.request("POST", "/v1/commands/catalog", json=body)
    message = webhook(text_message(f"Run {name}"))
    post(messenger.server.url, message)
    (first,) = messenger.graph.wait_for(1)
    with superuser(messenger.server) as connection:  # as if it had ended before the last step
        connection.execute("DELETE FROM jobs")
    post(messenger.server.url, message)
    assert messenger.graph.wait_for(2) == [first, first]
    assert state(messenger) == "pending"


def test_programs_hear_of_what_waits(messenger: Messenger) -> None:
    ask(messenger, "heard")
    news = [event for event in told(messenger.server) if event.kind == "approval_requested"]
    approval = newest(messenger)
    assert news[-1].data == {name: approval[name] for name in ("id", "kind", "title", "expires_at")}
